/*
 * attendance.h - who is in a room, as its archive is to know
 * (shared/archive_attendance.h).
 *
 * What has changed is told when something is said, so that whoever comes and
 * goes in silence is told of to nobody.
 */
#ifndef MUC_ATTENDANCE_H
#define MUC_ATTENDANCE_H

#include <stddef.h>
#include <stdint.h>

struct attendance;
struct history_sent;
struct room;

/* A session of that bare address is in the room, or is no longer.  Nothing is
   kept where there is no archive at all. */
void attendance_enter(struct room *room, const char *jid);
void attendance_leave(struct room *room, const char *jid);

/* Something that all who are inside are shown is put into the archive next; now
   is in microseconds since 1970. */
void attendance_note(const struct room *room, int64_t now);
/* Some of those inside were shown what was said before they came; people are
   bare addresses. */
void attendance_catch_up(const struct room *room, const char *const *people,
			 size_t count, const struct history_sent *sent);

/* The room goes, once nobody is inside. */
void attendance_end(struct room *room);

#endif
