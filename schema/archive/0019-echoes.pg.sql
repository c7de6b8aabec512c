-- Copies of what was said in rooms that are not kept here, by other uids than
-- that of the message: uid is the copy's, said the message's, stamp when the
-- copy came, in microseconds since 1970.  session is whose copy it is, as a
-- digest, where only that tells a message that is repeated from copies of one;
-- or nothing.  They go after some days.
CREATE TABLE archive_echo (
	uid TEXT NOT NULL COLLATE "C" PRIMARY KEY,
	said TEXT NOT NULL COLLATE "C",
	stamp BIGINT NOT NULL,
	session TEXT NOT NULL
);

CREATE INDEX archive_echo_said ON archive_echo (said, session);
CREATE INDEX archive_echo_stamp ON archive_echo (stamp);
