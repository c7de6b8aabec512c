#include "components/archive/retention/sweep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_attendance.h"
#include "shared/archive_event.h"
#include "shared/archive_row.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NOW 1795953600000000	/* 2026-11-29T12:00:00Z */
#define DAY (24LL * 3600 * 1000000)
#define SENT ARCHIVE_SENT
#define RECEIVED ARCHIVE_RECEIVED
#define BOTH (SENT | RECEIVED)
#define ALL "SELECT count(*) FROM archive_message"

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* One that came so many days ago. */
static struct archive_row
row(int days, const char *uid, const char *from, const char *to,
    unsigned ways)
{
	int64_t stamp = NOW - days * DAY;
	int64_t number = strtol(uid + 1, NULL, 10);

	return (struct archive_row){
		.mark = { .serial = serial_first_of(stamp + number),
			  .stamp = stamp, .uid = uid, .ways = ways },
		.type = ARCHIVE_CHAT, .sender = from, .recipient = to,
		.resource = "", .to_resource = "", .body = "Wherefore?",
	};
}

struct outcome {
	bool done;
	struct error err;
};

static void
on_done(void *ctx, const struct error *err)
{
	struct outcome *outcome = ctx;

	assert_false(outcome->done);
	outcome->done = true;
	if (err != NULL)
		outcome->err = *err;
}

static struct sweep *
begin(struct database *db, const char *const *rules, bool dry,
      struct outcome *outcome)
{
	const struct sweep_plan plan = {
		.loop = &db->loop, .store = db->store, .rules = rules,
		.now = NOW, .dry = dry, .done = on_done, .ctx = outcome,
	};

	return sweep_new(&plan);
}

static struct sweep *
sweep_all(struct database *db, const char *const *rules, bool dry)
{
	struct outcome outcome = { 0 };
	struct sweep *sweep = begin(db, rules, dry, &outcome);

	assert_false(outcome.done);
	database_wait(db, &outcome.done);
	assert_string_equal(outcome.err.text, "");
	return sweep;
}

#define RULES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
sweep_away(struct database *db, const char *const *rules)
{
	struct sweep *sweep = sweep_all(db, rules, false);

	sweep_free(&sweep);
	database_run(db, 1);
}

/* The uids and ways of what is left, in order: "u1=3 u2=1". */
static void
assert_left(struct database *db, const char *wanted)
{
	struct database_answer got = { 0 };

	store_read(db->store, db->kind == DATABASE_POSTGRES ?
		   "SELECT string_agg(uid || '=' || ways, ' ' ORDER BY uid) "
		   "FROM archive_message" :
		   "SELECT group_concat(uid || '=' || ways, ' ') FROM "
		   "(SELECT uid, ways FROM archive_message ORDER BY uid)",
		   NULL, 0, database_take, &got);
	database_wait(db, &got.done);
	assert_string_equal(got.cells[0] == NULL ? "" : got.cells[0], wanted);
	database_answer_fini(&got);
}

/* Each side for itself; what neither has is nowhere. */
static void
ends_each_copy_for_itself(void **state)
{
	const struct archive_row rows[] = {
		row(9, "u1", "r@a", "j@b", BOTH),
		row(9, "u2", "j@b", "r@a", BOTH | ARCHIVE_SHOWN),
		row(9, "u3", "r@a", "n@c", SENT),
		row(9, "u4", "n@c", "r@a", RECEIVED),
		row(1, "u5", "r@a", "j@b", BOTH),
		row(1, "u6", "j@b", "n@c", SENT),
		row(9, "u7", "r@a", "r@a", BOTH),
		row(29, "u8", "r@a", "j@b", BOTH),
	};

	archivebed_write(*state, rows, ARRAY_LEN(rows));
	sweep_away(*state, RULES("user r@a 2d", "user j@b 12d"));
	assert_left(*state, "u1=2 u2=1 u5=3 u6=1");
	sweep_away(*state, RULES("user r@a 2d", "user j@b 12d"));
	assert_left(*state, "u1=2 u2=1 u5=3 u6=1");
	sweep_away(*state, RULES("domain b 2d"));
	assert_left(*state, "u5=3 u6=1");
	sweep_away(*state, RULES("kind remote 1s", "domain c 1s"));
	assert_left(*state, "u5=3 u6=1");
	sweep_away(*state, RULES("all 1s"));
	assert_left(*state, "");
}

