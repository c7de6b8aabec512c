#include "shared/archive_page-private.h"

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
#include "t/lib/pagebed.h"
#include "t/lib/plan.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_WAYS (ARCHIVE_SENT | ARCHIVE_RECEIVED | ARCHIVE_SHOWN)

static void
assert_plan_has(struct database *db, const char *sql, const char *what)
{
	char *plan = plan_find(db, sql, "");

	if (strstr(plan, what) == NULL)
		fail_msg("there is no %s in:\n%s", what, plan);
	free(plan);
}

/* Which has a column called serial only since the other is behind it. */
static void
looks_for_others_in_the_index(void **state)
{
	const struct archive_page_sql *sql =
		&archive_page_sqlite[ARCHIVE_OF_ACCOUNT];
	struct database *db = ((struct pagebed *)*state)->db;

	if (db->kind != DATABASE_SQLITE)
		return;
	assert_plan_has(db, sql->forward[ARCHIVE_PAGE_WITH],
			"USING INDEX archive_message_sender "
			"(sender=? AND serial>? AND serial<?)");
	assert_plan_has(db, sql->backward[ARCHIVE_PAGE_WITH],
			"USING INDEX archive_message_recipient "
			"(recipient=? AND serial>? AND serial<?)");
}

/* Of the account with the id 1, or of the room with its; with 2 or all of it.
   No step of a page may give more rows than are wanted of it: then nothing is
   sorted but what was found. */
static void
explain(struct database *db, const char *sql, enum archive_page_source source,
	int64_t room, bool is_page)
{
	char values[200], *plan;

	snprintf(values, sizeof(values), "%d, 0, 9223372036854775807, %s, "
		 "NULL, 0, 9223372036854775807, %d, 51%s",
		 room != 0 ? (int)room : 1,
		 source == ARCHIVE_PAGE_ALL ? "NULL" : "2", room != 0,
		 source == ARCHIVE_PAGE_IDS ? ", '{459770025472000001}'" : "");
	plan = plan_find(db, sql, values);
	plan_check_scan(plan, "archive_message_202611");
	plan_check_scan(plan, "archive_message_202612");
	if (is_page)
		plan_check_rows(plan, 2 * 51);
	if (source == ARCHIVE_PAGE_WITH &&
	    strstr(plan, "Index Only Scan") == NULL)
		fail_msg("it is looked up:\n%s", plan);
	free(plan);
}

static void
explain_all(struct database *db, enum archive_page_source source, int64_t room)
{
	const struct archive_page_sql *sql = &archive_page_pg[
		room != 0 ? ARCHIVE_OF_ROOM : ARCHIVE_OF_ACCOUNT];

	explain(db, sql->forward[source], source, room, true);
	explain(db, sql->backward[source], source, room, true);
	explain(db, sql->count[source], source, room, false);
}

/* Four months, two of them empty; a quarter of all is his, most of that with
   one, who says most in a room as well. */
static void
write_months(struct database *db)
{
	static struct archive_row rows[8000];
	static char uids[ARRAY_LEN(rows)][8], jids[200][8];

	for (size_t i = 0; i < ARRAY_LEN(jids); i++)
		snprintf(jids[i], sizeof(jids[i]), "u%zu@a", i);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t at = (int64_t)i * 60 * CLOCK_SECOND;
		const char *other = i % 4 == 0 ? "u1@a" : jids[i % 200];

		snprintf(uids[i], sizeof(uids[i]), "%zu", i);
		rows[i] = i % 8 == 0 ?
			archivebed_row(at, uids[i], "u0@a", other, ALL_WAYS) :
			archivebed_row(at, uids[i], other, jids[i % 4 == 0 ? 0 :
				       (i * 7) % 200], ALL_WAYS);
	}
	for (size_t i = 3; i < ARRAY_LEN(rows); i += 4) {
		rows[i].sender = i % 16 == 3 ? "u2@a" : "u1@a";
		rows[i].recipient = "room@c";
		rows[i].type = ARCHIVE_GROUPCHAT;
	}
	archivebed_write(db, rows, 2);
	archivebed_write(db, rows, ARRAY_LEN(rows));
	database_sql("VACUUM ANALYZE");
}

/* Neither when the values are known, nor when a plan is for all values. */
static void
never_scans_a_month(void **state)
{
	struct database *db = ((struct pagebed *)*state)->db;
	int64_t room;

	if (db->kind != DATABASE_POSTGRES)
		return;
	write_months(db);
	room = database_ask(db, "SELECT id FROM archive_address "
			    "WHERE jid = 'room@c'");
	assert_int_equal(database_ask(db, "SELECT min(id) FROM "
		"archive_address WHERE jid = 'u0@a'"), 1);
	for (int mode = 0; mode < PLAN_MODES; mode++) {
		plan_mode(db, mode);
		for (int n = 0; n < ARCHIVE_PAGE_SOURCES; n++) {
			explain_all(db, n, 0);
			explain_all(db, n, room);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pagebed_setup, \
						   pagebed_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(looks_for_others_in_the_index),
		TEST(never_scans_a_month),
	};

	return archivebed_run("archive_page_plan", tests, ARRAY_LEN(tests));
}
