-- Messages for users who are away, in the order in which they came.  Times are
-- microseconds since 1970: arrived, when it came here, from which its end is
-- reckoned; stamp, when it was sent, as far as that is known.  The sender is a
-- bare address, and the resource its, or empty.
CREATE TABLE offline_message (
	serial BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	jid TEXT NOT NULL COLLATE "C",
	id TEXT NOT NULL COLLATE "C",
	sender TEXT NOT NULL,
	resource TEXT NOT NULL,
	arrived BIGINT NOT NULL,
	stamp BIGINT NOT NULL,
	stanza TEXT NOT NULL,
	UNIQUE (jid, id)
);
CREATE INDEX offline_message_jid ON offline_message (jid, serial);

-- How many of a user's messages are of whom is counted in it alone.
CREATE INDEX offline_message_sender ON offline_message (jid, sender);
