-- Stanzas that are kept until somebody has reviewed them.  uid is that of the
-- message in the archive; point is 0 where a user of the host sent it, 1 where
-- it is for one.  Times are microseconds since 1970: stamp, when it was sent;
-- since, when the check came, no two at one time.  Addresses are full ones, and
-- the stanza is whole.  What waits for a server of a policy has its name; for a
-- reviewer, nothing.
CREATE TABLE archive_held (
	uid TEXT NOT NULL PRIMARY KEY,
	host TEXT NOT NULL,
	point BIGINT NOT NULL,
	profile TEXT NOT NULL,
	stamp BIGINT NOT NULL,
	since BIGINT NOT NULL,
	sender TEXT NOT NULL,
	recipient TEXT NOT NULL,
	stanza TEXT NOT NULL,
	waits TEXT NOT NULL
);

CREATE INDEX archive_held_since ON archive_held (since, uid);
CREATE INDEX archive_held_waits ON archive_held (waits, since, uid);
