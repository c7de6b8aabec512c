#include "shared/archive_search-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shared/archive_attendance.h"
#include "shared/archive_hold.h"
#include "shared/clock.h"
#include "t/lib/archivebed.h"
#include "t/lib/plan.h"

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

/* No step gives more rows than that, and no month is read from end to end. */
static void
check(struct database *db, const char *sql, const char *values, long most)
{
	char *plan = plan_find(db, sql, values);

	/* Those of other months are empty. */
	plan_check_scan(plan, "archive_message_202611");
	plan_check_scan(plan, "archive_message_202612");
	plan_check_scan(plan, "archive_attendance_202611");
	plan_check_scan(plan, "archive_attendance_202612");
	plan_check_rows(plan, most);
	free(plan);
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
	for (int mode = 0; mode < PLAN_MODES; mode++) {
		plan_mode(db, mode);
		check(db, sql->shown_forward, ALL ", 0, 'r@a', NULL, NULL",
		      40);
		check(db, sql->shown_backward, ALL ", 0, 'r@a', 'j@b', 'g@c'",
		      40);
		check(db, sql->of_forward, ALL ", 0, 'r@a', NULL", 40);
		check(db, sql->shown_forward, ALL ", 1, 'r@a', NULL, NULL",
		      PEOPLE + 40);
		check(db, HELD, one, PEOPLE + 40);
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