/* By the same rules. */
static void
ends_copies_that_are_unseen(void **state)
{
	const struct archive_row rows[] = {
		row(9, "u1", "r@a", "j@b", ARCHIVE_UNSEEN(BOTH)),
		row(9, "u2", "r@a", "j@b", ARCHIVE_UNSEEN(SENT) | RECEIVED),
		row(9, "u3", "r@a", "j@b", SENT |
		    ARCHIVE_UNSEEN(ARCHIVE_SHOWN)),
		row(1, "u4", "r@a", "j@b", ARCHIVE_UNSEEN(BOTH)),
	};

	archivebed_write(*state, rows, ARRAY_LEN(rows));
	sweep_away(*state, RULES("user r@a 2d"));
	assert_left(*state, "u1=16 u2=2 u3=32 u4=24");
	sweep_away(*state, RULES("user j@b 2d"));
	assert_left(*state, "u4=24");
}

static void
ends_kinds_for_themselves(void **state)
{
	struct archive_row rows[] = {
		row(9, "u1", "r@a", "j@b", BOTH),
		row(9, "u2", "r@a", "j@b", BOTH),
		row(9, "u3", "r@a", "j@b", RECEIVED),
		row(9, "u4", "r@a", "j@b", RECEIVED),
	};

	rows[1].mark.flags = ARCHIVE_ENCRYPTED;
	rows[2].mark.flags = ARCHIVE_REMOTE;
	rows[3].mark.flags = ARCHIVE_REMOTE | ARCHIVE_ENCRYPTED;
	archivebed_write(*state, rows, ARRAY_LEN(rows));
	sweep_away(*state, RULES("kind encrypted kind remote 2d"));
	assert_left(*state, "u1=3 u2=3 u3=2");
	sweep_away(*state, RULES("user r@a kind encrypted 2d"));
	assert_left(*state, "u1=3 u2=2 u3=2");
	sweep_away(*state, RULES("kind encrypted forever", "all 2d"));
	assert_left(*state, "u2=2");
}

/* The first address was shown each message, while it was there. */
#define VISITS_LEFT "SELECT count(*) FROM archive_attendance"
#define VISITS \
	"INSERT INTO archive_attendance (room, first, owner, last) " \
	"SELECT recipient, serial - 1, 1, serial + 1 FROM archive_message"

/* With who was shown what goes, and no one else. */
static void
ends_what_was_said_in_rooms(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		row(9, "u1", "r@a", "hall@c/123", RECEIVED),
		row(1, "u2", "r@a", "hall@c/123", RECEIVED),
		row(9, "u3", "r@a", "hall@c/123", BOTH),
		row(9, "u4", "r@a", "cellar@c/123", RECEIVED),
	};

	rows[0].type = rows[1].type = rows[3].type = ARCHIVE_GROUPCHAT;
	archivebed_write(db, rows, ARRAY_LEN(rows));
	database_do(db, "INSERT INTO archive_delivery SELECT 1, serial, 0, 0 "
		    "FROM archive_message");
	database_do(db, VISITS);
	sweep_away(db, RULES("user r@a 2d", "room hall@c 2d"));
	assert_left(db, "u2=2 u3=2 u4=2");
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_delivery"), 3);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_attendance t WHERE EXISTS "
				      "(SELECT 1 FROM archive_message m "
				      "WHERE " ARCHIVE_ATTENDANCE_HAS ")"), 3);
	assert_int_equal(database_ask(db, VISITS_LEFT), 3);
}

