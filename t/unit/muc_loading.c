#include "components/muc/loading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define ENTER \
	"<presence from='u%d@u.example/1' to='%s@muc.example/u%d'>" \
	"<x xmlns='http://jabber.org/protocol/muc'/></presence>"
#define ASK "<iq from='u@u.example/1' to='r%d@muc.example' type='get' " \
	    "id='1'><query xmlns='http://jabber.org/protocol/disco#info'/>" \
	    "</iq>"

/* What is sent at once. */
static const char *
enter(struct mucbed *bed, const char *room, int who)
{
	return mucbed_receive(bed, arena_printf(bed->arena, ENTER, who, room,
						who));
}

/* A conference begins: all of them enter. */
static void
keeps_a_crowd(void **state)
{
	struct mucbed *bed = *state;

	bed->held = true;
	bed->settings.max_occupants = 0;
	/* There are 1000 times 1000 presences. */
	bed->muc->defaults.presencebroadcast = 0;
	for (int i = 0; i < 1000; i++)
		assert_string_equal(enter(bed, "r", i), "");
	assert_int_equal(bed->muc->loading.count, 1000);
	fake_store_tell(bed->runtime.store);
	assert_int_equal(bed->muc->loading.count, 0);
	assert_int_equal(bed->muc->loading.bytes, 0);
	assert_int_equal(HASH_COUNT(room_find(bed->muc, "r@muc.example")
				    ->sessions), 1000);
}

/* Whoever makes up the names of rooms: for none is anything begun. */
static void
keeps_so_many_of_all_rooms(void **state)
{
	struct mucbed *bed = *state;

	bed->held = true;
	for (int i = 0; i < 10000; i++)
		assert_string_equal(mucbed_receive(bed,
				arena_printf(bed->arena, ASK, i)), "");
	assert_int_equal(HASH_COUNT(bed->muc->rooms), 10000);
	assert_non_null(strstr(mucbed_receive(bed, arena_printf(bed->arena,
			ASK, 10000)), "<error type='wait'>"
			"<resource-constraint "));
	assert_string_equal(mucbed_errors(bed, arena_printf(bed->arena,
			ASK, 1)), " resource-constraint");
	assert_int_equal(HASH_COUNT(bed->muc->rooms), 10000);
	/* It passes. */
	fake_store_tell(bed->runtime.store);
	assert_int_equal(bed->muc->loading.count, 0);
	bed->held = false;
	assert_string_equal(mucbed_errors(bed, arena_printf(bed->arena,
			ASK, 10000)), " item-not-found");
}

/* Large ones are fewer. */
static void
keeps_so_much(void **state)
{
	struct mucbed *bed = *state;
	char text[60001];
	const char *big;
	int n = 0;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	big = arena_printf(bed->arena, "<message from='u@u.example/1' "
			   "to='r@muc.example' type='groupchat'><body>%s"
			   "</body></message>", text);
	bed->held = true;
	while (*mucbed_errors(bed, big) == '\0')
		n++;
	assert_in_range(n, 200, 300);
	assert_int_equal(bed->muc->loading.count, n);
	fake_store_tell(bed->runtime.store);
	assert_int_equal(bed->muc->loading.bytes, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(keeps_a_crowd),
		TEST(keeps_so_many_of_all_rooms),
		TEST(keeps_so_much),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_loading", tests, NULL, NULL);
}
