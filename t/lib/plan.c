#include "t/lib/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/str.h"
#include "t/lib/database.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define STATEMENTS 120
#define TEXT_SIZE 12288
#define PARAMS_MAX 20

struct plan {
	size_t column;
	bool done;
	struct str text;
};

/* A statement is known by its place. */
static char texts[STATEMENTS][TEXT_SIZE];
static size_t used;

static char *
next_text(void)
{
	assert_true(used < ARRAY_LEN(texts));
	return texts[used++];
}

void
plan_mode(struct database *db, int mode)
{
	static const char *const modes[PLAN_MODES] = {
		"SELECT set_config('plan_cache_mode', 'force_custom_plan', "
		"false)",
		"SELECT set_config('plan_cache_mode', 'force_generic_plan', "
		"false)",
	};

	database_ask(db, modes[mode]);
}

static void
on_plan(void *ctx, const struct store_result *result, const struct error *err)
{
	struct plan *plan = ctx;

	plan->done = true;
	if (err != NULL)
		fail_msg("%s", err->text);
	for (size_t i = 0; i < store_rows(result); i++)
		str_addf(&plan->text, "%s\n",
			 store_get_text(result, i, plan->column));
}

/* How many parameters it has. */
static size_t
count_params(const char *sql)
{
	size_t most = 0;

	for (const char *at = sql; (at = strchr(at, '$')) != NULL; at++) {
		size_t number = strtoul(at + 1, NULL, 10);

		if (number > most)
			most = number;
	}
	assert_true(most <= PARAMS_MAX);
	return most;
}

char *
plan_find(struct database *db, const char *sql, const char *values)
{
	const struct store_value params[PARAMS_MAX] = { 0 };
	bool is_sqlite = db->kind == DATABASE_SQLITE;
	struct plan plan = { .column = is_sqlite ? 3 : 0 };
	char *explain = next_text(), *prepare;

	assert_true(strlen(sql) < TEXT_SIZE - 100);
	if (is_sqlite) {
		snprintf(explain, TEXT_SIZE, "EXPLAIN QUERY PLAN %s", sql);
	} else {
		prepare = next_text();
		snprintf(prepare, TEXT_SIZE, "PREPARE p%zu AS %s", used, sql);
		database_do(db, prepare);
		snprintf(explain, TEXT_SIZE, "EXPLAIN (ANALYZE, COSTS OFF, "
			 "TIMING OFF, SUMMARY OFF) EXECUTE p%zu(%s)", used,
			 values);
	}
	/* SQLite takes what explains a change for one. */
	store_write(db->store, explain, params,
		    is_sqlite ? count_params(sql) : 0, on_plan, &plan);
	database_wait(db, &plan.done);
	return plan.text.data;
}

static void
refuse(const char *plan, const char *why)
{
	/* cmocka prints the first lines alone. */
	fputs(plan, stderr);
	fail_msg("%s", why);
}

static void
check_counts(const char *plan, const char *what, long most)
{
	for (const char *at = plan; (at = strstr(at, what)) != NULL; at++)
		if (strtol(at + strlen(what), NULL, 10) > most)
			refuse(plan, "more is read than is wanted");
}

void
plan_check_rows(const char *plan, long most)
{
	check_counts(plan, "(actual rows=", most);
}

void
plan_check_removed(const char *plan, long most)
{
	check_counts(plan, "Rows Removed by Filter: ", most);
}

void
plan_check_scan(const char *plan, const char *table)
{
	char scan[100];

	snprintf(scan, sizeof(scan), "Seq Scan on %s", table);
	if (strstr(plan, scan) != NULL)
		refuse(plan, "all of it is read");
}

void
plan_check_first(const char *plan, const char *step)
{
	if (strncmp(plan, step, strlen(step)) != 0)
		refuse(plan, "it goes another way");
}
