#include "components/archive/search/eventlist-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/retention/deeds-private.h"
#include "shared/archive_event.h"
#include "t/lib/archivebed.h"
#include "t/lib/plan.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define LIMIT 51
/* All kinds and times, and so many. */
#define ALL "0, 9223372036854775807, 0, 9223372036854775807, 51, 0, "

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* No step has more rows than that, or leaves out more. */
static void
explain(struct database *db, const char *sql, const char *values, long most)
{
	char *plan = plan_find(db, sql, values);

	plan_check_scan(plan, "archive_event_202611");
	plan_check_scan(plan, "archive_event_202612");
	plan_check_rows(plan, most);
	plan_check_removed(plan, most);
	free(plan);
}

#define ID_OF(jid) "(SELECT id FROM archive_address WHERE jid = " jid ")"

/* Twenty days of two months.  Two people and two rooms have nearly all of it,
   and two thousand others a little. */
#define PEOPLE \
	"INSERT INTO archive_address (jid) SELECT 'u' || n || '@a' " \
	"FROM generate_series(0, 1999) AS n"
#define FILL \
	"INSERT INTO archive_event (serial, sender, recipient, about, kind, " \
	"uid) SELECT CAST(1795100000000000 AS BIGINT) * 256 + " \
	"CAST(n AS BIGINT) * 80000000 * 256, " \
	ID_OF("CASE WHEN n % 10 = 1 THEN 'u' || n / 10 % 2000 || '@a' " \
	      "WHEN n % 2 = 1 THEN 'b@a' ELSE 'c@a' END") ", " \
	ID_OF("CASE WHEN n % 10 = 2 THEN 'u' || n / 10 % 2000 || '@a' " \
	      "WHEN n % 1000 = 3 THEN 'q@c/1' " \
	      "WHEN n % 4 > 1 THEN 'g@c/1' ELSE 'h@c/1' END") ", " \
	ID_OF("CASE WHEN n % 10 = 3 THEN 'u' || n / 10 % 2000 || '@a' " \
	      "WHEN n % 8 = 1 THEN 'b@a' END") ", 1 + n % 8, 'x' || n " \
	"FROM generate_series(1, 20000) AS n"

static void
fill(struct database *db)
{
	struct archive_row rows[] = {
		archivebed_event(0, "u1", ARCHIVE_EVENT_JOIN, "r@a", "q@c/1"),
		archivebed_event(0, "u2", ARCHIVE_EVENT_JOIN, "b@a", "g@c/1"),
		archivebed_event(3 * 86400000000, "u3", ARCHIVE_EVENT_JOIN,
				 "c@a", "h@c/1"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i].mark.serial += (int64_t)i;
	archivebed_write(db, rows, ARRAY_LEN(rows));
	database_do(db, PEOPLE);
	database_do(db, FILL);
	database_sql("VACUUM ANALYZE");
}

/* Those wanted of the three parts together; or all of whom the planner does not
   know to have so many. */
#define FEW (3 * LIMIT)
#define OWN 9000

/* Neither when the values are known, nor when a plan is for all values. */
static void
reads_no_more_than_is_wanted(void **state)
{
	const struct eventlist_sql *sql = &eventlist_pg;
	struct database *db = *state;

	if (db->kind != DATABASE_POSTGRES)
		return;
	fill(db);
	for (int mode = 0; mode < PLAN_MODES; mode++) {
		plan_mode(db, mode);
		for (size_t way = 0; way < 2; way++) {
			explain(db, sql->all[way], ALL "NULL, NULL", FEW);
			explain(db, sql->of[way], ALL "'u7@a', NULL", FEW);
			explain(db, sql->of[way], ALL "'b@a', NULL", OWN);
			explain(db, sql->of[way], ALL "'nobody@a', NULL", FEW);
			explain(db, sql->of[way], ALL "'u7@a', 'g@c'", FEW);
			explain(db, sql->in[way], ALL "NULL, 'q@c'", FEW);
			explain(db, sql->in[way], ALL "NULL, 'g@c'", OWN);
		}
	}
}

/* The same of retention, by owners' ids: one of few, and a room of few. */
static void
finds_no_more_than_is_over(void **state)
{
	struct database *db = *state;
	static char of_one[60], of_room[60];
	long long end;

	if (db->kind != DATABASE_POSTGRES)
		return;
	fill(db);
	end = database_ask(db, "SELECT max(serial) FROM archive_event");
	snprintf(of_one, sizeof(of_one), "%lld, %lld, %lld", (long long)
		 database_ask(db, "SELECT id FROM archive_address WHERE "
			      "jid = 'u7@a'"), end, end);
	snprintf(of_room, sizeof(of_room), "%lld, %lld, %lld", (long long)
		 database_ask(db, "SELECT id FROM archive_address WHERE "
			      "jid = 'q@c/1'"), end, end);
	for (int mode = 0; mode < PLAN_MODES; mode++) {
		plan_mode(db, mode);
		explain(db, deeds_find_sql, of_one, FEW);
		explain(db, deeds_find_sql, of_room, FEW);
	}
}

static void
expect_index(struct database *db, const char *sql, const char *wanted)
{
	char *plan = plan_find(db, sql, NULL);

	if (strstr(plan, wanted) == NULL)
		fail_msg("there is no %s in:\n%s", wanted, plan);
	free(plan);
}

static void
looks_them_up(void **state)
{
	const struct eventlist_sql *sql = &eventlist_sqlite;
	struct database *db = *state;

	if (db->kind != DATABASE_SQLITE)
		return;
	for (size_t way = 0; way < 2; way++) {
		expect_index(db, sql->of[way], "INDEX archive_event_sender "
			     "(sender=? AND rowid>? AND rowid<?)");
		expect_index(db, sql->of[way], "INDEX archive_event_about "
			     "(about=? AND rowid>? AND rowid<?)");
		expect_index(db, sql->in[way], "INDEX archive_event_recipient "
			     "(recipient=? AND rowid>? AND rowid<?)");
		expect_index(db, sql->in[way], "INTEGER PRIMARY KEY "
			     "(rowid=?)");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_no_more_than_is_wanted),
		TEST(finds_no_more_than_is_over),
		TEST(looks_them_up),
	};

	return archivebed_run("archive_eventlist_plan", tests,
			      ARRAY_LEN(tests));
}
