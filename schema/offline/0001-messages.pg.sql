-- Messages for users who are away, in the order in which they came.  Times are
-- microseconds since 1970: arrived, when it came here, from which its end is
-- reckoned; stamp, when it was sent, as far as that is known.  The sender is a
-- bare address, and the resource its, or empty.
--
-- There is one index beside the key, as each is a page to be written for each
-- message: it finds a user's messages, counts them by sender, and lets none in
-- twice, without a look at the table.
CREATE TABLE offline_message (
	serial BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	jid TEXT NOT NULL COLLATE "C",
	id TEXT NOT NULL COLLATE "C",
	sender TEXT NOT NULL COLLATE "C",
	resource TEXT NOT NULL,
	arrived BIGINT NOT NULL,
	stamp BIGINT NOT NULL,
	stanza TEXT NOT NULL,
	UNIQUE (jid, sender, id) INCLUDE (serial)
);
