#include "shared/journal_puts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/journal_level.h"
#include "t/lib/fake_store.h"

#define COUNT "SELECT count(*) FROM journal_entry"
/* The first, then three statements of many and 5 more. */
#define MANY (1 + 3 * JOURNAL_PUTS_ROWS + 5)

struct bed {
	struct store *store;
	struct journal_level level;
	struct journal_puts *puts;
	unsigned in;		/* how often it was told that some are in */
	unsigned told, failed;
	unsigned last;		/* of those told, from 1 */
	bool wrong;		/* they were told in another order */
};

/* One on its way. */
struct place {
	struct bed *bed;
	unsigned number;
};

static void
on_in(void *ctx)
{
	struct bed *bed = ctx;

	bed->in++;
}

static int
setup(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->store = fake_store_new("journal");
	journal_level_init(&bed->level, 1000000, NULL);
	bed->puts = journal_puts_new(bed->store, &bed->level, on_in, bed);
	*state = bed;
	return 0;
}

static int
teardown(void **state)
{
	struct bed *bed = *state;

	fake_store_free(&bed->store);
	journal_puts_free(&bed->puts);
	free(bed);
	return 0;
}

static void
on_put(void *ctx, const struct error *err)
{
	struct place *place = ctx;
	struct bed *bed = place->bed;

	bed->told++;
	bed->failed += err != NULL;
	bed->wrong = bed->wrong || place->number != bed->last + 1;
	bed->last = place->number;
	free(place);
}

/* Texts of four bytes. */
static void
put(struct bed *bed, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++) {
		struct place *place = calloc(1, sizeof(*place));
		char text[16];

		assert_non_null(place);
		*place = (struct place){ bed, i };
		snprintf(text, sizeof(text), "x%03u", i);
		journal_puts_add(bed->puts, text, on_put, place);
	}
}

static void
puts_many_by_one_statement(void **state)
{
	struct bed *bed = *state;

	journal_puts_open(bed->puts);
	put(bed, 1, MANY);
	assert_int_equal(bed->told, 0);
	assert_int_equal(bed->level.entries, MANY);
	assert_int_equal(bed->level.bytes, 4 * MANY);
	assert_int_equal(journal_puts_bytes(bed->puts), 4 * MANY);
	/* The first, three, and the 5 as 4 and 1. */
	assert_int_equal(fake_store_tell(bed->store), 1 + 3 + 2);
	assert_int_equal(bed->told, MANY);
	assert_int_equal(bed->failed, 0);
	assert_false(bed->wrong);
	assert_int_equal(bed->in, 1 + 3 + 2);
	assert_int_equal(journal_puts_bytes(bed->puts), 0);
	assert_int_equal(fake_store_ask(bed->store, COUNT), MANY);
	assert_int_equal(fake_store_ask(bed->store, COUNT
		" WHERE text = printf('x%03d', id) AND bytes = 4"), MANY);
	assert_int_equal(fake_store_ask(bed->store, COUNT
		" WHERE stamp BETWEEN strftime('%s') * 1000000 - 60000000"
		" AND strftime('%s') * 1000000 + 1000000"), MANY);
}

static void
waits_until_it_is_opened(void **state)
{
	struct bed *bed = *state;

	put(bed, 1, 100);
	journal_puts_flush(bed->puts);
	assert_int_equal(fake_store_tell(bed->store), 0);
	journal_puts_open(bed->puts);
	/* 64, 32 and 4. */
	assert_int_equal(fake_store_tell(bed->store), 3);
	assert_int_equal(bed->told, 100);
	assert_false(bed->wrong);
	assert_int_equal(fake_store_ask(bed->store, COUNT
		" WHERE text = printf('x%03d', id)"), 100);
}

static void
flushes(void **state)
{
	struct bed *bed = *state;

	journal_puts_open(bed->puts);
	put(bed, 1, 4);
	assert_int_equal(fake_store_ask(bed->store, COUNT), 1);
	journal_puts_flush(bed->puts);
	assert_int_equal(fake_store_ask(bed->store, COUNT), 4);
}

static void
tells_what_failed(void **state)
{
	struct bed *bed = *state;

	journal_puts_open(bed->puts);
	put(bed, 1, 1);
	fake_store_set_refused(bed->store, "x003");
	put(bed, 2, 6);
	assert_int_equal(fake_store_tell(bed->store), 3);
	/* Four shared a statement. */
	assert_int_equal(bed->told, 6);
	assert_int_equal(bed->failed, 4);
	assert_false(bed->wrong);
	assert_int_equal(bed->in, 2);
	assert_int_equal(bed->level.entries, 2);
	assert_int_equal(bed->level.bytes, 8);
	assert_int_equal(fake_store_ask(bed->store, COUNT), 2);
}

static void
fails_what_has_gathered(void **state)
{
	static const struct error err = { .cond = ERROR_CONFLICT };
	struct bed *bed = *state;

	put(bed, 1, 3);
	journal_puts_fail(bed->puts, &err);
	assert_int_equal(bed->told, 3);
	assert_int_equal(bed->failed, 3);
	assert_false(bed->wrong);
	assert_int_equal(bed->level.entries, 0);
	assert_int_equal(bed->level.bytes, 0);
	assert_int_equal(journal_puts_bytes(bed->puts), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(puts_many_by_one_statement),
		TEST(waits_until_it_is_opened),
		TEST(flushes),
		TEST(tells_what_failed),
		TEST(fails_what_has_gathered),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("journal_puts", tests, NULL, NULL);
}
