-- Hand-offs, the accounts of consultants, notes, forms and the audit log.
-- Only TEXT and BIGINT: the same statements run on SQLite and PostgreSQL.
ALTER TABLE sessions ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN reason TEXT;
ALTER TABLE sessions ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN moves BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN since BIGINT;
ALTER TABLE sessions ADD COLUMN deadline BIGINT;
ALTER TABLE sessions ADD COLUMN escalations BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN wanted TEXT;
ALTER TABLE sessions ADD COLUMN assignee TEXT;
ALTER TABLE sessions ADD COLUMN outcome TEXT;
-- What stays when the hand-off has moved on: for looking back, and for figures.
ALTER TABLE sessions ADD COLUMN last_assignee TEXT;
ALTER TABLE sessions ADD COLUMN queued_at BIGINT;
ALTER TABLE sessions ADD COLUMN claimed_at BIGINT;
ALTER TABLE sessions ADD COLUMN replied_at BIGINT;
ALTER TABLE sessions ADD COLUMN closed_at BIGINT;

CREATE INDEX sessions_waiting ON sessions (priority, since) WHERE mode IN ('queued', 'human');
CREATE INDEX sessions_handed ON sessions (queued_at) WHERE queued_at IS NOT NULL;

-- The consultant who wrote a message.
ALTER TABLE events ADD COLUMN person TEXT;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    password TEXT NOT NULL,
    available TEXT NOT NULL,
    disabled_at BIGINT,
    seen_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE user_sessions (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL REFERENCES users (id),
    agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    active_at BIGINT NOT NULL
);

CREATE TABLE tickets (
    ticket_hash TEXT PRIMARY KEY,
    user_session TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Read by the desk alone: no statement of a visitor's path names this table.
CREATE TABLE notes (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (id),
    person TEXT NOT NULL REFERENCES users (id),
    cid TEXT NOT NULL,
    at BIGINT NOT NULL,
    words TEXT NOT NULL,
    UNIQUE (session, person, cid)
);

CREATE TABLE forms (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (id),
    consent_version TEXT NOT NULL,
    consent_lang TEXT NOT NULL,
    name TEXT NOT NULL,
    contact TEXT NOT NULL,
    preferred TEXT NOT NULL,
    service TEXT NOT NULL,
    words TEXT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL,
    due_at BIGINT NOT NULL
);

CREATE INDEX forms_session ON forms (session);

CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);