/* Who is there for long is there still when all that he was shown is over. */
static void
ends_visits_that_were_open(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		row(9, "u1", "r@a", "hall@c/123", RECEIVED),
		row(5, "u2", "r@a", "hall@c/123", RECEIVED),
	};

	rows[0].type = rows[1].type = ARCHIVE_GROUPCHAT;
	archivebed_write(db, rows, ARRAY_LEN(rows));
	database_do(db, "INSERT INTO archive_attendance (room, first, owner, "
		    "last) SELECT recipient, serial - 1, 1, "
		    ARCHIVE_ATTENDANCE_OPEN " FROM archive_message");
	sweep_away(db, RULES("room hall@c 7d"));
	assert_left(db, "u2=2");
	assert_int_equal(database_ask(db, VISITS_LEFT), 2);
	database_do(db, "UPDATE archive_attendance SET last = first + 2");
	sweep_away(db, RULES("room hall@c forever", "all 2d"));
	assert_int_equal(database_ask(db, VISITS_LEFT), 2);
	sweep_away(db, RULES("room hall@c 7d"));
	assert_left(db, "u2=2");
	assert_int_equal(database_ask(db, VISITS_LEFT), 1);
	sweep_away(db, RULES("room hall@c 2d"));
	assert_int_equal(database_ask(db, VISITS_LEFT), 0);
}

#define HOLD(db, whose) \
	database_do(db, "INSERT INTO archive_hold VALUES ('m', '" whose \
		    "', 0, 9223372036854775807, 'w', 0, NULL)")

static void
leaves_what_is_held(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		row(9, "u1", "r@a", "j@b", BOTH),
		row(9, "u2", "r@a", "n@c", BOTH),
		row(9, "u3", "n@c", "j@b", BOTH),
		row(9, "u4", "n@c", "hall@c.test/123", RECEIVED),
		row(9, "u5", "n@c", "cellar@d/123", RECEIVED),
	};
	struct sweep *sweep;

	archivebed_write(db, rows, ARRAY_LEN(rows));
	HOLD(db, "j@b");
	HOLD(db, "hall@c.test");
	HOLD(db, "d");
	sweep = sweep_all(db, RULES("all 2d"), false);
	assert_left(db, "u1=3 u3=3 u4=2 u5=2");
	assert_int_equal(sweep_count(sweep, 0)->held, 6);
	assert_int_equal(sweep_count(sweep, 0)->copies, 2);
	sweep_free(&sweep);
	database_do(db, "DELETE FROM archive_hold");
	sweep_away(db, RULES("all 2d"));
	assert_left(db, "");
}

/* More of them than are looked at in one go; and so many, one in two of them
   held. */
static void
goes_on_behind_those_that_stay(void **state)
{
	static char uids[1300][8];
	struct archive_row *rows = calloc(1300, sizeof(*rows));
	struct database *db = *state;

	assert_non_null(rows);
	for (int i = 0; i < 1300; i++) {
		snprintf(uids[i], sizeof(uids[i]), "u%d", i);
		rows[i] = row(9, uids[i], "r@a", i % 2 == 0 ? "j@b" : "n@c",
			      SENT);
	}
	archivebed_write(db, rows, 1300);
	free(rows);
	HOLD(db, "n@c");
	sweep_away(db, RULES("user r@a 2d"));
	assert_int_equal(database_ask(db, ALL), 650);
	database_do(db, "DELETE FROM archive_hold");
	sweep_away(db, RULES("user r@a 2d"));
	assert_int_equal(database_ask(db, ALL), 0);
}

static void
only_counts_when_it_is_told_to(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		row(99, "u1", "r@a", "j@b", BOTH),
		row(9, "u2", "r@a", "n@c", BOTH),
		row(9, "u3", "n@c", "r@a", SENT),
	};
	const struct sweep_count *count;
	struct sweep *sweep;

	archivebed_write(db, rows, ARRAY_LEN(rows));
	sweep = sweep_all(db, RULES("user r@a 3d", "user t@a 3d", "all 2d"),
			  true);
	assert_int_equal(database_ask(db, ALL), 3);
	count = sweep_count(sweep, 0);
	assert_int_equal(count->owners, 1);
	assert_int_equal(count->copies, 2);
	assert_int_equal(count->oldest, NOW - 99 * DAY + 1);
	count = sweep_count(sweep, 1);
	assert_int_equal(count->owners + count->copies, 0);
	assert_int_equal(count->oldest, 0);
	count = sweep_count(sweep, 2);
	assert_int_equal(count->owners, 2);
	assert_int_equal(count->copies, 3);
	assert_int_equal(sweep_owners(sweep), 3);
	assert_int_equal(sweep_messages(sweep) + sweep_months(sweep), 0);
	sweep_free(&sweep);
}

