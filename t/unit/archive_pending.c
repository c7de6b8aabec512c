#include "components/archive/retention/pending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "shared/str.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

#define KEEP(uid, since, sender, recipient, waits) \
	"('" uid "', 'h', 0, 'p', 5, " since ", '" sender "', '" recipient \
	"', '<message/>', '" waits "')"

static void
keep_some(struct database *db)
{
	database_do(db, "INSERT INTO archive_held VALUES "
		    KEEP("k1", "10", "r@a/x", "j@b", "") ", "
		    KEEP("k2", "20", "j@b/y", "n@c", "p") ", "
		    KEEP("k3", "20", "r@a", "t@d/z", "") ", "
		    KEEP("k4", "30", "r@a", "t@d/z", ""));
}

#define HOLD(db, whose, since, until) \
	database_do(db, "INSERT INTO archive_hold VALUES ('m', '" whose \
		    "', " since ", " until ", 'w', 0, NULL)")

struct found {
	bool done;
	char uid[8];	/* "": there was none */
};

static void
on_found(void *ctx, const struct store_result *result, const struct error *err)
{
	struct found *found = ctx;

	assert_null(err);
	found->done = true;
	if (store_rows(result) > 0)
		snprintf(found->uid, sizeof(found->uid), "%s",
			 held_of(result, 0).uid);
}

/* Of those that are held since before 30. */
static void
expect_next(struct database *db, int64_t since, const char *uid,
	    const char *wanted)
{
	struct held_place place = { since, str_dup(uid) };
	struct found found = { 0 };

	pending_find(db->store, &place, 30, on_found, &found);
	database_wait(db, &found.done);
	assert_string_equal(found.uid, wanted);
	held_place_reset(&place);
}

static void
finds_what_waits_for_long(void **state)
{
	struct database *db = *state;

	keep_some(db);
	expect_next(db, 0, "", "k1");
	expect_next(db, 10, "k1", "k2");
	expect_next(db, 20, "k2", "k3");
	expect_next(db, 20, "k3", "");
}

/* By the bare address or the domain of either, when it was sent. */
static void
passes_over_what_is_held_in_a_matter(void **state)
{
	struct database *db = *state;

	keep_some(db);
	HOLD(db, "j@b", "0", "6");
	HOLD(db, "d", "6", "9");
	HOLD(db, "a/x", "0", "9");
	HOLD(db, "b", "0", "5");
	expect_next(db, 0, "", "k3");
	HOLD(db, "a", "5", "9");
	expect_next(db, 0, "", "");
}

static size_t
drop(struct database *db, const char *uid, const char *host, int64_t before)
{
	const struct held held = { .uid = uid, .host = host };
	struct database_answer got = { 0 };
	size_t rows;

	held_remove_free(db->store, &held, before, database_take, &got);
	database_wait(db, &got.done);
	assert_int_equal(got.err.cond, ERROR_NONE);
	rows = got.rows;
	database_answer_fini(&got);
	return rows;
}

static void
removes_what_is_still_so(void **state)
{
	struct database *db = *state;

	keep_some(db);
	HOLD(db, "j@b", "0", "6");
	assert_int_equal(drop(db, "k1", "h", 30), 0);
	assert_int_equal(drop(db, "k3", "other", 30), 0);
	assert_int_equal(drop(db, "k3", "h", 20), 0);
	assert_int_equal(drop(db, "k3", "h", 21), 1);
	assert_int_equal(drop(db, "k3", "h", 21), 0);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM archive_held"),
			 3);
}

static void
expect_counts(struct database *db, const char *all, const char *review,
	      const char *since)
{
	struct database_answer got = { 0 };

	pending_count(db->store, database_take, &got);
	database_wait(db, &got.done);
	assert_string_equal(got.cells[0], all);
	assert_string_equal(got.cells[1], review);
	if (since == NULL)
		assert_null(got.cells[2]);
	else
		assert_string_equal(got.cells[2], since);
	database_answer_fini(&got);
}

static void
counts_what_there_is(void **state)
{
	struct database *db = *state;

	expect_counts(db, "0", "0", NULL);
	keep_some(db);
	expect_counts(db, "4", "3", "10");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(finds_what_waits_for_long),
		TEST(passes_over_what_is_held_in_a_matter),
		TEST(removes_what_is_still_so),
		TEST(counts_what_there_is),
	};

	return archivebed_run("archive_pending", tests, ARRAY_LEN(tests));
}
