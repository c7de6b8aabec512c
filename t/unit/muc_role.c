#include "components/muc/role.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	enum role role;
	const char *name;
} roles[] = {
	{ ROLE_NONE, "none" },
	{ ROLE_VISITOR, "visitor" },
	{ ROLE_PARTICIPANT, "participant" },
	{ ROLE_MODERATOR, "moderator" },
};

static const struct {
	enum affiliation affiliation;
	const char *name;
} affiliations[] = {
	{ AFFILIATION_OUTCAST, "outcast" },
	{ AFFILIATION_NONE, "none" },
	{ AFFILIATION_MEMBER, "member" },
	{ AFFILIATION_ADMIN, "admin" },
	{ AFFILIATION_OWNER, "owner" },
};

static const char *const unknown[] = {
	"", "Moderator", "moderator ", "voice", "owners", "nobody",
};

static void
names_roles(void **state)
{
	enum role role;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		assert_string_equal(role_name(roles[i].role), roles[i].name);
		assert_true(role_find(roles[i].name, &role));
		assert_int_equal(role, roles[i].role);
	}
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
		assert_false(role_find(unknown[i], &role));
	assert_false(role_find("owner", &role));
}

static void
names_affiliations(void **state)
{
	enum affiliation found;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(affiliations); i++) {
		assert_string_equal(
			affiliation_name(affiliations[i].affiliation),
			affiliations[i].name);
		assert_true(affiliation_find(affiliations[i].name, &found));
		assert_int_equal(found, affiliations[i].affiliation);
	}
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
		assert_false(affiliation_find(unknown[i], &found));
	assert_false(affiliation_find("visitor", &found));
}

/* The order of power, which comparisons rely on (section 5). */
static void
grows_in_power(void **state)
{
	(void)state;
	for (size_t i = 1; i < ARRAY_LEN(roles); i++)
		assert_true(roles[i - 1].role < roles[i].role);
	for (size_t i = 1; i < ARRAY_LEN(affiliations); i++)
		assert_true(affiliations[i - 1].affiliation <
			    affiliations[i].affiliation);
}

/* The table of section 5.1.2. */
static const struct {
	enum affiliation affiliation;
	bool moderated;
	enum role role;
} defaults[] = {
	{ AFFILIATION_OUTCAST, true, ROLE_NONE },
	{ AFFILIATION_NONE, true, ROLE_VISITOR },
	{ AFFILIATION_MEMBER, true, ROLE_PARTICIPANT },
	{ AFFILIATION_ADMIN, true, ROLE_MODERATOR },
	{ AFFILIATION_OWNER, true, ROLE_MODERATOR },
	{ AFFILIATION_OUTCAST, false, ROLE_NONE },
	{ AFFILIATION_NONE, false, ROLE_PARTICIPANT },
	{ AFFILIATION_MEMBER, false, ROLE_PARTICIPANT },
	{ AFFILIATION_ADMIN, false, ROLE_MODERATOR },
	{ AFFILIATION_OWNER, false, ROLE_MODERATOR },
};

static void
gives_a_role_on_entering(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
		assert_int_equal(role_on_entering(defaults[i].affiliation,
						  defaults[i].moderated),
				 defaults[i].role);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_roles),
		cmocka_unit_test(names_affiliations),
		cmocka_unit_test(grows_in_power),
		cmocka_unit_test(gives_a_role_on_entering),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_role", tests, NULL, NULL);
}
