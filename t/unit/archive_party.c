#include "components/archive/rules/party.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/groups.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static struct groups *
make_groups(void)
{
	static const char *const users[] = { "romeo@a", "tybalt@a", NULL };
	static const char *const domains[] = { "d", NULL };
	static const struct groups_settings own = { users, domains };
	static const struct setting_titled titled[] = {
		{ "traders", &own }, { .title = NULL },
	};
	struct groups *groups;
	struct error err;

	assert_int_equal(groups_new(titled, &groups, &err), 0);
	return groups;
}

/* Of romeo@a, juliet@a, hall@rooms.a, x@d and x@far, the last of whom is
   outside: who is one of them. */
static const struct {
	const char *lines[4];
	const char *members;
} cases[] = {
	{ { NULL },				"rjhdf" },
	{ { "user romeo@a" },			"r" },
	{ { "  user \t romeo@a " },		"r" },
	{ { "group traders" },			"rd" },
	{ { "domain a" },			"rj" },
	{ { "room hall@rooms.a", "user juliet@a" }, "jh" },
	{ { "outside" },			"f" },
	{ { "!outside" },			"rjhd" },
	{ { "!group traders", "!outside" },	"jh" },
	{ { "domain a", "!user romeo@a" },	"j" },
	{ { "!user romeo@a", "domain a" },	"j" },
	{ { "group traders", "!domain d", "outside" }, "rf" },
};

static void
has_those_it_names(void **state)
{
	static const struct {
		char letter;
		const char *bare;
		bool outside;
	} people[] = {
		{ 'r', "romeo@a", false }, { 'j', "juliet@a", false },
		{ 'h', "hall@rooms.a", false }, { 'd', "x@d", false },
		{ 'f', "x@far", true },
	};
	struct groups *groups = make_groups();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct party *party;
		struct error err = { 0 };
		char members[8] = "", *end = members;

		if (party_new(*state, cases[i].lines, groups, &party,
			      &err) < 0)
			fail_msg("%s", err.text);
		for (size_t j = 0; j < ARRAY_LEN(people); j++)
			if (party_has(party, people[j].bare,
				      people[j].outside))
				*end++ = people[j].letter;
		assert_string_equal(members, cases[i].members);
	}
	groups_unref(&groups);
}

static void
tells_by_which_entry(void **state)
{
	static const char *const lines[] = {
		"user romeo@a", "!outside", NULL
	};
	const struct party *party;
	struct error err;

	assert_int_equal(party_new(*state, lines, NULL, &party, &err), 0);
	assert_int_equal(party_count(party), 2);
	assert_true(party_entry_has(party, 0, "romeo@a", true));
	assert_false(party_entry_has(party, 0, "juliet@a", true));
	assert_true(party_entry_has(party, 1, "romeo@a", true));
}

static void
knows_both_forms_of_a_domain(void **state)
{
	static const char *const lines[] = {
		"domain b\xc3\xbc" "cher.test", "user romeo@xn--4ca", NULL
	};
	const struct party *party;
	struct error err = { 0 };

	if (party_new(*state, lines, NULL, &party, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(party_has(party, "x@b\xc3\xbc" "cher.test", true));
	assert_true(party_has(party, "x@xn--bcher-kva.test", true));
	assert_false(party_has(party, "x@bucher.test", true));
	assert_true(party_has(party, "romeo@xn--4ca", true));
	assert_true(party_has(party, "romeo@\xc3\xa4", true));
	assert_false(party_has(party, "juliet@\xc3\xa4", true));
}

static const struct {
	const char *line, *why;
} refused[] = {
	{ "", "none of user" },
	{ "romeo@a", "none of user" },
	{ "user", "none of user" },
	{ "outside a", "none of user" },
	{ "people romeo@a", "none of user" },
	{ "user Romeo@a", "write 'romeo@a'" },
	{ "user romeo@a/x", "" },
	{ "domain romeo@a", "" },
	{ "group nobody", "there is no group \"nobody\"" },
	{ "user romeo@a juliet@a", "more than one name" },
	{ "! user romeo@a", "none of user" },
};

static void
refuses_what_makes_no_sense(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const char *const lines[] = { refused[i].line, NULL };
		const struct party *party;
		struct error err = { 0 };

		if (party_new(*state, lines, NULL, &party, &err) == 0)
			fail_msg("\"%s\" is taken", refused[i].line);
		if (strstr(err.text, refused[i].why) == NULL)
			fail_msg("%s", err.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(has_those_it_names),
		BED_ARENA_TEST(knows_both_forms_of_a_domain),
		BED_ARENA_TEST(tells_by_which_entry),
		BED_ARENA_TEST(refuses_what_makes_no_sense),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_party", tests, NULL,
					   NULL);
}
