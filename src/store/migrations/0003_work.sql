-- Teams and capacity, visitors who left, second factors, webhooks, tokens of the API.
-- Only TEXT and BIGINT: the same statements run on SQLite and PostgreSQL.
ALTER TABLE users ADD COLUMN teams TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN capacity BIGINT;

-- When a visitor's chat was last connected while the session waited.
ALTER TABLE sessions ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;

-- When whoever is signed in last proved it again.
ALTER TABLE user_sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;

CREATE TABLE second_factors (
    person TEXT PRIMARY KEY REFERENCES users (id),
    secret TEXT NOT NULL,
    -- NULL until a first code was right.
    confirmed_at BIGINT,
    -- The time step of the last code: none is taken twice.
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    person TEXT NOT NULL REFERENCES users (id),
    code_hash TEXT NOT NULL,
    PRIMARY KEY (person, code_hash)
);

-- Who wants to hear of what; taken from the configuration at every start.
CREATE TABLE webhooks (
    name TEXT PRIMARY KEY,
    -- Names of events, each between commas.
    events TEXT NOT NULL
);

-- One row for each event and receiver, written in the event's own transaction.
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    webhook TEXT NOT NULL,
    message TEXT NOT NULL,
    session TEXT NOT NULL,
    event TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    result TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL
);

CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'pending';
CREATE INDEX deliveries_session ON deliveries (session);

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT NOT NULL,
    revoked_at BIGINT
);
