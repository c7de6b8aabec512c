-- Who was in a room, and when (shared/archive_attendance.h): owner and room are
-- addresses, first and last serials that no message has.  He was shown what the
-- room's archive has between them.  While he is there, last is
-- 9223372036854775807.
CREATE TABLE archive_attendance (
	room BIGINT NOT NULL,
	first BIGINT NOT NULL,
	owner BIGINT NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY (room, first, owner)
) WITHOUT ROWID;
CREATE INDEX archive_attendance_owner ON archive_attendance (owner, first);
CREATE INDEX archive_attendance_open ON archive_attendance (room, owner)
	WHERE last = 9223372036854775807;

-- Who was shown later what was said in a room's archive, that of the address
-- room; nobody has written there yet.
ALTER TABLE archive_delivery ADD COLUMN room BIGINT NOT NULL DEFAULT 0;
