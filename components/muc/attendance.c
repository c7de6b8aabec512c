#include "components/muc/attendance.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "components/muc/chronicle.h"
#include "components/muc/chronicle_address.h"
#include "components/muc/coverage.h"
#include "components/muc/history.h"
#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "components/muc/table.h"
#include "shared/archive_attendance.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"

#define DAY_SECS (24 * 3600LL)

struct attendee {
	unsigned sessions;
	bool told;		/* the archive takes it to be inside */
	bool changed;		/* it is listed */
	struct attendee *next;	/* in attendance->changed */
	UT_hash_handle hh;	/* in attendance->people, by jid */
	char jid[];
};

struct attendance {
	struct attendee *people;
	struct attendee *changed;
	size_t told;		/* how many are */
	int64_t day;		/* since 1970, on which they were */
	unsigned age;		/* chronicle_age() then */
};

static struct attendee *
find(const struct attendance *attendance, const char *jid)
{
	struct attendee *attendee;

	HASH_FIND_STR(attendance->people, jid, attendee);
	return attendee;
}

static struct attendee *
add(struct attendance *attendance, const char *jid)
{
	size_t size = strlen(jid) + 1;
	struct attendee *attendee = calloc(1, sizeof(*attendee) + size);

	ensure(attendee != NULL);
	memcpy(attendee->jid, jid, size);
	HASH_ADD_STR(attendance->people, jid, attendee);
	return attendee;
}

static void
note_change(struct attendance *attendance, struct attendee *attendee)
{
	if (attendee->changed)
		return;
	attendee->changed = true;
	LL_PREPEND(attendance->changed, attendee);
}

void
attendance_enter(struct room *room, const char *jid)
{
	struct attendee *attendee;

	if (room->muc->chronicle == NULL)
		return;
	if (room->attendance == NULL) {
		room->attendance = calloc(1, sizeof(*room->attendance));
		ensure(room->attendance != NULL);
	}
	attendee = find(room->attendance, jid);
	if (attendee == NULL)
		attendee = add(room->attendance, jid);
	if (attendee->sessions++ == 0)
		note_change(room->attendance, attendee);
}

void
attendance_leave(struct room *room, const char *jid)
{
	struct attendee *attendee;

	if (room->attendance == NULL)
		return;
	attendee = find(room->attendance, jid);
	ensure(attendee != NULL && attendee->sessions > 0);
	if (--attendee->sessions == 0)
		note_change(room->attendance, attendee);
}

/* Those of a kind, on their way to the archive. */
struct roll {
	struct chronicle *chronicle;
	struct archive_attendance attendance;
	const char *people[ARCHIVE_ATTENDANCE_PEOPLE];
};

static struct roll
roll_of(const struct room *room, struct arena *arena,
	enum archive_attendance_kind kind)
{
	return (struct roll){
		.chronicle = room->muc->chronicle,
		.attendance = {
			.kind = kind,
			.room = chronicle_address(room, arena),
		},
	};
}

static void
tell(struct roll *roll)
{
	roll->attendance.people = roll->people;
	chronicle_attend(roll->chronicle, &roll->attendance);
	roll->attendance.count = 0;
}

static void
call_out(struct roll *roll, const char *jid)
{
	roll->people[roll->attendance.count++] = jid;
	if (roll->attendance.count == ARCHIVE_ATTENDANCE_PEOPLE)
		tell(roll);
}

/* Of those that changed: who is inside, or who is not. */
static void
tell_some(const struct room *room, struct arena *arena, bool inside)
{
	struct roll roll = roll_of(room, arena, inside ?
				   ARCHIVE_ATTENDANCE_CAME :
				   ARCHIVE_ATTENDANCE_LEFT);
	struct attendance *attendance = room->attendance;
	struct attendee *at;

	LL_FOREACH(attendance->changed, at) {
		if ((at->sessions > 0) != inside || at->told == inside)
			continue;
		at->told = inside;
		attendance->told += inside ? 1 : -(size_t)1;
		call_out(&roll, at->jid);
	}
	if (roll.attendance.count > 0)
		tell(&roll);
}

static void
settle(struct attendance *attendance)
{
	struct attendee *at, *next;

	LL_FOREACH_SAFE(attendance->changed, at, next) {
		at->changed = false;
		if (at->sessions > 0)
			continue;
		HASH_DEL(attendance->people, at);
		free(at);
	}
	attendance->changed = NULL;
}

static void
tell_end(const struct room *room, struct arena *arena)
{
	struct roll roll = roll_of(room, arena, ARCHIVE_ATTENDANCE_ENDED);

	tell(&roll);
}

/* All who are inside are told of anew. */
static void
begin_anew(const struct room *room, struct arena *arena)
{
	struct attendance *attendance = room->attendance;
	struct attendee *at;

	if (attendance->told > 0)
		tell_end(room, arena);
	attendance->told = 0;
	for (at = attendance->people; at != NULL; at = at->hh.next) {
		at->told = false;
		note_change(attendance, at);
	}
}

static bool
is_told(const struct attendance *attendance, int64_t day, unsigned age)
{
	return attendance->changed == NULL && attendance->day == day &&
	       attendance->age == age;
}

void
attendance_note(const struct room *room, int64_t now)
{
	const struct chronicle *chronicle = room->muc->chronicle;
	struct attendance *attendance = room->attendance;
	int64_t day = now / CLOCK_SECOND / DAY_SECS;
	struct arena *arena;
	unsigned age;

	if (attendance == NULL || !chronicle_attends(chronicle))
		return;
	age = chronicle_age(chronicle);
	if (is_told(attendance, day, age))
		return;
	arena = arena_new();
	if (attendance->day != day || attendance->age != age)
		begin_anew(room, arena);
	attendance->day = day;
	attendance->age = age;
	tell_some(room, arena, false);
	tell_some(room, arena, true);
	settle(attendance);
	arena_free(&arena);
}

void
attendance_catch_up(const struct room *room, const char *const *people,
		    size_t count, const struct history_sent *sent)
{
	struct arena *arena;
	struct roll roll;

	if (sent->messages == 0 ||
	    !coverage_has(room->muc, &room->options))
		return;
	arena = arena_new();
	roll = roll_of(room, arena, ARCHIVE_ATTENDANCE_CAUGHT_UP);
	roll.attendance.messages = sent->messages;
	roll.attendance.since = sent->since < 0 ? 0 : sent->since;
	roll.attendance.until = clock_now();
	for (size_t i = 0; i < count; i++)
		call_out(&roll, people[i]);
	if (roll.attendance.count > 0)
		tell(&roll);
	arena_free(&arena);
}

void
attendance_end(struct room *room)
{
	struct arena *arena;

	if (room->attendance == NULL)
		return;
	if (room->attendance->told > 0) {
		arena = arena_new();
		tell_end(room, arena);
		arena_free(&arena);
	}
	settle(room->attendance);
	ensure(room->attendance->people == NULL);
	free(room->attendance);
	room->attendance = NULL;
}
