#include "shared/archive_attendance-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/str.h"
#include "t/lib/archivebed.h"
#include "t/lib/plan.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define PEOPLE 50
#define SHOWN 20
#define ROOM "room7@c/1"

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

static void
write_messages(struct database *db)
{
	static struct archive_row rows[3000];
	static char uids[ARRAY_LEN(rows)][8];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(uids[i], sizeof(uids[i]), "%zu", i);
		rows[i] = archivebed_row((int64_t)i, uids[i], "j@b", ROOM,
					 ARCHIVE_RECEIVED);
		rows[i].type = ARCHIVE_GROUPCHAT;
	}
	archivebed_write(db, rows, ARRAY_LEN(rows));
}

/* Twice as many people, in twenty rooms on each day of the month before. */
#define DAY_SERIALS "86400000000::bigint * 256"
static void
write_people(struct database *db)
{
	database_do(db, "INSERT INTO archive_address (jid) SELECT 'room' || i "
		    "|| '@c/1' FROM generate_series(1, 20) i "
		    "ON CONFLICT DO NOTHING");
	database_do(db, "INSERT INTO archive_address (jid) SELECT 'u' || i "
		    "|| '@a' FROM generate_series(1, 100) i");
	database_do(db, "INSERT INTO archive_attendance (room, first, owner, "
		    "last) SELECT r.id, m.serial - d * " DAY_SERIALS " + 1, "
		    "o.id, m.serial - (d - 1) * " DAY_SERIALS " - 1 "
		    "FROM archive_address r, archive_address o, "
		    "generate_series(1, 27) d, archive_message m "
		    "WHERE r.jid LIKE 'room%' AND o.jid LIKE 'u%' "
		    "AND m.uid = '0'");
}

/* Half of them, behind all messages. */
static void
print_values(struct str *out, const char *more)
{
	str_addf(out, "%lld, '" ROOM "', '{",
		 (long long)archivebed_row(3000, NULL, NULL, NULL, 1)
			 .mark.serial);
	for (int i = 1; i <= PEOPLE; i++)
		str_addf(out, "%su%d@a", i == 1 ? "" : ",", i);
	str_addf(out, "}'%s", more);
}

/* Of all the rooms that they were ever in. */
static void
reads_no_other_room(void **state)
{
	struct database *db = *state;
	struct str values = { 0 };
	char *plan;

	if (db->kind != DATABASE_POSTGRES)
		return;
	write_messages(db);
	write_people(db);
	database_sql("VACUUM ANALYZE");
	print_values(&values, ", 0, 9223372036854775807, 20");
	for (int mode = 0; mode < PLAN_MODES; mode++) {
		plan_mode(db, mode);
		plan = plan_find(db, archive_attendance_pg.caught_up,
				 values.data);
		plan_check_scan(plan, "archive_attendance_202611");
		plan_check_rows(plan, PEOPLE * SHOWN);
		free(plan);
	}
	str_fini(&values);
}

/* Who leaves are looked for as one list. */
static void
reads_the_people_once(void **state)
{
	static const char step[] = "Function Scan on unnest p (actual rows=50 "
				   "loops=";
	struct database *db = *state;
	struct str values = { 0 };

	if (db->kind != DATABASE_POSTGRES)
		return;
	write_messages(db);
	write_people(db);
	database_sql("VACUUM ANALYZE");
	/* That so many are there it does not know. */
	database_do(db, "UPDATE archive_attendance SET last = "
		    ARCHIVE_ATTENDANCE_OPEN " WHERE first = "
		    "(SELECT max(first) FROM archive_attendance)");
	print_values(&values, "");
	for (int mode = 0; mode < PLAN_MODES; mode++) {
		char *plan, *at;

		plan_mode(db, mode);
		plan = plan_find(db, archive_attendance_pg.left, values.data);
		at = strstr(plan, step);
		assert_non_null(at);
		assert_int_equal(strtol(at + strlen(step), NULL, 10), 1);
		assert_null(strstr(plan, "Semi Join"));
		free(plan);
	}
	str_fini(&values);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_no_other_room),
		TEST(reads_the_people_once),
	};

	return archivebed_run("archive_attendance_plan", tests,
			      ARRAY_LEN(tests));
}
