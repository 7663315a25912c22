-- The medicine that a session is about: the one that the bot last answered on. Its page's, where it
-- has answered on none, stands in the context.
ALTER TABLE sessions ADD COLUMN about TEXT;
