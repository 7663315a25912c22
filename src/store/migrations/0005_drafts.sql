-- Editors' drafts of articles, and every step of each.
-- Only TEXT and BIGINT: the same statements run on SQLite and PostgreSQL.
CREATE TABLE drafts (
    id TEXT PRIMARY KEY,
    -- Path of the article under the knowledge folder.
    article TEXT NOT NULL,
    -- Version and text that it was written from; empty for a new article.
    base TEXT NOT NULL,
    base_text TEXT NOT NULL,
    body TEXT NOT NULL,
    -- What it changes, and why.
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Grows with every change of the text: an approval is of one revision.
    revision BIGINT NOT NULL,
    author TEXT NOT NULL REFERENCES users (id),
    reviewer TEXT,
    -- The generation that it was published in.
    generation BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE INDEX drafts_changed ON drafts (changed_at);

CREATE TABLE draft_steps (
    draft TEXT NOT NULL REFERENCES drafts (id),
    seq BIGINT NOT NULL,
    person TEXT NOT NULL REFERENCES users (id),
    action TEXT NOT NULL,
    revision BIGINT NOT NULL,
    words TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (draft, seq)
);
