/*
 * archive_attendance-private.h - what writes who was in a room, and how each
 * database wants it said.
 *
 * Parameters: $1 the serial, $2 the room, $3 the people; $4, $5 the first
 * serial of what was said, and the one behind the last, $6 how much of it.
 */
#ifndef SHARED_ARCHIVE_ATTENDANCE_PRIVATE_H
#define SHARED_ARCHIVE_ATTENDANCE_PRIVATE_H

#include "shared/archive_attendance.h"

struct archive_attendance_sql {
	const char *came, *left, *caught_up;
};

extern const struct archive_attendance_sql archive_attendance_pg;
extern const struct archive_attendance_sql archive_attendance_sqlite;

#endif
