-- An id that a consultant gives a command is their own: another person's command with the same id is
-- another command.
DROP INDEX events_consultant_cid;
CREATE UNIQUE INDEX events_consultant_cid ON events (session, person, cid) WHERE role = 'consultant';
