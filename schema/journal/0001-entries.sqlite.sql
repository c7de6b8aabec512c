-- A queue on disk: what waits to be taken, in the order in which it came.
-- Times are microseconds since 1970: stamp, when it came.  The bytes are those
-- of the text, so that they are summed up without the texts being read.  An id
-- is never used again, as who takes goes on after the last one.
CREATE TABLE journal_entry (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	stamp BIGINT NOT NULL,
	bytes BIGINT NOT NULL,
	text TEXT NOT NULL
);

-- What nobody would have, under the id it had, with the reason and the time
-- when that was found out.
CREATE TABLE journal_aside (
	id INTEGER PRIMARY KEY,
	stamp BIGINT NOT NULL,
	bytes BIGINT NOT NULL,
	text TEXT NOT NULL,
	moved BIGINT NOT NULL,
	reason TEXT NOT NULL
);
