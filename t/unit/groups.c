#include "shared/groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"

static const char *const none[] = { NULL };
static const char *const people[] = { "romeo@a.test", "b.test", NULL };
static const char *const domains[] = { "c.test", "c.test", NULL };

static struct groups *
make(void)
{
	static const struct groups_settings first = { people, domains };
	static const struct groups_settings second = { none, domains };
	static const struct setting_titled titled[] = {
		{ "first", &first }, { "second", &second }, { .title = NULL },
	};
	struct groups *groups;
	struct error err = { 0 };

	if (groups_new(titled, &groups, &err) < 0)
		fail_msg("%s", err.text);
	return groups;
}

static const struct {
	const char *bare;
	bool first, second;
} cases[] = {
	{ "romeo@a.test",	true,	false },
	{ "juliet@a.test",	false,	false },
	{ "a.test",		false,	false },
	{ "b.test",		true,	false },
	{ "juliet@c.test",	true,	true },
	{ "c.test",		true,	true },
	{ "juliet@x.c.test",	false,	false },
	{ "",			false,	false },
};

static void
have_users_and_domains(void **state)
{
	struct groups *groups = make();
	const struct group *first, *second;
	struct error err;

	(void)state;
	assert_int_equal(groups_find(groups, "first", &first, &err), 0);
	assert_int_equal(groups_find(groups, "second", &second, &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (groups_has(first, cases[i].bare) != cases[i].first ||
		    groups_has(second, cases[i].bare) != cases[i].second)
			fail_msg("%s", cases[i].bare);
	groups_unref(&groups);
}

static void
are_found_by_name(void **state)
{
	struct groups *groups = make();
	const struct group *group;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(groups_find(groups, "third", &group, &err), -1);
	assert_null(group);
	assert_string_equal(err.text, "there is no group \"third\"");
	assert_int_equal(groups_find(NULL, "first", &group, &err), -1);
	groups_unref(&groups);
}

static void
are_asked_all_together(void **state)
{
	static const char *const both[] = { "second", "first", NULL };
	static const char *const more[] = { "third", "first", NULL };
	struct groups *groups = make();
	struct error err = { 0 };

	(void)state;
	assert_int_equal(groups_check(groups, both, &err), 0);
	assert_int_equal(groups_check(groups, none, &err), 0);
	assert_int_equal(groups_check(groups, more, &err), -1);
	assert_string_equal(err.text, "there is no group \"third\"");
	assert_true(groups_any_has(groups, both, "romeo@a.test"));
	assert_true(groups_any_has(groups, more, "romeo@a.test"));
	assert_false(groups_any_has(groups, both + 2, "juliet@c.test"));
	assert_false(groups_any_has(groups, both, "juliet@a.test"));
	groups_unref(&groups);
}

static void
live_as_long_as_they_are_used(void **state)
{
	struct groups *groups = make(), *used = groups_ref(groups);
	const struct group *group;
	struct error err;

	(void)state;
	groups_unref(&groups);
	assert_null(groups);
	assert_int_equal(groups_find(used, "first", &group, &err), 0);
	assert_true(groups_has(group, "romeo@a.test"));
	groups_unref(&used);
	groups_unref(&used);
	assert_null(groups_ref(NULL));
}

static void
assert_refused(const char *title, const struct groups_settings *own,
	       const char *why)
{
	const struct setting_titled titled[] = {
		{ title, own }, { .title = NULL },
	};
	struct groups *groups;
	struct error err = { 0 };

	assert_int_equal(groups_new(titled, &groups, &err), -1);
	assert_null(groups);
	assert_non_null(strstr(err.text, title));
	if (strstr(err.text, why) == NULL)
		fail_msg("%s", err.text);
}

static void
refuse_what_makes_no_sense(void **state)
{
	static const char *const odd[] = { "Romeo@a.test", NULL };
	static const char *const full[] = { "romeo@a.test/x", NULL };

	(void)state;
	assert_refused("x y", &(struct groups_settings){ people, none },
		       "no blanks");
	assert_refused("x", &(struct groups_settings){ none, none },
		       "neither users nor domains");
	assert_refused("x", &(struct groups_settings){ odd, none },
		       "write 'romeo@a.test'");
	assert_refused("x", &(struct groups_settings){ full, none }, "");
	assert_refused("x", &(struct groups_settings){ none, people }, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(have_users_and_domains),
		cmocka_unit_test(are_found_by_name),
		cmocka_unit_test(are_asked_all_together),
		cmocka_unit_test(live_as_long_as_they_are_used),
		cmocka_unit_test(refuse_what_makes_no_sense),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("groups", tests, NULL,
					   NULL);
}
