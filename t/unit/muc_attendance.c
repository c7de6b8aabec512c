#include "components/muc/attendance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/chronicle.h"
#include "components/muc/history.h"
#include "shared/archive_attendance.h"
#include "shared/archive_outlet.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/drain_wait.h"
#include "t/lib/chroniclebed.h"

#define COUNT "SELECT count(*) FROM archive_attendance "

static void
say(struct chroniclebed *bed, const char *uid)
{
	attendance_note(&bed->room, clock_now());
	chroniclebed_say(bed, uid, uid);
}

static void
enter(struct chroniclebed *bed, const char *jid)
{
	attendance_enter(&bed->room, jid);
}

static void
leave(struct chroniclebed *bed, const char *jid)
{
	attendance_leave(&bed->room, jid);
}

/* Who was shown a message, of those whose address is a letter; once it is
   there. */
static void
assert_shown(struct chroniclebed *bed, const char *uid, const char *wanted)
{
	char found[27] = "", *at = found;

	chroniclebed_wait(bed, arena_printf(bed->arena, "SELECT count(*) FROM "
		"archive_message WHERE uid = '%s'", uid), 1);
	for (char who = 'a'; who <= 'f'; who++) {
		const char *sql = arena_printf(bed->arena,
			"SELECT count(*) FROM archive_message m, "
			"archive_address a WHERE m.uid = '%s' AND a.jid = '%c' "
			"AND a.id IN (" ARCHIVE_ATTENDANCE_SHOWN ")", uid,
			who);

		if (database_ask(bed->db, sql) == 1)
			*at++ = who;
	}
	*at = '\0';
	if (strcmp(found, wanted) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", uid, found, wanted);
}

static void
leave_all(struct chroniclebed *bed, const char *who)
{
	for (; *who != '\0'; who++)
		leave(bed, (char[]){ *who, '\0' });
	attendance_end(&bed->room);
}

static void
tells_who_is_inside(void **state)
{
	struct chroniclebed *bed = *state;

	enter(bed, "a");
	say(bed, "u1");
	enter(bed, "b");
	say(bed, "u2");
	leave(bed, "a");
	say(bed, "u3");
	assert_shown(bed, "u3", "b");
	assert_shown(bed, "u2", "ab");
	assert_shown(bed, "u1", "a");
	leave_all(bed, "b");
}

static void
counts_each_address_once(void **state)
{
	struct chroniclebed *bed = *state;

	enter(bed, "a");
	enter(bed, "a");
	say(bed, "u1");
	leave(bed, "a");
	say(bed, "u2");
	leave(bed, "a");
	say(bed, "u3");
	assert_shown(bed, "u3", "");
	assert_shown(bed, "u2", "a");
	chroniclebed_wait(bed, COUNT, 1);
	leave_all(bed, "");
}

static void
tells_of_nobody_who_was_shown_nothing(void **state)
{
	struct chroniclebed *bed = *state;

	enter(bed, "a");
	enter(bed, "b");
	leave(bed, "b");
	say(bed, "u1");
	leave(bed, "a");
	enter(bed, "a");
	say(bed, "u2");
	assert_shown(bed, "u1", "a");
	assert_shown(bed, "u2", "a");
	chroniclebed_wait(bed, COUNT, 1);
	leave_all(bed, "a");
}

static void
ends_with_the_room(void **state)
{
	struct chroniclebed *bed = *state;

	enter(bed, "a");
	say(bed, "u1");
	leave_all(bed, "a");
	chroniclebed_wait(bed, COUNT "WHERE last < "
			  ARCHIVE_ATTENDANCE_OPEN, 1);
	say(bed, "u2");
	assert_shown(bed, "u2", "");
	assert_null(bed->room.attendance);
}

/* The next process says who is inside by itself. */
static void
ends_with_the_process(void **state)
{
	struct chroniclebed *bed = *state;

	enter(bed, "a");
	enter(bed, "b");
	say(bed, "u1");
	assert_shown(bed, "u1", "ab");
	chroniclebed_close(bed);
	/* As after a kill: nobody has told who left. */
	assert_int_equal(database_ask(bed->db, COUNT "WHERE last = "
				      ARCHIVE_ATTENDANCE_OPEN), 2);
	leave_all(bed, "ab");
	assert_int_equal(chroniclebed_open(bed), 0);
	enter(bed, "b");
	say(bed, "u2");
	assert_shown(bed, "u2", "b");
	chroniclebed_wait(bed, COUNT "WHERE last = " ARCHIVE_ATTENDANCE_OPEN,
			  1);
	leave_all(bed, "b");
}

/* In UTC. */
static void
begins_anew_each_day(void **state)
{
	const int64_t day = 24 * 3600LL * CLOCK_SECOND;
	struct chroniclebed *bed = *state;
	int64_t now = clock_now() / day * day + day / 2;

	enter(bed, "a");
	attendance_note(&bed->room, now);
	attendance_note(&bed->room, now + day / 2 - 1);
	say(bed, "u1");
	assert_shown(bed, "u1", "a");
	chroniclebed_wait(bed, COUNT, 1);
	attendance_note(&bed->room, now + day / 2);
	chroniclebed_wait(bed, COUNT "WHERE last < "
			  ARCHIVE_ATTENDANCE_OPEN, 1);
	chroniclebed_wait(bed, COUNT "WHERE last = "
			  ARCHIVE_ATTENDANCE_OPEN, 1);
	leave_all(bed, "a");
}

static void
divides_a_large_room(void **state)
{
	struct chroniclebed *bed = *state;
	char who[16];

	for (int i = 0; i < ARCHIVE_ATTENDANCE_PEOPLE + 1; i++) {
		snprintf(who, sizeof(who), "n%d", i);
		enter(bed, who);
	}
	say(bed, "u1");
	chroniclebed_wait(bed, COUNT, ARCHIVE_ATTENDANCE_PEOPLE + 1);
	for (int i = 0; i < ARCHIVE_ATTENDANCE_PEOPLE + 1; i++) {
		snprintf(who, sizeof(who), "n%d", i);
		leave(bed, who);
	}
	say(bed, "u2");
	chroniclebed_wait(bed, COUNT "WHERE last < "
			  ARCHIVE_ATTENDANCE_OPEN,
			  ARCHIVE_ATTENDANCE_PEOPLE + 1);
	leave_all(bed, "");
}

static void
tells_who_caught_up(void **state)
{
	const struct history_sent sent = {
		.messages = 1, .since = clock_now() - CLOCK_SECOND,
	};
	struct chroniclebed *bed = *state;

	say(bed, "u1");
	say(bed, "u2");
	enter(bed, "a");
	attendance_catch_up(&bed->room, (const char *[]){ "a" }, 1, &sent);
	say(bed, "u3");
	assert_shown(bed, "u3", "a");
	assert_shown(bed, "u2", "a");
	assert_shown(bed, "u1", "");
	leave_all(bed, "a");
}

/* Nobody was shown anything, or it is in no archive. */
static void
does_not_tell_who_did_not(void **state)
{
	const struct history_sent sent = { .messages = 1 }, none = { 0 };
	struct chroniclebed *bed = *state;

	say(bed, "u1");
	enter(bed, "a");
	attendance_catch_up(&bed->room, (const char *[]){ "a" }, 1, &none);
	bed->room.options.enablearchiving = false;
	attendance_catch_up(&bed->room, (const char *[]){ "a" }, 1, &sent);
	bed->room.options.enablearchiving = true;
	say(bed, "u2");
	assert_shown(bed, "u2", "a");
	assert_shown(bed, "u1", "");
	leave_all(bed, "a");
}

static void
keeps_nothing_without_an_archive(void **state)
{
	struct chroniclebed *bed = *state;
	struct muc none = { 0 };
	struct room room = { .muc = &none };

	(void)bed;
	attendance_enter(&room, "a");
	assert_null(room.attendance);
	attendance_leave(&room, "a");
	attendance_end(&room);
}

#define CROWD (ARCHIVE_ATTENDANCE_PEOPLE * 3)

/* People of long names. */
static void
crowd(struct chroniclebed *bed, void (*fn)(struct chroniclebed *bed,
					   const char *jid))
{
	for (int i = 0; i < CROWD; i++)
		fn(bed, arena_printf(bed->arena, "n%03000d", i));
}

/* A full journal takes neither; once it does again, all are told of anew. */
static void
on_drained(void *ctx)
{
	(void)ctx;
}

/* The journal has room for all that is to be told anew. */
static void
wait_drained(struct chroniclebed *bed)
{
	struct drain_wait wait = { .fn = on_drained };

	for (int i = 0; i < 6000; i++) {
		if (chronicle_await(bed->muc.chronicle, &wait) ==
		    ARCHIVE_OUTLET_SETTLED)
			return;
		database_run(bed->db, 10);
		drain_wait_end(&wait);
	}
	fail_msg("it is not drained");
}

static void
begins_anew_when_something_was_lost(void **state)
{
	struct chroniclebed *bed = *state;
	char *large = arena_alloc(bed->arena, CHRONICLEBED_BYTES / 3);

	enter(bed, "a");
	say(bed, "u1");
	assert_shown(bed, "u1", "a");
	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	memset(large, 'a', CHRONICLEBED_BYTES / 3 - 1);
	chroniclebed_say(bed, "v1", large);
	chroniclebed_say(bed, "v2", large);
	crowd(bed, enter);
	assert_int_equal(chronicle_age(bed->muc.chronicle), 0);
	say(bed, "u2");
	leave(bed, "a");
	for (int i = 0; i < 6000 && chronicle_age(bed->muc.chronicle) == 0; i++)
		database_run(bed->db, 10);
	assert_true(chronicle_age(bed->muc.chronicle) > 0);
	database_do(bed->db, "DROP TRIGGER away");
	assert_shown(bed, "u2", "a");
	wait_drained(bed);
	say(bed, "u3");
	assert_shown(bed, "u3", "");
	chroniclebed_wait(bed, "SELECT count(*) FROM archive_message m "
			  "JOIN archive_attendance t ON "
			  ARCHIVE_ATTENDANCE_HAS " WHERE m.uid = 'u3'", CROWD);
	crowd(bed, leave);
	leave_all(bed, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHRONICLEBED_TEST(tells_who_is_inside),
		CHRONICLEBED_TEST(counts_each_address_once),
		CHRONICLEBED_TEST(tells_of_nobody_who_was_shown_nothing),
		CHRONICLEBED_TEST(ends_with_the_room),
		CHRONICLEBED_TEST(ends_with_the_process),
		CHRONICLEBED_TEST(begins_anew_each_day),
		CHRONICLEBED_TEST(divides_a_large_room),
		CHRONICLEBED_TEST(tells_who_caught_up),
		CHRONICLEBED_TEST(does_not_tell_who_did_not),
		CHRONICLEBED_TEST(keeps_nothing_without_an_archive),
		CHRONICLEBED_TEST(begins_anew_when_something_was_lost),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_attendance", tests,
					   chroniclebed_folder,
					   database_teardown);
}
