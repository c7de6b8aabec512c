#include "shared/inbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/xml.h"

static void
put(struct inbox *inbox, const char *name, size_t ballast)
{
	struct arena *arena = arena_new();

	arena_alloc(arena, ballast);
	inbox_put(inbox, arena, xml_new(arena, NS_CLIENT, name));
}

static void
assert_takes(struct inbox *inbox, const char *name)
{
	struct arena *arena;
	struct xml *el;

	assert_true(inbox_take(inbox, &arena, &el));
	assert_string_equal(el->name, name);
	arena_free(&arena);
}

static void
keeps_the_order(void **state)
{
	struct inbox inbox = { 0 };
	struct arena *arena;
	struct xml *el;

	(void)state;
	put(&inbox, "message", 1);
	put(&inbox, "presence", 1);
	assert_takes(&inbox, "message");
	put(&inbox, "iq", 1);
	assert_takes(&inbox, "presence");
	assert_false(inbox_is_empty(&inbox));
	assert_takes(&inbox, "iq");
	assert_true(inbox_is_empty(&inbox));
	assert_false(inbox_take(&inbox, &arena, &el));
}

static void
counts_memory(void **state)
{
	struct inbox inbox = { 0 };
	size_t one;

	(void)state;
	put(&inbox, "message", 1);
	one = inbox.bytes;
	assert_true(one > 100 && one < 10000);
	put(&inbox, "message", 100000);
	assert_true(inbox.bytes > one + 100000);
	assert_takes(&inbox, "message");
	assert_true(inbox.bytes > 100000 && inbox.bytes < 110000);
	inbox_clear(&inbox);
	assert_int_equal(inbox.bytes, 0);
	assert_true(inbox_is_empty(&inbox));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_order),
		cmocka_unit_test(counts_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("inbox", tests, NULL, NULL);
}
