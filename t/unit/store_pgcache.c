#include "shared/store_pgcache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define MANY 5000

/* Three texts, of which two are alike. */
static const char select_a[] = "SELECT 1";
static const char select_b[] = "SELECT 1";
static const char update[] = "UPDATE a SET b = $1";

static int
setup(void **state)
{
	*state = store_pgcache_new();
	return 0;
}

static int
teardown(void **state)
{
	struct store_pgcache *cache = *state;

	store_pgcache_free(&cache);
	assert_null(cache);
	store_pgcache_free(&cache);
	return 0;
}

enum action { NAME, FORGET, CLEAR };

/* What happens in order, and what a statement is called then. */
static const struct {
	enum action action;
	const char *sql;
	unsigned long flight;
	const char *name;
	bool fresh;
} steps[] = {
	/* Forgetting and clearing nothing. */
	{ FORGET, NULL, 0, NULL, false },
	{ CLEAR, NULL, 0, NULL, false },

	/* Known by address, whichever flight asks. */
	{ NAME, select_a, 1, "s0", true },
	{ NAME, select_a, 1, "s0", false },
	{ NAME, select_b, 1, "s1", true },
	{ NAME, update, 2, "s2", true },
	{ NAME, select_a, 2, "s0", false },
	{ NAME, update, 3, "s2", false },

	/* Those whom a flight has only used stay. */
	{ FORGET, NULL, 3, NULL, false },
	{ NAME, update, 4, "s2", false },
	{ NAME, select_b, 4, "s1", false },

	/* Of a flight that failed some may be there: no name comes back. */
	{ FORGET, NULL, 1, NULL, false },
	{ NAME, update, 5, "s2", false },
	{ NAME, select_a, 5, "s3", true },
	{ NAME, select_b, 6, "s4", true },
	{ FORGET, NULL, 1, NULL, false },
	{ NAME, select_a, 7, "s3", false },
	{ FORGET, NULL, 5, NULL, false },
	{ FORGET, NULL, 5, NULL, false },
	{ NAME, select_a, 7, "s5", true },
	{ NAME, select_b, 7, "s4", false },

	{ CLEAR, NULL, 0, NULL, false },
	{ NAME, update, 0, "s6", true },
	{ NAME, update, 8, "s6", false },
	{ FORGET, NULL, 0, NULL, false },
	{ NAME, update, 0, "s7", true },
	{ NAME, select_a, ~0UL, "s8", true },
	{ FORGET, NULL, ~0UL, NULL, false },
	{ NAME, select_a, 1, "s9", true },
	{ NAME, update, 1, "s7", false },
};

static void
names_what_is_prepared(void **state)
{
	struct store_pgcache *cache = *state;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const char *name;
		bool fresh;

		switch (steps[i].action) {
		case FORGET:
			store_pgcache_forget(cache, steps[i].flight);
			break;
		case CLEAR:
			store_pgcache_clear(cache);
			break;
		case NAME:
			fresh = !steps[i].fresh;
			name = store_pgcache_name(cache, steps[i].sql,
						  steps[i].flight, &fresh);
			assert_string_equal(name, steps[i].name);
			assert_int_equal(fresh, steps[i].fresh);
			break;
		}
	}
}

/* The text is not looked at, nor copied. */
static void
names_last_while_others_come(void **state)
{
	struct store_pgcache *cache = *state;
	char *texts = malloc(MANY);
	const char *first;
	bool fresh;

	assert_non_null(texts);
	memset(texts, '\xff', MANY);
	first = store_pgcache_name(cache, &texts[0], 0, &fresh);
	for (size_t i = 1; i < MANY; i++) {
		store_pgcache_name(cache, &texts[i], i % 2, &fresh);
		assert_true(fresh);
	}
	assert_string_equal(first, "s0");
	assert_string_equal(store_pgcache_name(cache, &texts[MANY - 1], 2,
					       &fresh), "s4999");
	assert_false(fresh);

	store_pgcache_forget(cache, 1);
	for (size_t i = 0; i < MANY; i++) {
		store_pgcache_name(cache, &texts[i], 3, &fresh);
		assert_int_equal(fresh, i % 2 == 1);
	}
	free(texts);
}

/* Each connection has names of its own. */
static void
caches_are_apart(void **state)
{
	struct store_pgcache *other = store_pgcache_new();
	bool fresh;

	store_pgcache_name(*state, select_a, 1, &fresh);
	assert_string_equal(store_pgcache_name(other, update, 1, &fresh),
			    "s0");
	assert_true(fresh);
	store_pgcache_free(&other);
	assert_string_equal(store_pgcache_name(*state, select_a, 2, &fresh),
			    "s0");
	assert_false(fresh);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(names_what_is_prepared),
		TEST(names_last_while_others_come),
		TEST(caches_are_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_pgcache", tests, NULL,
					   NULL);
}
