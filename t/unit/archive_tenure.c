#include "components/archive/retention/tenure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/groups.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define DAY 86400

static struct tenure *
read_lines(const char *const *lines)
{
	struct tenure *tenure;
	struct error err = { 0 };

	if (tenure_new(lines, NULL, &tenure, &err) < 0)
		fail_msg("%s", err.text);
	return tenure;
}

static const char *const lines[] = {
	"user romeo@a.test 30d",
	"domain a.test kind encrypted 7d",
	"room hall@c.test  12h",
	"kind remote\tkind groupchat 5m",
	"domain c.test forever",
	"all 365d",
	NULL
};

#define E TENURE_ENCRYPTED
#define R TENURE_REMOTE
#define G TENURE_GROUPCHAT

static const struct {
	const char *owner;
	unsigned kind;
	size_t rule;
} cases[] = {
	{ "romeo@a.test",	0,	0 },
	{ "romeo@a.test",	E | R,	0 },
	{ "romeo@a.test",	G,	5 },
	{ "juliet@a.test",	E,	1 },
	{ "a.test",		E | R,	1 },
	{ "juliet@a.test",	0,	5 },
	{ "juliet@x.a.test",	E,	5 },
	{ "hall@c.test",	G | R,	2 },
	{ "hall@c.test",	0,	4 },
	{ "hall@c.test/123",	G | R,	2 },
	{ "hall@c.test/123",	0,	4 },
	{ "hall@c.test.x/123",	G,	5 },
	{ "cellar@c.test/123",	G,	4 },
	{ "cellar@c.test/123",	G | R,	3 },
	{ "cellar@d.test",	R,	5 },
};

static void
finds_the_first_that_fits(void **state)
{
	struct tenure *tenure = read_lines(lines);

	(void)state;
	assert_int_equal(tenure_count(tenure), 6);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (tenure_find(tenure, cases[i].owner, cases[i].kind) !=
		    cases[i].rule)
			fail_msg("case %zu: %s", i, cases[i].owner);
	tenure_free(&tenure);
	assert_null(tenure);
}

static void
finds_members_of_groups(void **state)
{
	static const char *const users[] = { "r@a", NULL };
	static const char *const domains[] = { "b", NULL };
	static const char *const by_group[] = {
		"group x kind encrypted 2d", "group x 1d", NULL
	};
	const struct groups_settings own = { users, domains };
	const struct setting_titled titled[] = {
		{ "x", &own }, { .title = NULL },
	};
	struct groups *groups;
	struct tenure *tenure;
	struct error err;

	(void)state;
	assert_int_equal(groups_new(titled, &groups, &err), 0);
	assert_int_equal(tenure_new(by_group, groups, &tenure, &err), 0);
	assert_int_equal(tenure_find(tenure, "r@a", E), 0);
	assert_int_equal(tenure_find(tenure, "r@a", 0), 1);
	assert_int_equal(tenure_find(tenure, "j@b", R), 1);
	assert_int_equal(tenure_find(tenure, "j@a", 0), TENURE_NONE);
	assert_int_equal(tenure_longest(tenure), 0);
	tenure_free(&tenure);
	groups_unref(&groups);
}

static void
finds_none_where_none_fits(void **state)
{
	static const char *const one[] = { "user r@a 1d", NULL };
	static const char *const none[] = { NULL };
	struct tenure *tenure = read_lines(one);

	(void)state;
	assert_int_equal(tenure_find(tenure, "j@a", 0), TENURE_NONE);
	tenure_free(&tenure);
	tenure = read_lines(none);
	assert_int_equal(tenure_count(tenure), 0);
	assert_int_equal(tenure_find(tenure, "j@a", 0), TENURE_NONE);
	tenure_free(&tenure);
}

static void
knows_how_long(void **state)
{
	static const unsigned secs[] = {
		30 * DAY, 7 * DAY, DAY / 2, 300, 0, 365 * DAY,
	};
	struct tenure *tenure = read_lines(lines);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(secs); i++)
		assert_int_equal(tenure_secs(tenure, i), secs[i]);
	assert_string_equal(tenure_text(tenure, 2), "room hall@c.test  12h");
	tenure_free(&tenure);
}

static const struct {
	const char *lines[3];
	unsigned longest;
} longest[] = {
	{ { NULL }, 0 },
	{ { "all 30s" }, 30 },
	{ { "kind encrypted 3d", "all 2d" }, 3 * DAY },
	{ { "kind encrypted 1d", "all 2d" }, 2 * DAY },
	{ { "kind encrypted forever", "all 2d" }, 0 },
	{ { "kind encrypted 2d", "all forever" }, 0 },
	{ { "kind encrypted 2d" }, 0 },
};

static void
knows_when_all_is_over(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(longest); i++) {
		struct tenure *tenure = read_lines(longest[i].lines);

		assert_int_equal(tenure_longest(tenure), longest[i].longest);
		tenure_free(&tenure);
	}
}

static const struct {
	const char *line;
	const char *why;
} refused[] = {
	{ "",				"begins with none of" },
	{ "30d",			"begins with none of" },
	{ "group x 30d",		"no group \"x\"" },
	{ "party x 30d",		"begins with none of" },
	{ "all",			"one time" },
	{ "all 30",			"one time" },
	{ "all 0d",			"one time" },
	{ "all 1w",			"one time" },
	{ "all -1d",			"one time" },
	{ "all 30dd",			"one time" },
	{ "all 30d 30d",		"one time" },
	{ "all 36501d",			"one time" },
	{ "all 99999999999d",		"one time" },
	{ "all 99999999999999999999d",	"one time" },
	{ "all kind encrypted 30d",	"one time" },
	{ "user",			"nothing behind user" },
	{ "kind",			"nothing behind kind" },
	{ "user 30d",			"one time" },
	{ "user Romeo@a.test 30d",	"" },
	{ "user romeo@a.test/x 30d",	"" },
	{ "domain r@a.test 30d",	"" },
	{ "kind chat 30d",		"chat is none of" },
	{ "user r@a user j@a 30d",	"twice" },
	{ "user r@a domain a 30d",	"twice" },
	{ "user r@a kind groupchat 30d", "of that kind" },
};

static void
refuses_what_makes_no_sense(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const char *const bad[] = { refused[i].line, NULL };
		struct error err = { 0 };
		struct tenure *tenure;

		if (tenure_new(bad, NULL, &tenure, &err) == 0)
			fail_msg("\"%s\" is taken", refused[i].line);
		assert_null(tenure);
		if (strstr(err.text, refused[i].why) == NULL)
			fail_msg("%s", err.text);
	}
}

static void
refuses_what_never_counts(void **state)
{
	static const char *const bad[] = { "all 1d", "user r@a 2d", NULL };
	struct tenure *tenure;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(tenure_new(bad, NULL, &tenure, &err), -1);
	assert_string_equal(err.text, "\"user r@a 2d\": the rule before is "
			    "about all");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_first_that_fits),
		cmocka_unit_test(finds_members_of_groups),
		cmocka_unit_test(finds_none_where_none_fits),
		cmocka_unit_test(knows_how_long),
		cmocka_unit_test(knows_when_all_is_over),
		cmocka_unit_test(refuses_what_makes_no_sense),
		cmocka_unit_test(refuses_what_never_counts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_tenure", tests, NULL,
					   NULL);
}
