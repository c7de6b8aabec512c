-- Whom messages are from and for: bare addresses.
CREATE TABLE archive_address (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	jid TEXT NOT NULL UNIQUE
);

-- Each message once, whoever saw it.  serial is when it came here, in
-- microseconds since 1970, times 256, and the number of who wrote it; stamp,
-- when it was sent, where that is more than a second from that.  uid is the
-- same in all copies of a message; id the sender's own.  ways, flags and type
-- are those of shared/archive_row.h; rest has the children that have no column.
-- What is empty is NULL.
--
-- serial is in each index as well.
CREATE TABLE archive_message (
	serial INTEGER PRIMARY KEY,
	sender BIGINT NOT NULL,
	recipient BIGINT NOT NULL,
	stamp BIGINT,
	ways BIGINT NOT NULL,
	flags BIGINT NOT NULL,
	type BIGINT NOT NULL,
	uid TEXT NOT NULL UNIQUE,
	resource TEXT,
	to_resource TEXT,
	id TEXT,
	lang TEXT,
	subject TEXT,
	body TEXT,
	thread TEXT,
	rest TEXT
);
CREATE INDEX archive_message_sender ON archive_message (sender);
CREATE INDEX archive_message_recipient ON archive_message (recipient);

-- Who else was shown a message, and when, in microseconds since 1970.
CREATE TABLE archive_delivery (
	owner BIGINT NOT NULL,
	serial BIGINT NOT NULL,
	stamp BIGINT NOT NULL,
	PRIMARY KEY (owner, serial)
) WITHOUT ROWID;

-- Who writes here, so that no two make the same serial.
CREATE TABLE archive_writer (
	number BIGINT PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
);
