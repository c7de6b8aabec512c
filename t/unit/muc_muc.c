#include "components/muc/muc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define LIST_MAX 4

/* Lists of settings, and the setting that makes no sense; NULL when all do. */
static const struct {
	const char *create[LIST_MAX], *local[LIST_MAX], *defaults[LIST_MAX];
	const char *which;
} checks[] = {
	{ { NULL }, { NULL }, { NULL }, NULL },
	{ { "everyone" }, { NULL }, { NULL }, NULL },
	{ { "local", "admins", "a@b.example" }, { NULL }, { NULL }, NULL },
	{ { "b.example" }, { "b.example", "c.example" }, { NULL }, NULL },
	{ { "a b" }, { NULL }, { NULL }, "create" },
	{ { "local", "A@b.example" }, { NULL }, { NULL }, "create" },
	{ { "B.example" }, { NULL }, { NULL }, "create" },
	{ { "a@b.example/c" }, { NULL }, { NULL }, "create" },
	{ { NULL }, { "b.example", "C.example" }, { NULL }, "local" },
	{ { NULL }, { "a@b.example" }, { NULL }, "local" },
	{ { NULL }, { "" }, { NULL }, "local" },
	{ { NULL }, { NULL }, { "membersonly=1", "whois=anyone" }, NULL },
	{ { NULL }, { NULL }, { "membersonly" }, "defaults" },
	{ { NULL }, { NULL }, { "colour=red" }, "defaults" },
	{ { NULL }, { NULL }, { "membersonly=perhaps" }, "defaults" },
	/* Nobody could enter, but for whom no password was set. */
	{ { NULL }, { NULL }, { "passwordprotectedroom=1" }, "defaults" },
	{ { NULL }, { NULL }, { "passwordprotectedroom=1", "roomsecret=" },
	  "defaults" },
	{ { NULL }, { NULL }, { "passwordprotectedroom=1", "roomsecret=x" },
	  NULL },
	{ { NULL }, { NULL }, { "roomsecret=x", "passwordprotectedroom=1" },
	  NULL },
};

static void
refuses_what_makes_no_sense(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		struct muc_settings settings = bed->settings;
		struct error err = { 0 };
		const char *which = NULL;
		int ret;

		settings.create = checks[i].create;
		settings.local = checks[i].local;
		settings.defaults = checks[i].defaults;
		ret = muc_check(&settings, &which, &err);
		if (checks[i].which == NULL) {
			if (ret != 0)
				fail_msg("case %zu: %s", i, err.text);
			continue;
		}
		if (ret != -1 || strcmp(which, checks[i].which) != 0)
			fail_msg("case %zu: %s", i, which);
		assert_string_not_equal(err.text, "");
	}
}

static void
refuses_other_words_for_the_archive(void **state)
{
	struct mucbed *bed = *state;
	struct muc_settings settings = bed->settings;
	const char *which = NULL;

	settings.archive = "some";
	assert_int_equal(muc_check(&settings, &which, &bed->err), -1);
	assert_string_equal(which, "archive");
}

/* Who is what, of muc.example, whose admin is admin@example. */
static const struct {
	const char *create[LIST_MAX], *local[LIST_MAX];
	const char *jid;
	bool may;
} creators[] = {
	{ { "everyone" }, { NULL }, "x@y.example/z", true },
	{ { NULL }, { NULL }, "x@y.example/z", false },
	{ { NULL }, { NULL }, "admin@example/z", true },
	{ { "admins" }, { NULL }, "admin@example/z", true },
	{ { "admins" }, { NULL }, "x@example/z", false },
	{ { "local" }, { NULL }, "x@example/z", true },
	{ { "local" }, { NULL }, "x@y.example/z", false },
	{ { "local" }, { "y.example" }, "x@y.example/z", true },
	{ { "local" }, { "y.example" }, "x@example/z", false },
	{ { "x@y.example" }, { NULL }, "x@y.example/z", true },
	{ { "x@y.example" }, { NULL }, "w@y.example/z", false },
	{ { "w.example", "y.example" }, { NULL }, "x@y.example/z", true },
	{ { "y.example" }, { NULL }, "x@z.y.example/z", false },
	/* Nothing but a word of that list. */
	{ { NULL }, { "local" }, "x@local/z", false },
};

static void
lets_some_create_rooms(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(creators); i++) {
		bed->settings.create = creators[i].create;
		bed->settings.local = creators[i].local;
		if (muc_may_create(bed->muc, mucbed_jid(bed, creators[i].jid))
		    != creators[i].may)
			fail_msg("case %zu", i);
	}
}

/* What a new room begins with follows the settings. */
static void
takes_other_settings(void **state)
{
	static const char *const members[] = { "membersonly=1", NULL };
	struct mucbed *bed = *state;
	struct muc_settings other = bed->settings;

	assert_false(bed->muc->defaults.membersonly);
	other.defaults = members;
	muc_reload(bed->muc, &other);
	assert_ptr_equal(bed->muc->settings, &other);
	assert_true(bed->muc->defaults.membersonly);
	muc_reload(bed->muc, &bed->settings);
	assert_false(bed->muc->defaults.membersonly);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(refuses_what_makes_no_sense),
		TEST(refuses_other_words_for_the_archive),
		TEST(lets_some_create_rooms),
		TEST(takes_other_settings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_muc", tests, NULL, NULL);
}
