-- The log with fewer index pages to write: a retry can only come from a visitor or a consultant,
-- so only their messages are found by the writer's own id.
-- Only TEXT and BIGINT: the same statements run on SQLite and PostgreSQL.
CREATE TABLE log (
    session TEXT NOT NULL REFERENCES sessions (id),
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    cid TEXT,
    at BIGINT NOT NULL,
    body TEXT NOT NULL,
    person TEXT,
    PRIMARY KEY (session, seq)
);

INSERT INTO log (session, seq, kind, role, cid, at, body, person)
SELECT session, seq, kind, role, cid, at, body, person
FROM events
ORDER BY session, seq;

DROP TABLE events;

ALTER TABLE log RENAME TO events;

CREATE UNIQUE INDEX events_visitor_cid ON events (session, cid) WHERE role = 'visitor';
CREATE UNIQUE INDEX events_consultant_cid ON events (session, cid) WHERE role = 'consultant';
