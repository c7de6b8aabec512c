#include "components/archive/retention/visits-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/clock.h"
#include "t/lib/archivebed.h"
#include "t/lib/plan.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define DAY (24LL * 3600 * CLOCK_SECOND)
/* In one month, and in the one behind it. */
#define DAYS 40
#define EACH_DAY 50
#define ROOM "g@c/1"

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* Each day something is said and stays, and the same ones are there. */
static void
write_days(struct database *db)
{
	static struct archive_row rows[DAYS * EACH_DAY];
	static char uids[ARRAY_LEN(rows)][8];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(uids[i], sizeof(uids[i]), "%zu", i);
		rows[i] = archivebed_row((int64_t)i * DAY / EACH_DAY, uids[i],
					 "j@b", ROOM, ARCHIVE_RECEIVED);
		rows[i].type = ARCHIVE_GROUPCHAT;
	}
	archivebed_write(db, rows, ARRAY_LEN(rows));
	database_do(db, "INSERT INTO archive_attendance (room, first, owner, "
		    "last) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
		    "i + 1 FROM n WHERE i < 40) SELECT recipient, serial - 1, "
		    "n.i, serial + 1 FROM archive_message, n");
}

static void
check(struct database *db, const char *sql, const char *values)
{
	for (int mode = 0; mode < PLAN_MODES; mode++) {
		char *plan;

		plan_mode(db, mode);
		plan = plan_find(db, sql, values);
		plan_check_rows(plan, VISITS_MAX);
		plan_check_removed(plan, VISITS_MAX);
		free(plan);
	}
}

/* Wherever that is among those that stay. */
static void
reads_no_more_than_it_looks_at(void **state)
{
	struct database *db = *state;
	char values[200];
	long long room, first;

	if (db->kind != DATABASE_POSTGRES)
		return;
	write_days(db);
	database_sql("VACUUM ANALYZE");
	room = (long long)database_ask(db, "SELECT recipient FROM "
				       "archive_message LIMIT 1");
	first = (long long)database_ask(db, "SELECT first FROM "
					"archive_attendance ORDER BY first "
					"OFFSET 30000 LIMIT 1");
	snprintf(values, sizeof(values), "%lld, %lld, 0, 0", room,
		 (long long)INT64_MAX);
	check(db, visits_find_sql, values);
	snprintf(values, sizeof(values), "%lld, %lld, %lld, 7", room,
		 (long long)INT64_MAX, first);
	check(db, visits_find_sql, values);
	snprintf(values, sizeof(values), "%lld, %lld, %lld, %lld", room,
		 (long long)INT64_MAX, first, first);
	check(db, visits_remove_sql, values);
}

static void
goes_by_the_order(void **state)
{
	struct database *db = *state;
	char *plan;

	if (db->kind != DATABASE_SQLITE)
		return;
	plan = plan_find(db, visits_find_sql, "");
	plan_check_first(plan, "SEARCH t USING PRIMARY KEY (room=? AND "
			 "first>?)\n");
	assert_null(strstr(plan, "TEMP B-TREE"));
	free(plan);
	plan = plan_find(db, visits_remove_sql, "");
	plan_check_first(plan, "SEARCH t USING PRIMARY KEY (room=? AND "
			 "first>? AND first<?)\n");
	free(plan);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_no_more_than_it_looks_at),
		TEST(goes_by_the_order),
	};

	return archivebed_run("archive_visits_plan", tests, ARRAY_LEN(tests));
}