#define PARTS "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND " \
	"relname IN ('archive_message_202608', 'archive_delivery_202608', " \
	"'archive_message_202609', 'archive_delivery_202609', " \
	"'archive_attendance_202608', 'archive_attendance_202609')"

/* In PostgreSQL, but for the one where something is held. */
static void
ends_months_as_a_whole(void **state)
{
	struct database *db = *state;
	bool parted = db->kind == DATABASE_POSTGRES;
	const struct archive_row rows[] = {
		row(100, "u1", "r@a", "j@b", BOTH),	/* August */
		row(70, "u2", "r@a", "j@b", BOTH),	/* September */
		row(69, "u3", "r@a", "hall@c/123", BOTH),
		row(1, "u4", "r@a", "hall@c/123", BOTH),
	};
	struct sweep *sweep;

	archivebed_write(db, rows, ARRAY_LEN(rows));
	HOLD(db, "hall@c");
	if (parted)
		assert_int_equal(database_ask(db, PARTS), 6);
	sweep = sweep_all(db, RULES("user j@b 2d", "all 40d"), false);
	assert_int_equal(sweep_months(sweep), parted ? 1 : 0);
	assert_int_equal(sweep_messages(sweep), parted ? 1 : 2);
	sweep_free(&sweep);
	assert_left(db, "u3=3 u4=3");
	database_do(db, "DELETE FROM archive_hold");
	HOLD(db, "c");
	sweep_away(db, RULES("all 40d"));
	assert_left(db, "u3=3 u4=3");
	if (parted)
		assert_int_equal(database_ask(db, PARTS), 3);
	/* They come again when they are needed. */
	archivebed_write(db, rows, 1);
	assert_int_equal(database_ask(db, ALL), 3);
}

/* Those in rooms by the rules of the room, others by those of who did it. */
static void
ends_events_as_well(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		archivebed_event(0, "e1", ARCHIVE_EVENT_JOIN, "r@a",
				 "hall@c/123"),
		archivebed_event(1, "e2", ARCHIVE_EVENT_JOIN, "r@a",
				 "den@c/123"),
		archivebed_event(2, "e3", ARCHIVE_EVENT_FILE, "r@a", "j@b"),
		archivebed_event(3, "e4", ARCHIVE_EVENT_FILE, "j@b", "r@a"),
		archivebed_event(4, "e5", ARCHIVE_EVENT_KICK, "j@b",
				 "hall@c/123"),
		archivebed_event(5, "e6", ARCHIVE_EVENT_FILE, "r@a", "j@b"),
	};
	struct sweep *sweep;

	for (size_t i = 0; i < 5; i++)
		rows[i].mark.serial -= 9 * DAY * 256;
	rows[4].id = "held@a";
	archivebed_write(db, rows, ARRAY_LEN(rows));
	HOLD(db, "held@a");
	sweep = sweep_all(db, RULES("room hall@c 2d", "user r@a 3d"), true);
	assert_int_equal(sweep_events(sweep), 0);
	sweep_free(&sweep);
	sweep = sweep_all(db, RULES("room hall@c 2d", "user r@a 3d"), false);
	assert_int_equal(sweep_events(sweep), 2);
	sweep_free(&sweep);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM archive_event "
				      "WHERE uid IN ('e2', 'e4', 'e5', 'e6')"),
			 4);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_event"), 4);
}

/* But for the month in which one is held. */
static void
ends_events_with_their_month(void **state)
{
	struct database *db = *state;
	const struct archive_row old = row(70, "u1", "r@a", "j@b", BOTH);
	struct archive_row rows[] = {
		archivebed_event(0, "e1", ARCHIVE_EVENT_JOIN, "r@a",
				 "hall@c/123"),
		archivebed_event(0, "e2", ARCHIVE_EVENT_KICK, "j@b",
				 "hall@c/123"),
	};
	int64_t parted = db->kind == DATABASE_POSTGRES ? 1 : 0;
	struct sweep *sweep;

	rows[0].mark.serial = old.mark.serial;
	rows[1].mark.serial = old.mark.serial - 40 * DAY * 256;
	rows[1].id = "held@a";
	archivebed_write(db, rows, 2);
	HOLD(db, "held@a");
	sweep = sweep_all(db, RULES("all 20d"), false);
	/* And October, in which there is nothing. */
	assert_int_equal(sweep_months(sweep), 2 * parted);
	assert_int_equal(sweep_events(sweep), 1 - parted);
	sweep_free(&sweep);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM archive_event "
				      "WHERE uid = 'e2'"), 1);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_event"), 1);
}

