#include "components/archive/keep/preference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define PREFS "<prefs xmlns='urn:xmpp:mam:2'"

static int
parse(struct arena *arena, const char *text, struct preference *preference,
      struct error *err)
{
	return preference_parse(arena, bed_xml(arena, "jabber:client", text),
				preference, err);
}

static const struct {
	const char *text;
	enum error_cond cond;	/* ERROR_NONE: taken */
	bool never_others;
	const char *always, *never;
} cases[] = {
	{ PREFS " default='always'/>", ERROR_NONE, false, "", "" },
	{ PREFS " default='never'><always/><never/></prefs>", ERROR_NONE, true,
	  "", "" },
	{ PREFS " default='never'><always><jid>R@Example</jid><jid>a@b/C</jid>"
	  "<jid>r@example</jid></always><never><jid>b.c</jid></never></prefs>",
	  ERROR_NONE, true, "r@example\na@b/C\n", "b.c\n" },
	{ PREFS "/>", ERROR_BAD_REQUEST, false, NULL, NULL },
	{ PREFS " default='maybe'/>", ERROR_BAD_REQUEST, false, NULL, NULL },
	{ PREFS " default='roster'/>", ERROR_FEATURE_NOT_IMPLEMENTED, false,
	  NULL, NULL },
	{ PREFS " default='always'><never><jid>@</jid></never></prefs>",
	  ERROR_JID_MALFORMED, false, NULL, NULL },
	{ PREFS " default='always'><always><jid/></always></prefs>",
	  ERROR_JID_MALFORMED, false, NULL, NULL },
	{ PREFS " default='always'><always><jid>x@a</jid><jid>a@b</jid>"
	  "</always><never><jid>A@b</jid></never></prefs>", ERROR_BAD_REQUEST,
	  false, NULL, NULL },
};

static void
parses_or_refuses(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct preference preference;
		struct error err = { 0 };
		int ret = parse(arena, cases[i].text, &preference, &err);

		if (cases[i].cond != ERROR_NONE) {
			assert_int_equal(ret, -1);
			assert_int_equal(err.cond, cases[i].cond);
			continue;
		}
		assert_int_equal(ret, 0);
		assert_int_equal(preference.never_others,
				 cases[i].never_others);
		assert_string_equal(preference.always, cases[i].always);
		assert_string_equal(preference.never, cases[i].never);
	}
}

/* So many addresses, each of about that many bytes. */
static const char *
many(struct arena *arena, size_t count, int bytes)
{
	struct str text = { 0 };
	const char *copy;

	str_addz(&text, PREFS " default='always'><never>");
	for (size_t i = 0; i < count; i++)
		str_addf(&text, "<jid>u%zu@example/%0*d</jid>", i, bytes, 0);
	str_addz(&text, "</never></prefs>");
	copy = arena_dup(arena, text.data, text.len);
	str_fini(&text);
	return copy;
}

static void
has_limits(void **state)
{
	struct arena *arena = *state;
	struct preference preference;
	struct error err = { 0 };

	assert_int_equal(parse(arena, many(arena, PREFERENCE_JIDS, 1),
			       &preference, &err), 0);
	assert_int_equal(parse(arena, many(arena, PREFERENCE_JIDS + 1, 1),
			       &preference, &err), -1);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
	assert_int_equal(parse(arena, many(arena, 60, 1000), &preference,
			       &err), 0);
	assert_int_equal(parse(arena, many(arena, 70, 1000), &preference,
			       &err), -1);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
}

static void
prints_what_it_parsed(void **state)
{
	struct arena *arena = *state;
	static const char text[] = PREFS " default='never'><always><jid>a@b"
		"</jid><jid>c@d/e</jid></always><never/></prefs>";
	struct preference preference;
	struct error err = { 0 };
	struct str out = { 0 };

	assert_int_equal(parse(arena, text, &preference, &err), 0);
	xml_print(&out, preference_print(arena, &preference), "");
	assert_string_equal(out.data, text);
	str_fini(&out);
}

/* XEP-0441 section 2.3.1. */
static void
wants_what_fits_best(void **state)
{
	static const struct preference by_list = {
		.never_others = true, .always = "a@b\nd/x\n",
		.never = "a@b/phone\ne\n",
	};
	static const struct preference all_but = {
		.always = "a@b/desk\n", .never = "a@b\nab\n",
	};

	(void)state;
	assert_true(preference_wants(&by_list, "a@b", ""));
	assert_true(preference_wants(&by_list, "a@b", "desk"));
	assert_false(preference_wants(&by_list, "a@b", "phone"));
	assert_true(preference_wants(&by_list, "a@b", "phones"));
	assert_false(preference_wants(&by_list, "b", ""));
	assert_false(preference_wants(&by_list, "a@bc", ""));
	assert_false(preference_wants(&by_list, "d", ""));
	assert_true(preference_wants(&by_list, "d", "x"));
	assert_false(preference_wants(&all_but, "a@b", ""));
	assert_false(preference_wants(&all_but, "a@b", "phone"));
	assert_true(preference_wants(&all_but, "a@b", "desk"));
	assert_true(preference_wants(&all_but, "a", ""));
	assert_true(preference_wants(&all_but, "c@ab", ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(parses_or_refuses),
		BED_ARENA_TEST(has_limits),
		BED_ARENA_TEST(prints_what_it_parsed),
		cmocka_unit_test(wants_what_fits_best),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_preference", tests, NULL,
					   NULL);
}
