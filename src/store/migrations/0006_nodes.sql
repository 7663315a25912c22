-- Several nodes on one database: which of them run, and which visitors of the desk's sessions are
-- connected to each.
-- Only TEXT and BIGINT: the same statements run on SQLite and PostgreSQL.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    seen_at BIGINT NOT NULL
);

CREATE TABLE presence (
    node TEXT NOT NULL REFERENCES nodes (id),
    session TEXT NOT NULL,
    PRIMARY KEY (node, session)
);
