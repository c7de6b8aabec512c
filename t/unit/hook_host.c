#include "shared/hook_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static void
greet(struct arena *arena, struct hook_host *host, const char *name,
      const char *value)
{
	struct xml *hello = xml_new(arena, NS_ANNEX, "hello");

	if (name != NULL)
		xml_set(arena, hello, name, value);
	hook_host_greet(host, hello);
}

static void
begins_down(void **state)
{
	struct hook_host host;

	(void)state;
	hook_host_init(&host, "example");
	assert_false(host.up);
	assert_string_equal(host.domain, "example");
	hook_host_fini(&host);
}

static void
has_what_is_usual(void **state)
{
	struct hook_host host;

	hook_host_init(&host, "example");
	greet(*state, &host, NULL, NULL);
	assert_true(host.up);
	assert_int_equal(host.hooks, 0);
	assert_int_equal(host.version, 0);
	assert_int_equal(host.window, 1);
	assert_int_equal(host.credit, 1);
	assert_true(host.stanza_bytes == SIZE_MAX);
	hook_host_fini(&host);
}

static const struct {
	const char *text;
	unsigned hooks;
} words[] = {
	{ "", 0 },
	{ "tap", HOOK_TAP },
	{ " check\n store  ", HOOK_CHECK | HOOK_STORE },
	{ "presence route deliver fanout overlay act delegate",
	  HOOK_PRESENCE | HOOK_ROUTE | HOOK_DELIVER | HOOK_FANOUT |
	  HOOK_OVERLAY | HOOK_ACT | HOOK_DELEGATE },
	{ "ta taps TAP tap,check", 0 },
};

static void
reads_hooks(void **state)
{
	struct hook_host host;

	hook_host_init(&host, "example");
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		greet(*state, &host, "hooks", words[i].text);
		assert_int_equal(host.hooks, words[i].hooks);
	}
	hook_host_fini(&host);
}

static void
bounds_numbers(void **state)
{
	struct hook_host host;

	hook_host_init(&host, "example");
	greet(*state, &host, "credit", "18446744073709551617");
	assert_int_equal(host.credit, 1000000);
	greet(*state, &host, "credit", "-3");
	assert_int_equal(host.credit, 1);
	greet(*state, &host, "credit", "0");
	assert_int_equal(host.credit, 1);
	greet(*state, &host, "stanza-bytes", "262144");
	assert_int_equal(host.stanza_bytes, 262144);
	hook_host_fini(&host);
}

/* Letters may be escaped. */
static void
takes_what_fits(void **state)
{
	struct arena *arena = *state;
	struct xml *stanza = xml_new(arena, NS_CLIENT, "message");
	struct hook_host host;

	hook_host_init(&host, "example");
	xml_put_text(arena, stanza, arena_printf(arena, "%04000d", 1));
	greet(arena, &host, NULL, NULL);
	assert_true(hook_host_takes(&host, stanza));
	greet(arena, &host, "stanza-bytes", "9000");
	assert_true(hook_host_takes(&host, stanza));
	xml_put_text(arena, stanza, arena_printf(arena, "%0700d%s%s", 1,
		">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>",
		">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>"));
	assert_false(hook_host_takes(&host, stanza));
	greet(arena, &host, "stanza-bytes", "4000");
	assert_false(hook_host_takes(&host, xml_new(arena, NS_CLIENT, "iq")));
	hook_host_fini(&host);
}

static void
sees_a_new_epoch(void **state)
{
	struct hook_host host;

	hook_host_init(&host, "example");
	greet(*state, &host, "epoch", "1");
	assert_true(host.anew);
	greet(*state, &host, "epoch", "1");
	assert_false(host.anew);
	greet(*state, &host, "epoch", "2");
	assert_true(host.anew);
	assert_string_equal(host.epoch, "2");
	hook_host_fini(&host);
}

static void
names_hooks(void **state)
{
	struct str text = { 0 };

	(void)state;
	hook_host_add_names(&text, HOOK_DELEGATE | HOOK_TAP | HOOK_STORE);
	assert_string_equal(text.data, "tap, store, delegate");
	str_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_down),
		BED_ARENA_TEST(has_what_is_usual),
		BED_ARENA_TEST(reads_hooks),
		BED_ARENA_TEST(bounds_numbers),
		BED_ARENA_TEST(takes_what_fits),
		BED_ARENA_TEST(sees_a_new_epoch),
		cmocka_unit_test(names_hooks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hook_host", tests, NULL, NULL);
}
