-- Whose messages are being erased, until none is left that could be: those
-- that are held stay, and with them the line.  alias is who they are from and
-- to afterwards.
CREATE TABLE archive_erasure (
	jid TEXT NOT NULL PRIMARY KEY,
	alias TEXT NOT NULL,
	who TEXT NOT NULL,
	stamp BIGINT NOT NULL
);
