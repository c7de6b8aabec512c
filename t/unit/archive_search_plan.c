#include "shared/archive_search-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_attendance.h"
#include "shared/archive_hold.h"
#include "shared/clock.h"
#include "shared/str.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define PEOPLE 200
#define MINUTE (60LL * CLOCK_SECOND)
#define DAY_MINUTES (24 * 60)
#define ROOM "g@c/1"

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

struct plan {
	bool done;
	struct str text;
};

static void
on_plan(void *ctx, const struct store_result *result, const struct error *err)
{
	struct plan *plan = ctx;

	plan->done = true;
	if (err != NULL)
		fail_msg("%s", err->text);
	for (size_t i = 0; i < store_rows(result); i++)
		str_addf(&plan->text, "%s\n", store_get_text(result, i, 0));
}

/* No step gives more rows than that, and no month is read from end to end. */
static void
check(const char *plan, long most)
{
	/* Those of other months are empty. */
	static const char *const scans[] = {
		"Seq Scan on archive_message_202611",
		"Seq Scan on archive_message_202612",
		"Seq Scan on archive_attendance_202611",
		"Seq Scan on archive_attendance_202612",
	};
	static const char rows[] = "(actual rows=";

	for (size_t i = 0; i < ARRAY_LEN(scans); i++)
		if (strstr(plan, scans[i]) != NULL)
			fail_msg("it is scanned:\n%s", plan);
	for (const char *at = plan; (at = strstr(at, rows)) != NULL; at++)
		if (strtol(at + strlen(rows), NULL, 10) > most)
			fail_msg("it is read:\n%s", plan);
}

/* A statement is known by its place. */
static void
explain(struct database *db, const char *sql, const char *values, long most)
{
	static char texts[20][8192];
	static size_t used;
	struct plan plan = { 0 };
	char *prepare = texts[used++], *execute = texts[used++];

	assert_true(used <= ARRAY_LEN(texts) &&
		    strlen(sql) < sizeof(texts[0]) - 100);
	snprintf(prepare, sizeof(texts[0]), "PREPARE p%zu AS %s", used, sql);
	database_do(db, prepare);
	snprintf(execute, sizeof(texts[0]), "EXPLAIN (ANALYZE, COSTS OFF, "
		 "TIMING OFF, SUMMARY OFF) EXECUTE p%zu(%s)", used, values);
	store_read(db->store, execute, NULL, 0, on_plan, &plan);
	database_wait(db, &plan.done);
	check(plan.text.data, most);
	str_fini(&plan.text);
}

/* Five days, each minute of which something is said in a room.  Many are there
   each day; Romeo is for twenty minutes. */
static void
write_days(struct database *db)
{
	static struct archive_row rows[5 * DAY_MINUTES];
	static char uids[ARRAY_LEN(rows)][8];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(uids[i], sizeof(uids[i]), "%zu", i);
		rows[i] = archivebed_row((int64_t)i * MINUTE, uids[i], "j@b",
					 ROOM, ARCHIVE_RECEIVED);
		rows[i].type = ARCHIVE_GROUPCHAT;
	}
	archivebed_write(db, rows, ARRAY_LEN(rows));
}

static void
write_people(struct database *db)
{
	static char jids[PEOPLE][8];
	static const char *people[PEOPLE];
	static const char *romeo[] = { "r@a" };
	struct archive_attendance attendance[] = {
		{ .kind = ARCHIVE_ATTENDANCE_ENDED, .room = ROOM },
		{ .kind = ARCHIVE_ATTENDANCE_CAME, .room = ROOM,
		  .people = people, .count = PEOPLE },
		{ .kind = ARCHIVE_ATTENDANCE_CAME, .room = ROOM,
		  .people = romeo, .count = 1 },
		{ .kind = ARCHIVE_ATTENDANCE_LEFT, .room = ROOM,
		  .people = romeo, .count = 1 },
	};
	struct archive_row row = archivebed_row(0, NULL, NULL, NULL, 1);

	for (size_t i = 0; i < PEOPLE; i++) {
		snprintf(jids[i], sizeof(jids[i]), "u%zu@a", i);
		people[i] = jids[i];
	}
	for (int day = 0; day < 5; day++) {
		int64_t first = row.mark.serial + day * DAY_MINUTES * MINUTE *
				256 - 10;

		for (int i = 0; i < (day == 2 ? 4 : 2); i++) {
			struct archive_row one = row;

			one.attendance = &attendance[i];
			one.mark.serial = first + i + (i == 3 ? 20 * MINUTE *
						       256 : 0);
			archivebed_write(db, &one, 1);
		}
	}
}

static const char *const modes[] = {
	"SELECT set_config('plan_cache_mode', 'force_custom_plan', false)",
	"SELECT set_config('plan_cache_mode', 'force_generic_plan', false)",
};

#define ALL "0, 9223372036854775807, 0, 9223372036854775807, 501"
/* Of one message. */
#define HELD \
	"SELECT m.serial FROM archive_message m WHERE m.recipient = $1 " \
	"AND m.serial = $2 AND " ARCHIVE_HOLD_COVERS

/* Neither when the values are known, nor when a plan is for all values. */
static void
never_scans_a_month(void **state)
{
	const struct archive_search_sql *sql = &archive_search_pg;
	struct database *db = *state;
	char one[100];

	if (db->kind != DATABASE_POSTGRES)
		return;
	write_days(db);
	write_people(db);
	database_do(db, "INSERT INTO archive_hold VALUES ('m', 'u7@a', 0, "
		    "9223372036854775807, 'w', 0, NULL)");
	database_sql("VACUUM ANALYZE");
	snprintf(one, sizeof(one), "%d, %lld",
		 (int)database_ask(db, "SELECT id FROM archive_address "
				   "WHERE jid = '" ROOM "'"),
		 (long long)database_ask(db, "SELECT serial FROM "
			 "archive_message WHERE uid = '3000'"));
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		database_ask(db, modes[i]);
		explain(db, sql->shown_forward, ALL ", 0, 'r@a', NULL, NULL",
			40);
		explain(db, sql->shown_backward, ALL ", 0, 'r@a', 'j@b', 'g@c'",
			40);
		explain(db, sql->of_forward, ALL ", 0, 'r@a', NULL", 40);
		explain(db, sql->shown_forward, ALL ", 1, 'r@a', NULL, NULL",
			PEOPLE + 40);
		explain(db, HELD, one, PEOPLE + 40);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(never_scans_a_month),
	};

	return archivebed_run("archive_search_plan", tests, ARRAY_LEN(tests));
}
