#include "shared/archive_hearsay_write-private.h"

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
#include "shared/serial.h"
#include "t/lib/archivebed.h"
#include "t/lib/plan.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM "g@c"
#define ARCHIVE ROOM "/0"
#define MESSAGES 3000
#define EACH (10LL * CLOCK_SECOND)
#define LAST (ARCHIVEBED_NOW + (MESSAGES - 1) * EACH)
#define WINDOW (5 * 60LL * CLOCK_SECOND)
/* What is said in the time in which copies may come, and before that. */
#define NEAR_COUNT (3 * WINDOW / EACH)

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* The same is said in one room all the time. */
static void
write_messages(struct database *db)
{
	static struct archive_row rows[MESSAGES];
	static char uids[MESSAGES][8];

	for (size_t i = 0; i < MESSAGES; i++) {
		snprintf(uids[i], sizeof(uids[i]), "%zu", i);
		rows[i] = archivebed_row((int64_t)i * EACH, uids[i], ROOM,
					 ARCHIVE, ARCHIVE_RECEIVED);
		rows[i].type = ARCHIVE_GROUPCHAT;
		rows[i].to_resource = "Ann";
	}
	archivebed_write(db, rows, MESSAGES);
}

/* As the statements have them, of a copy of the last message. */
static const char *
values_of(const char *sql)
{
	const struct archive_hearsay_statements *all =
		&archive_hearsay_statements;
	static char values[400];
	long long first = serial_first_of(LAST - 2 * WINDOW);

	if (sql == all->hear)
		snprintf(values, sizeof(values), "'2999', 'j@b', '" ARCHIVE
			 "', %lld, %lld", (long long)LAST, first);
	else if (sql == all->name_own || sql == all->nick)
		snprintf(values, sizeof(values), "'c', 'Ann', %lld", first);
	else
		snprintf(values, sizeof(values), "'c', '" ARCHIVE "', '" ROOM
			 "', 'Ann', NULL, NULL, NULL, 'Wherefore?', %lld, "
			 "%lld, %lld, %lld, 's'", (long long)LAST - WINDOW,
			 (long long)LAST + WINDOW, first, (long long)LAST);
	return values;
}

static void
check(struct database *db, const char *sql)
{
	char *plan = plan_find(db, sql, values_of(sql));

	if (db->kind == DATABASE_SQLITE) {
		assert_null(strstr(plan, "SCAN m"));
		assert_null(strstr(plan, "SCAN archive_message"));
		assert_null(strstr(plan, "SCAN e"));
	} else {
		plan_check_scan(plan, "archive_message_202611");
		plan_check_scan(plan, "archive_echo");
		plan_check_rows(plan, NEAR_COUNT);
		plan_check_removed(plan, NEAR_COUNT);
	}
	free(plan);
}

static void
reads_what_is_near(void **state)
{
	const struct archive_hearsay_statements *all =
		&archive_hearsay_statements;
	const char *const statements[] = {
		all->find_own, all->name_own, all->find_live, all->find_late,
		all->nick, all->hear,
	};
	struct database *db = *state;
	bool is_sqlite = db->kind == DATABASE_SQLITE;

	write_messages(db);
	database_do(db, "INSERT INTO archive_echo (uid, said, stamp, session) "
		    "SELECT 'e' || uid, uid, 0, 's' FROM archive_message");
	if (is_sqlite)
		database_do(db, "ANALYZE");
	else
		database_sql("VACUUM ANALYZE");
	for (int mode = 0; mode < (is_sqlite ? 1 : PLAN_MODES); mode++) {
		if (!is_sqlite)
			plan_mode(db, mode);
		for (size_t i = 0; i < ARRAY_LEN(statements); i++)
			check(db, statements[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_what_is_near),
	};

	return archivebed_run("archive_hearsay_plan", tests, ARRAY_LEN(tests));
}