static void
leaves_a_month_in_which_somebody_was_shown_what_is_held(void **state)
{
	struct database *db = *state;
	struct archive_row rows[] = {
		row(99, "u1", "n@c", "n@c", BOTH),
		row(100, "u2", "r@a", "hall@c/123", RECEIVED),
		row(100, "u3", "r@a", "j@b", BOTH),
	};

	rows[1].type = ARCHIVE_GROUPCHAT;
	archivebed_write(db, rows, ARRAY_LEN(rows));
	database_do(db, "INSERT INTO archive_attendance (room, first, owner, "
		    "last) SELECT m.recipient, m.serial - 1, a.id, "
		    "m.serial + 1 FROM archive_message m, archive_address a "
		    "WHERE m.uid = 'u2' AND a.jid = 'n@c'");
	HOLD(db, "n@c");
	sweep_away(db, RULES("all 2d"));
	assert_left(db, "u1=3 u2=2");
	database_do(db, "DELETE FROM archive_hold");
	sweep_away(db, RULES("all 2d"));
	assert_left(db, "");
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "archive_attendance"), 0);
}

static void
leaves_months_while_some_stay_for_ever(void **state)
{
	struct database *db = *state;
	const struct archive_row one = row(100, "u1", "r@a", "j@b", SENT);

	archivebed_write(db, &one, 1);
	sweep_away(db, RULES("user r@a forever", "all 2d"));
	sweep_away(db, RULES("user j@b 2d"));
	assert_left(db, "u1=1");
}

static void
says_what_the_database_says(void **state)
{
	struct database *db = *state;
	struct outcome outcome = { 0 };
	struct sweep *sweep;

	database_do(db, "DROP TABLE archive_hold");
	database_do(db, "INSERT INTO archive_address (jid) VALUES ('r@a')");
	sweep = begin(db, RULES("user r@a 2d"), false, &outcome);
	database_wait(db, &outcome.done);
	assert_int_equal(outcome.err.cond, ERROR_INTERNAL_SERVER_ERROR);
	sweep_free(&sweep);
}

/* Wherever it is. */
static void
ends_at_any_time(void **state)
{
	struct database *db = *state;
	const struct archive_row rows[] = {
		row(9, "u1", "r@a", "j@b", BOTH),
		row(9, "u2", "r@a", "j@b", BOTH),
	};

	archivebed_write(db, rows, ARRAY_LEN(rows));
	for (int i = 0; i < 30; i++) {
		struct outcome outcome = { 0 };
		struct sweep *sweep = begin(db, RULES("all 2d"), i % 2 == 0,
					    &outcome);

		for (int turn = 0; turn < i && !outcome.done; turn++)
			uv_run(&db->loop, UV_RUN_ONCE);
		sweep_free(&sweep);
		sweep_free(&sweep);
		outcome.done = false;
		database_run(db, 5);
		assert_false(outcome.done);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(ends_each_copy_for_itself),
		TEST(ends_copies_that_are_unseen),
		TEST(ends_kinds_for_themselves),
		TEST(ends_what_was_said_in_rooms),
		TEST(ends_visits_that_were_open),
		TEST(leaves_what_is_held),
		TEST(goes_on_behind_those_that_stay),
		TEST(only_counts_when_it_is_told_to),
		TEST(ends_months_as_a_whole),
		TEST(ends_events_as_well),
		TEST(ends_events_with_their_month),
		TEST(leaves_a_month_in_which_somebody_was_shown_what_is_held),
		TEST(leaves_months_while_some_stay_for_ever),
		TEST(says_what_the_database_says),
		TEST(ends_at_any_time),
	};

	return archivebed_run("archive_sweep", tests, ARRAY_LEN(tests));
}
