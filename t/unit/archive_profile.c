#include "shared/archive_profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/groups.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define LIST(...) (const char *const[]){ __VA_ARGS__, NULL }

static const char *const none[] = { NULL };

/* That of Bob, "traders". */
static struct groups *groups;

static const enum archive_event_kind kinds[] = {
	ARCHIVE_EVENT_JOIN, ARCHIVE_EVENT_LEAVE, ARCHIVE_EVENT_NONE,
};

/* What is not given is empty. */
static struct archive_profile_settings
profile(struct archive_profile_settings given)
{
	if (given.kinds == NULL)
		given.kinds = none;
	if (given.users == NULL)
		given.users = none;
	if (given.domains == NULL)
		given.domains = none;
	if (given.groups == NULL)
		given.groups = none;
	if (given.rooms == NULL)
		given.rooms = none;
	return given;
}
#define PROFILE(...) profile((struct archive_profile_settings){ __VA_ARGS__ })

static int
check(const struct archive_profile_settings *own, struct error *err)
{
	const struct setting_titled titled[] = {
		{ "one", own }, { .title = NULL },
	};

	*err = (struct error){ 0 };
	return archive_profile_check(titled, groups, kinds, err);
}

static void
checks_what_it_is_given(void **state)
{
	struct archive_profile_settings own = PROFILE(
		.kinds = LIST("join", "leave"), .users = LIST("a@b.c"),
		.domains = LIST("b.c"), .rooms = LIST("r@m.c"));
	struct error err;

	(void)state;
	assert_int_equal(check(&own, &err), 0);
	own.kinds = LIST("join", "presence");
	assert_int_equal(check(&own, &err), -1);
	assert_string_equal(err.text, "\"one\": 'presence' is no kind of "
			    "event here");
	own.kinds = LIST("message");
	assert_int_equal(check(&own, &err), -1);
	own.kinds = none;
	own.domains = LIST("a@b.c");
	assert_int_equal(check(&own, &err), -1);
	own.domains = none;
	own.rooms = LIST("@");
	assert_int_equal(check(&own, &err), -1);
	own.rooms = none;
	own.users = LIST("@");
	assert_int_equal(check(&own, &err), -1);
	own.users = none;
	own.groups = LIST("traders");
	assert_int_equal(check(&own, &err), 0);
	own.groups = LIST("nobody");
	assert_int_equal(check(&own, &err), -1);
}

static bool
wants(const struct archive_profile_settings *own,
      const struct archive_event *event)
{
	const struct archive_profile_settings other = PROFILE(
		.kinds = LIST("presence"));
	const struct setting_titled titled[] = {
		{ "other", &other }, { "one", own }, { .title = NULL },
	};

	return archive_profile_wants(titled, groups, event);
}

static void
wants_what_it_names(void **state)
{
	const struct archive_event event = {
		.kind = ARCHIVE_EVENT_KICK, .sender = "ann@a.c",
		.recipient = "r@m.c/77", .about = "bob@b.c",
	};
	const struct {
		struct archive_profile_settings own;
		bool wanted;
	} cases[] = {
		{ PROFILE(.kinds = none), true },
		{ PROFILE(.kinds = LIST("join", "kick")), true },
		{ PROFILE(.kinds = LIST("join")), false },
		{ PROFILE(.users = LIST("x@a.c", "ann@a.c")), true },
		{ PROFILE(.users = LIST("bob@b.c")), true },
		{ PROFILE(.users = LIST("ann@a")), false },
		{ PROFILE(.users = LIST("ann@a.cc")), false },
		{ PROFILE(.domains = LIST("b.c")), true },
		{ PROFILE(.domains = LIST("m.c")), true },
		{ PROFILE(.domains = LIST("c")), false },
		{ PROFILE(.rooms = LIST("r@m.c")), true },
		{ PROFILE(.rooms = LIST("rr@m.c")), false },
		{ PROFILE(.groups = LIST("traders")), true },
		{ PROFILE(.groups = LIST("gone")), false },
		{ PROFILE(.users = LIST("x@y"), .rooms = LIST("r@m.c")),
		  true },
		{ PROFILE(.kinds = LIST("join"), .rooms = LIST("r@m.c")),
		  false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(wants(&cases[i].own, &event),
				 cases[i].wanted);
}

static void
wants_nothing_unasked(void **state)
{
	static const struct setting_titled titled[] = { { .title = NULL } };
	const struct archive_event event = {
		.kind = ARCHIVE_EVENT_JOIN, .sender = "a@b", .recipient = "r@m",
	};

	(void)state;
	assert_false(archive_profile_knows(titled, ARCHIVE_EVENT_JOIN));
	assert_false(archive_profile_wants(titled, NULL, &event));
}

static void
knows_which_kinds_may_be_wanted(void **state)
{
	const struct archive_profile_settings own = PROFILE(
		.kinds = LIST("join"), .users = LIST("x@y.z"));
	const struct setting_titled titled[] = {
		{ "one", &own }, { .title = NULL },
	};

	(void)state;
	assert_true(archive_profile_knows(titled, ARCHIVE_EVENT_JOIN));
	assert_false(archive_profile_knows(titled, ARCHIVE_EVENT_LEAVE));
}

static int
make_groups(void **state)
{
	static const char *const bob[] = { "bob@b.c", NULL };
	static const struct groups_settings traders = { bob, none };
	const struct setting_titled titled[] = {
		{ "traders", &traders }, { .title = NULL },
	};

	(void)state;
	return groups_new(titled, &groups, &(struct error){ 0 });
}

static int
free_groups(void **state)
{
	(void)state;
	groups_unref(&groups);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_what_it_is_given),
		cmocka_unit_test(wants_what_it_names),
		cmocka_unit_test(wants_nothing_unasked),
		cmocka_unit_test(knows_which_kinds_may_be_wanted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_profile", tests,
					   make_groups, free_groups);
}
