-- Only TEXT and BIGINT: the same statements run on SQLite and PostgreSQL.
-- Times are microseconds since 1970, UTC.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    site TEXT NOT NULL,
    consent_version TEXT NOT NULL,
    consent_lang TEXT NOT NULL,
    context TEXT NOT NULL,
    mode TEXT NOT NULL,
    head BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    active_at BIGINT NOT NULL
);

CREATE INDEX sessions_active ON sessions (active_at);

CREATE TABLE events (
    session TEXT NOT NULL REFERENCES sessions (id),
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    cid TEXT,
    at BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session, seq),
    UNIQUE (session, role, cid)
);

CREATE TABLE feedback (
    session TEXT NOT NULL REFERENCES sessions (id),
    seq BIGINT NOT NULL,
    value TEXT NOT NULL,
    reason TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (session, seq)
);
