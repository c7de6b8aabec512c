#include "components/archive/rules/concern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/rules/exhibit.h"
#include "shared/error.h"
#include "shared/stanza.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define OUTSIDE "far"

/* What goes between these concerns a policy of those settings. */
static const struct {
	const char *who, *direction, *kind;
	const char *from, *to;
	bool is;
} cases[] = {
	{ NULL, "both", NULL, "r@a", "j@a", true },
	{ NULL, "both", NULL, "r@a", OUTSIDE, true },
	{ NULL, "both", NULL, OUTSIDE, "j@a", true },
	{ NULL, "out", NULL, "r@a", OUTSIDE, true },
	{ NULL, "out", NULL, "r@a", "j@a", true },
	{ NULL, "out", NULL, OUTSIDE, "j@a", false },
	{ NULL, "in", NULL, "r@a", OUTSIDE, false },
	{ NULL, "in", NULL, OUTSIDE, "j@a", true },
	{ "user r@a", "both", NULL, "r@a", "j@a", true },
	{ "user r@a", "both", NULL, "j@a", "r@a", true },
	{ "user r@a", "both", NULL, "j@a", "t@a", false },
	{ "user r@a", "out", NULL, "r@a", "j@a", true },
	{ "user r@a", "out", NULL, "j@a", "r@a", false },
	{ "user r@a", "in", NULL, "j@a", "r@a", true },
	{ "user r@a", "in", NULL, "r@a", "j@a", false },
	{ "outside", "in", NULL, "r@a", OUTSIDE, true },
	{ "outside", "out", NULL, "r@a", OUTSIDE, false },
	{ NULL, "both", "message", "r@a", "j@a", true },
	{ NULL, "both", "iq", "r@a", "j@a", false },
	{ "user r@a", "both", "iq", "r@a", "j@a", false },
};

static void
covers_whom_which_way_and_what(void **state)
{
	const struct stanza stanza = { .kind = STANZA_MESSAGE };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const who[] = { cases[i].who, NULL };
		const char *const kinds[] = { cases[i].kind, NULL };
		const struct concern_settings own = {
			who, cases[i].direction, kinds,
		};
		const struct exhibit exhibit = {
			.stanza = &stanza, .sender = cases[i].from,
			.recipient = cases[i].to,
			.sender_outside =
				strcmp(cases[i].from, OUTSIDE) == 0,
			.recipient_outside =
				strcmp(cases[i].to, OUTSIDE) == 0,
		};
		struct concern concern;
		struct error err;

		assert_int_equal(concern_read(*state, &own, NULL, &concern,
					      &err), 0);
		if (concern_covers(&concern, &exhibit) != cases[i].is)
			fail_msg("case %zu", i);
	}
}

static void
covers_all_whom_it_is_for(void **state)
{
	static const char *const who[] = { "user j@a", NULL };
	static const char *const none[] = { NULL };
	const struct concern_settings own = { who, "in", none };
	const struct stanza stanza = { .kind = STANZA_MESSAGE };
	const struct exhibit_addressee one = { "j@a", false, NULL };
	struct exhibit exhibit = {
		.stanza = &stanza, .sender = "r@a", .recipient = "m.a",
	};
	struct concern concern;
	struct error err;

	assert_int_equal(concern_read(*state, &own, NULL, &concern, &err), 0);
	assert_false(concern_covers(&concern, &exhibit));
	exhibit.crowded = true;
	assert_true(concern_covers(&concern, &exhibit));
	exhibit.crowded = false;
	exhibit.addressees = &one;
	assert_true(concern_covers(&concern, &exhibit));
}

static void
says_which_list_makes_no_sense(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const odd[] = { "x", NULL };
	const struct concern_settings who = { odd, "in", none };
	const struct concern_settings kinds = { none, "in", odd };
	struct concern concern;
	struct error err = { 0 };

	assert_int_equal(concern_read(*state, &who, NULL, &concern, &err),
			 -1);
	assert_non_null(strstr(err.text, "who: \"x\": "));
	assert_int_equal(concern_read(*state, &kinds, NULL, &concern, &err),
			 -1);
	assert_non_null(strstr(err.text, "kinds: x is none of"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(covers_whom_which_way_and_what),
		BED_ARENA_TEST(covers_all_whom_it_is_for),
		BED_ARENA_TEST(says_which_list_makes_no_sense),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_concern", tests, NULL,
					   NULL);
}
