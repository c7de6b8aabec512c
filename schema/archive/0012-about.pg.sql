-- Which other message a message is about, by the id that it names, and how
-- (enum archive_relation of shared/archive_row.h).  Most are about none, and
-- pay nothing for it.
ALTER TABLE archive_message ADD COLUMN relation SMALLINT;
ALTER TABLE archive_message ADD COLUMN about TEXT COLLATE "C";
CREATE INDEX ON archive_message USING hash (about) WHERE about IS NOT NULL;
