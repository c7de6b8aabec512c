-- Messages for users who are away, in the order in which they came.  Times are
-- microseconds since 1970: arrived, when it came here, from which its end is
-- reckoned; stamp, when it was sent, as far as that is known.  The sender is a
-- bare address, and the resource its, or empty.
CREATE TABLE offline_message (
	serial INTEGER PRIMARY KEY AUTOINCREMENT,
	jid TEXT NOT NULL,
	id TEXT NOT NULL,
	sender TEXT NOT NULL,
	resource TEXT NOT NULL,
	arrived BIGINT NOT NULL,
	stamp BIGINT NOT NULL,
	stanza TEXT NOT NULL,
	UNIQUE (jid, id)
);
-- In the order of serial, which is SQLite's own number of the row.
CREATE INDEX offline_message_jid ON offline_message (jid);

-- How many of a user's messages are of whom is counted in it alone.
CREATE INDEX offline_message_sender ON offline_message (jid, sender);
