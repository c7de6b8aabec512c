#include "shared/archive_late-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "t/lib/archivebed.h"
#include "t/lib/plan.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define LATE "'{2997,2998,2999}'"
#define LATE_COUNT 3
/* What they, and what they replace, may be named by. */
#define NAMES (2L * LATE_COUNT)

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

/* Much by one person to one other, of which half is about the half before; the
   last two are a message of a room and an edit. */
static void
write_messages(struct database *db)
{
	static struct archive_row rows[3000];
	static char ids[ARRAY_LEN(rows)][8];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(ids[i], sizeof(ids[i]), "%zu", i);
		rows[i] = archivebed_row((int64_t)i, ids[i], "r@a", "j@b",
					 ARCHIVE_SENT);
		rows[i].id = ids[i];
		if (i % 2 == 0 || i == ARRAY_LEN(rows) - 1)
			continue;
		rows[i].relation = i % 4 == 1 ? ARCHIVE_REPLY :
						ARCHIVE_RETRACTION;
		rows[i].about = ids[i - 1];
	}
	rows[2997].relation = ARCHIVE_EDIT;
	rows[2998].type = ARCHIVE_GROUPCHAT;
	rows[2999].type = ARCHIVE_GROUPCHAT;
	rows[2999].relation = ARCHIVE_EDIT;
	rows[2999].about = "2998";
	archivebed_write(db, rows, ARRAY_LEN(rows));
}

static void
goes_by_what_is_named(void **state)
{
	struct database *db = *state;
	char *plan;

	write_messages(db);
	if (db->kind == DATABASE_SQLITE) {
		database_do(db, "ANALYZE");
		plan = plan_find(db, archive_late_sqlite, "");
		assert_non_null(strstr(plan, "archive_message_about"));
		assert_non_null(strstr(plan, "archive_message_sender"));
		assert_null(strstr(plan, "SCAN m"));
		assert_null(strstr(plan, "SCAN r"));
		free(plan);
		return;
	}
	database_sql("VACUUM ANALYZE");
	for (int mode = 0; mode < PLAN_MODES; mode++) {
		plan_mode(db, mode);
		plan = plan_find(db, archive_late_pg, LATE);
		plan_check_scan(plan, "archive_message_202611");
		plan_check_rows(plan, NAMES);
		free(plan);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(goes_by_what_is_named),
	};

	return archivebed_run("archive_late_plan", tests, ARRAY_LEN(tests));
}
