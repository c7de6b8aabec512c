#include "shared/store_sqlitestmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/store-private.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static struct store_sqlitestmt *cache;
static sqlite3 *db;

static int
setup(void **state)
{
	(void)state;
	if (sqlite3_open(":memory:", &db) != SQLITE_OK)
		return -1;
	return sqlite3_exec(db, "CREATE TABLE said "
			    "(id BIGINT PRIMARY KEY, text TEXT)", NULL, NULL,
			    NULL);
}

static int
teardown(void **state)
{
	(void)state;
	store_sqlitestmt_clear(&cache);
	assert_null(cache);
	/* None is left that was not finalized. */
	return sqlite3_close(db);
}

static struct store_sqlitestmt *
find(const char *sql)
{
	struct store_sqlitestmt *stmt = NULL;

	assert_int_equal(store_sqlitestmt_find(&cache, db, sql, &stmt),
			 SQLITE_OK);
	assert_non_null(stmt);
	return stmt;
}

/* Runs it with these values; NULL when it came to another end than wanted,
   which may be that. */
static struct store_result *
run(const char *sql, const struct store_value *values, size_t count, int want)
{
	struct store_request *req = store_request_new(STORE_WRITE);
	struct store_sqlitestmt *stmt = find(sql);
	struct store_result *result = NULL;

	store_request_add(req, sql, values, count);
	assert_int_equal(store_sqlitestmt_run(stmt, req->first, &result),
			 want);
	store_sqlitestmt_reset(stmt);
	store_request_free(&req);
	return result;
}

static void
prepares_once(void **state)
{
	static const char again[] = "SELECT count(*) FROM said";
	static const char one[] = "SELECT count(*) FROM said";
	struct store_sqlitestmt *first = find(one);

	(void)state;
	assert_ptr_equal(find(one), first);
	/* The text is known by its address. */
	assert_ptr_not_equal(find(again), first);
	assert_int_equal(HASH_COUNT(cache), 2);
	store_sqlitestmt_clear(&cache);
	assert_null(cache);
	find(one);
	assert_int_equal(HASH_COUNT(cache), 1);
}

static const struct {
	const char *sql;
	int count;
	bool faulty;
} stmts[] = {
	{ "SELECT 1", 0, false },
	{ "SELECT $1", 1, false },
	{ "SELECT $2, $1, $2", 2, false },
	{ "SELECT $1, $3", 2, true },
	{ "SELECT $0", 1, true },
	{ "SELECT ?", 1, true },
	{ "SELECT :a", 1, true },
	{ "", 0, true },
	{ "-- nothing", 0, true },
};

static void
counts_parameters(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stmts); i++) {
		const struct store_sqlitestmt *stmt = find(stmts[i].sql);

		assert_int_equal(stmt->count, stmts[i].count);
		if ((stmt->fault != NULL) != stmts[i].faulty)
			fail_msg("%s: %s", stmts[i].sql, stmt->fault);
	}
}

/* It may be right later. */
static void
keeps_nothing_that_is_wrong(void **state)
{
	static const char sql[] = "SELECT * FROM later";
	struct store_sqlitestmt *stmt;

	(void)state;
	assert_int_equal(store_sqlitestmt_find(&cache, db, sql, &stmt),
			 SQLITE_ERROR);
	assert_null(stmt);
	assert_null(cache);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE later (id BIGINT)",
				      NULL, NULL, NULL), SQLITE_OK);
	find(sql);
}

static void
passes_values(void **state)
{
	static const char say[] = "INSERT INTO said VALUES ($2, $1)";
	static const char ask[] =
		"SELECT id, text, typeof(id), typeof(text) FROM said "
		"ORDER BY id";
	static const char *const want[][4] = {
		{ "-9223372036854775808", "it's; --", "integer", "text" },
		{ "7", NULL, "integer", "null" },
	};
	struct store_result *result;

	(void)state;
	result = run(say, STORE_VALUES(store_text(NULL), store_int(7)),
		     SQLITE_DONE);
	assert_int_equal(store_rows(result), 0);
	store_result_free(&result);
	result = run(say, STORE_VALUES(store_text("it's; --"),
				       store_int(INT64_MIN)), SQLITE_DONE);
	store_result_free(&result);
	result = run(ask, NULL, 0, SQLITE_DONE);
	assert_int_equal(result->columns, 4);
	assert_int_equal(store_rows(result), ARRAY_LEN(want));
	for (size_t row = 0; row < ARRAY_LEN(want); row++) {
		for (size_t column = 0; column < 4; column++) {
			const char *cell = store_get_text(result, row, column);

			if (want[row][column] == NULL)
				assert_null(cell);
			else
				assert_string_equal(cell, want[row][column]);
		}
	}
	store_result_free(&result);
}

static void
reads_many_rows(void **state)
{
	static const char sql[] =
		"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL "
		"SELECT i + 1 FROM n WHERE i < 999) SELECT i, 'x' || i FROM n";
	struct store_result *result = run(sql, NULL, 0, SQLITE_DONE);

	(void)state;
	assert_int_equal(store_rows(result), 1000);
	for (size_t row = 0; row < 1000; row++) {
		char text[16];

		snprintf(text, sizeof(text), "x%zu", row);
		assert_int_equal(store_get_int(result, row, 0), row);
		assert_string_equal(store_get_text(result, row, 1), text);
	}
	store_result_free(&result);
}

/* Without a result; and the statement is as good as new. */
static void
says_why_not(void **state)
{
	static const char say[] = "INSERT INTO said VALUES ($1, 'x')";
	struct store_result *result;

	(void)state;
	result = run(say, STORE_VALUES(store_int(1)), SQLITE_DONE);
	store_result_free(&result);
	assert_null(run(say, STORE_VALUES(store_int(1)), SQLITE_CONSTRAINT));
	result = run(say, STORE_VALUES(store_int(2)), SQLITE_DONE);
	store_result_free(&result);
	/* In the midst of its rows. */
	assert_null(run("SELECT abs(i) FROM (SELECT 1 AS i UNION ALL "
			"SELECT -9223372036854775807 - 1)", NULL, 0,
			SQLITE_ERROR));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(prepares_once),
		TEST(counts_parameters),
		TEST(keeps_nothing_that_is_wrong),
		TEST(passes_values),
		TEST(reads_many_rows),
		TEST(says_why_not),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_sqlitestmt", tests, NULL,
					   NULL);
}
