#include "components/muc/memo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct note {
	struct memo memo;
	int what;
};

static struct memo *table;

static int
teardown(void **state)
{
	(void)state;
	memo_clear(&table);
	assert_null(table);
	return 0;
}

static void
note(const char *jid, int what)
{
	struct note *note = memo_add(&table, jid, sizeof(*note), 3);

	assert_int_equal(note->what, 0);
	note->what = what;
}

static void
assert_note(const char *jid, int what)
{
	const struct note *note = memo_find(table, jid);

	if (what == 0) {
		assert_null(note);
		return;
	}
	assert_non_null(note);
	assert_int_equal(note->what, what);
}

static void
finds_by_address(void **state)
{
	char jid[] = "a@x.example";

	(void)state;
	assert_note("a@x.example", 0);
	note(jid, 1);
	note("b@x.example", 2);
	/* The address is its own copy. */
	jid[0] = 'c';
	assert_note("a@x.example", 1);
	assert_note("b@x.example", 2);
	assert_note("c@x.example", 0);
	assert_note("a@x.example/1", 0);
	assert_note("", 0);
}

static void
drops_one(void **state)
{
	(void)state;
	note("a@x.example", 1);
	note("b@x.example", 2);
	memo_drop(&table, memo_find(table, "a@x.example"));
	assert_note("a@x.example", 0);
	assert_note("b@x.example", 2);
	note("a@x.example", 3);
	assert_note("a@x.example", 3);
}

/* In the order in which they were made, however often they are looked for. */
static void
forgets_the_oldest(void **state)
{
	(void)state;
	note("a@x.example", 1);
	note("b@x.example", 2);
	note("c@x.example", 3);
	assert_note("a@x.example", 1);
	note("d@x.example", 4);
	assert_note("a@x.example", 0);
	assert_note("b@x.example", 2);
	/* Dropped and made again, it is the newest. */
	memo_drop(&table, memo_find(table, "b@x.example"));
	note("b@x.example", 5);
	note("e@x.example", 6);
	assert_note("c@x.example", 0);
	assert_note("d@x.example", 4);
	assert_note("b@x.example", 5);
	assert_note("e@x.example", 6);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(finds_by_address, teardown),
		cmocka_unit_test_teardown(drops_one, teardown),
		cmocka_unit_test_teardown(forgets_the_oldest, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_memo", tests, NULL, NULL);
}
