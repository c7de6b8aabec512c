#include "shared/store_sqlitefold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sqlite3.h>

#include <cmocka.h>

static const char *const truths[] = {
	"lower('\u00c4 Z') = '\u00e4 z'",
	"lower('') = ''",
	"lower(NULL) IS NULL",
	"lower(12) = '12'",
	"lower('\u0416UK') LIKE '%' || lower('\u0436u') || '%'",
};

static void
lowers_all_letters(void **state)
{
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(store_sqlitefold_add(db), SQLITE_OK);
	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
		char *sql = sqlite3_mprintf("SELECT 1 WHERE %s", truths[i]);
		sqlite3_stmt *stmt;

		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
				 SQLITE_OK);
		if (sqlite3_step(stmt) != SQLITE_ROW)
			fail_msg("not so: %s", truths[i]);
		sqlite3_finalize(stmt);
		sqlite3_free(sql);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lowers_all_letters),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_sqlitefold", tests, NULL,
					   NULL);
}
