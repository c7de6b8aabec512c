#include "components/archive/journaling/journaling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/journaling/smtp.h"
#include "shared/archive_row.h"
#include "shared/error.h"
#include "shared/groups.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char *const none[] = { NULL };

static const struct journaling_settings usual = {
	.server = "smtps://mail.example", .starttls = true, .ca = "",
	.cert = "", .key = "", .user = "", .password = "",
	.from = "annex@example", .to = "journal@archive.example",
	.users = none, .domains = none, .groups = none, .rooms = none,
	.kinds = none,
	.connections = 2, .timeout = 10, .refusals = 3, .alarm = 60,
};

static const char *const members[] = { "mercutio@a", NULL };
static const char *const abroad[] = { "mantua", NULL };
static struct groups *groups;

static int
make_groups(void **state)
{
	static const struct groups_settings passing = { members, abroad };
	static const struct setting_titled titled[] = {
		{ "passing", &passing }, { .title = NULL },
	};
	struct error err;

	(void)state;
	return groups_new(titled, &groups, &err);
}

static int
drop_groups(void **state)
{
	(void)state;
	groups_unref(&groups);
	return 0;
}

static int
check(const struct journaling_settings *own, struct error *err)
{
	const struct setting_titled titled[] = {
		{ "office", own }, { .title = NULL },
	};

	return journaling_check(titled, groups, err);
}

static const char *const passing[] = { "passing", NULL };

static void
wants_what_makes_sense(void **state)
{
	static const char *const odd[] = { "a@B", NULL };
	static const char *const address[] = { "a@b", NULL };
	static const char *const kinds[] = { "chat", "error", NULL };
	struct journaling_settings own = usual;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(check(&own, &err), 0);
	own.users = odd;
	assert_int_equal(check(&own, &err), -1);
	assert_string_equal(err.text, "\"office\": write 'a@b' instead of "
			    "'a@B'");
	own = usual;
	own.domains = address;
	assert_int_equal(check(&own, &err), -1);
	own = usual;
	own.kinds = kinds;
	assert_int_equal(check(&own, &err), -1);
	assert_string_equal(err.text, "\"office\": error is none of normal, "
			    "chat and groupchat");
	own = usual;
	own.groups = members;
	assert_int_equal(check(&own, &err), -1);
	own.groups = passing;
	assert_int_equal(check(&own, &err), 0);
	own = usual;
	own.to = "";
	assert_int_equal(check(&own, &err), -1);
}

static const char *const romeo[] = { "romeo@a", NULL };
static const char *const here[] = { "a", NULL };
static const char *const garden[] = { "garden@rooms", NULL };
static const char *const chat[] = { "chat", NULL };
static const char *const said[] = { "groupchat", NULL };

static const struct {
	const char *const *users, *const *domains, *const *rooms;
	const char *const *kinds;
	enum archive_type type;
	const char *sender, *recipient;
	bool wanted;
} cases[] = {
	{ none, none, none, none, ARCHIVE_CHAT, "x@y", "z@y", true },
	{ none, none, none, chat, ARCHIVE_CHAT, "x@y", "z@y", true },
	{ none, none, none, chat, ARCHIVE_NORMAL, "x@y", "z@y", false },
	{ romeo, none, none, none, ARCHIVE_CHAT, "romeo@a", "z@y", true },
	{ romeo, none, none, none, ARCHIVE_CHAT, "z@y", "romeo@a", true },
	{ romeo, none, none, none, ARCHIVE_CHAT, "z@y", "romeo@ab", false },
	{ romeo, none, none, said, ARCHIVE_CHAT, "romeo@a", "z@y", false },
	{ none, here, none, none, ARCHIVE_CHAT, "x@a", "z@y", true },
	{ none, here, none, none, ARCHIVE_CHAT, "z@y", "a", true },
	{ none, here, none, none, ARCHIVE_CHAT, "z@y", "a@b", false },
	{ none, here, none, none, ARCHIVE_GROUPCHAT, "z@y", "r@a/5", true },
	{ none, none, garden, none, ARCHIVE_GROUPCHAT, "z@y",
	  "garden@rooms/5", true },
	{ none, none, garden, none, ARCHIVE_GROUPCHAT, "z@y",
	  "garden@rooms2/5", false },
	{ none, none, garden, none, ARCHIVE_CHAT, "z@y", "garden@rooms",
	  false },
	{ romeo, none, garden, none, ARCHIVE_CHAT, "romeo@a", "z@y", true },
};

static void
chooses_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct journaling_settings own = usual;
		const struct setting_titled titled = { "office", &own };
		const struct archive_row row = {
			.type = cases[i].type, .sender = cases[i].sender,
			.recipient = cases[i].recipient,
		};
		struct journaling *journaling;

		own.users = cases[i].users;
		own.domains = cases[i].domains;
		own.rooms = cases[i].rooms;
		own.kinds = cases[i].kinds;
		journaling = journaling_new(&titled, groups);
		if (journaling_wants(journaling, &row) != cases[i].wanted)
			fail_msg("case %zu", i);
		journaling_free(&journaling);
	}
}

/* With nobody else, and with others. */
static void
chooses_those_of_groups(void **state)
{
	static const struct {
		const char *const *users;
		enum archive_type type;
		const char *sender, *recipient;
		bool wanted;
	} of[] = {
		{ none, ARCHIVE_CHAT, "x@y", "z@y", false },
		{ none, ARCHIVE_CHAT, "mercutio@a", "z@y", true },
		{ none, ARCHIVE_CHAT, "z@y", "mercutio@a", true },
		{ none, ARCHIVE_CHAT, "mercutio@ab", "z@y", false },
		{ none, ARCHIVE_CHAT, "x@mantua", "z@y", true },
		{ none, ARCHIVE_GROUPCHAT, "mercutio@a", "r@y/5", true },
		{ none, ARCHIVE_GROUPCHAT, "x@y", "r@mantua/5", true },
		{ romeo, ARCHIVE_CHAT, "romeo@a", "z@y", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		struct journaling_settings own = usual;
		const struct setting_titled titled = { "office", &own };
		const struct archive_row row = {
			.type = of[i].type, .sender = of[i].sender,
			.recipient = of[i].recipient,
		};
		struct journaling *journaling;

		own.users = of[i].users;
		own.groups = passing;
		journaling = journaling_new(&titled, groups);
		if (journaling_wants(journaling, &row) != of[i].wanted)
			fail_msg("case %zu", i);
		journaling_free(&journaling);
	}
}

static void
keeps_what_it_was_given(void **state)
{
	char title[] = "office", to[] = "journal@archive.example";
	struct journaling_settings own = usual;
	const struct setting_titled titled = { title, &own };
	struct journaling *journaling;
	struct smtp_plan plan;

	(void)state;
	own.to = to;
	journaling = journaling_new(&titled, groups);
	title[0] = to[0] = 'x';
	own.window = 5;
	journaling_plan(journaling, &plan);
	assert_string_equal(journaling_title(journaling), "office");
	assert_string_equal(plan.to, "journal@archive.example");
	assert_int_equal(plan.timeout_ms, 10000);
	assert_int_equal(journaling_settings(journaling)->window, 0);
	journaling_free(&journaling);
	assert_null(journaling);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wants_what_makes_sense),
		cmocka_unit_test(chooses_messages),
		cmocka_unit_test(chooses_those_of_groups),
		cmocka_unit_test(keeps_what_it_was_given),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_journaling", tests,
					   make_groups, drop_groups);
}
