#include "components/muc/coverage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	enum coverage coverage;
	bool persistent, archiving;
	enum room_state state;
	const char *children;
	bool wanted;
} cases[] = {
	{ COVERAGE_CHOSEN, true, true, ROOM_OPEN, "<body>a</body>", true },
	{ COVERAGE_CHOSEN, true, false, ROOM_OPEN, "<body>a</body>", false },
	{ COVERAGE_ALL, true, false, ROOM_OPEN, "<body>a</body>", true },
	{ COVERAGE_ALL, false, false, ROOM_OPEN, "<body>a</body>", true },
	{ COVERAGE_PERSISTENT, true, false, ROOM_OPEN, "<body>a</body>", true },
	{ COVERAGE_PERSISTENT, false, false, ROOM_OPEN,
	  "<body>a</body>", false },
	{ COVERAGE_PERSISTENT, false, true, ROOM_OPEN, "<body>a</body>", true },
	{ COVERAGE_CHOSEN, false, true, ROOM_OPEN, "<body>a</body>", true },
	{ COVERAGE_CHOSEN, false, false, ROOM_OPEN, "<body>a</body>", false },
	{ COVERAGE_ALL, true, true, ROOM_LOCKED, "<body>a</body>", false },
	{ COVERAGE_ALL, true, true, ROOM_OPEN, "<subject>a</subject>", true },
	{ COVERAGE_ALL, true, true, ROOM_OPEN, "<subject/>", true },
	{ COVERAGE_ALL, true, true, ROOM_OPEN,
	  "<reactions xmlns='urn:r'/>", true },
	{ COVERAGE_ALL, true, true, ROOM_OPEN,
	  "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
	  false },
	{ COVERAGE_ALL, true, true, ROOM_OPEN,
	  "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
	  "<store xmlns='urn:xmpp:hints'/>", true },
	{ COVERAGE_ALL, true, true, ROOM_OPEN,
	  "<body>a</body><no-store xmlns='urn:xmpp:hints'/>", false },
	{ COVERAGE_ALL, true, true, ROOM_OPEN,
	  "<body>a</body><no-permanent-store xmlns='urn:xmpp:hints'/>",
	  false },
};

/* A room of a service that archives some. */
struct fixture {
	struct arena *arena;
	const char *unwanted[2];
	struct muc_settings settings;
	struct muc muc;
	struct room room;
	char jid[32];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->arena = arena_new();
	f->settings.archive_unwanted = f->unwanted;
	f->muc.settings = &f->settings;
	f->muc.coverage = COVERAGE_CHOSEN;
	snprintf(f->jid, sizeof(f->jid), "r@muc.example");
	f->room = (struct room){
		.muc = &f->muc, .jid = f->jid, .state = ROOM_OPEN,
		.options = { .persistentroom = true, .enablearchiving = true },
	};
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->arena);
	free(f);
	return 0;
}

static const struct xml *
message(struct fixture *f, const char *children)
{
	return bed_xml(f->arena, NS_CLIENT, arena_printf(
		f->arena, "<message type='groupchat'>%s</message>",
		children));
}

static void
knows_what_is_archived(void **state)
{
	struct fixture *f = *state;
	struct options *options = &f->room.options;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		f->muc.coverage = cases[i].coverage;
		options->persistentroom = cases[i].persistent;
		options->enablearchiving = cases[i].archiving;
		f->room.state = cases[i].state;
		if (coverage_wants(&f->room, message(f, cases[i].children)) !=
		    cases[i].wanted)
			fail_msg("case %zu", i);
	}
}

static const struct {
	enum coverage coverage;
	bool persistent, archiving;
	bool chosen, has;
} rooms[] = {
	{ COVERAGE_NONE, true, true, false, false },
	{ COVERAGE_CHOSEN, true, false, true, false },
	{ COVERAGE_CHOSEN, false, true, true, true },
	{ COVERAGE_PERSISTENT, true, false, true, true },
	{ COVERAGE_PERSISTENT, false, true, true, true },
	{ COVERAGE_PERSISTENT, false, false, true, false },
	{ COVERAGE_ALL, false, false, false, true },
};

/* Others may log what this does not. */
static void
knows_which_rooms_are_archived(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
		struct options options = {
			.persistentroom = rooms[i].persistent,
			.enablearchiving = rooms[i].archiving,
		};

		f->muc.coverage = rooms[i].coverage;
		assert_int_equal(coverage_is_chosen(&f->muc),
				 rooms[i].chosen);
		assert_int_equal(coverage_has(&f->muc, &options),
				 rooms[i].has);
		assert_int_equal(coverage_is_logged(&f->muc, &options),
				 rooms[i].has);
		options.enablelogging = true;
		assert_true(coverage_is_logged(&f->muc, &options));
	}
}

#define NO_STORE "<no-store xmlns='urn:xmpp:hints'/>"

static void
knows_what_is_for_auditors_alone(void **state)
{
	static const struct {
		const char *room, *children;
		bool wanted;
	} unwanted[] = {
		{ "all", "<body>b</body>" NO_STORE, true },
		{ "r@muc.example", "<body>b</body>" NO_STORE, true },
		{ "q@muc.example", "<body>b</body>" NO_STORE, false },
		{ NULL, "<body>b</body>" NO_STORE, false },
		{ "all", "<body>b</body>", false },
		{ "all", NO_STORE, false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(unwanted); i++) {
		f->unwanted[0] = unwanted[i].room;
		if (coverage_wants_unseen(&f->room, message(
			f, unwanted[i].children)) != unwanted[i].wanted)
			fail_msg("case %zu", i);
	}
	f->room.options.enablearchiving = false;
	f->unwanted[0] = "all";
	assert_false(coverage_wants_unseen(&f->room, message(
		f, "<body>b</body>" NO_STORE)));
}

static const struct {
	const char *archive, *unwanted, *which;
	enum coverage coverage;
} settings[] = {
	{ "none", NULL, NULL, COVERAGE_NONE },
	{ "chosen", NULL, NULL, COVERAGE_CHOSEN },
	{ "persistent", NULL, NULL, COVERAGE_PERSISTENT },
	{ "all", NULL, NULL, COVERAGE_ALL },
	{ "all", "all", NULL, COVERAGE_ALL },
	{ "all", "r@muc.example", NULL, COVERAGE_ALL },
	{ "all", "r@", "archive_unwanted", COVERAGE_ALL },
	{ "yes", NULL, "archive", COVERAGE_NONE },
	{ "", NULL, "archive", COVERAGE_NONE },
};

static void
checks_its_settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const char *const unwanted[] = { settings[i].unwanted, NULL };
		const struct muc_settings own = {
			.archive = settings[i].archive,
			.archive_unwanted = unwanted,
		};
		const char *which;
		struct error err;
		int ret = coverage_check(&own, &which, &err);

		assert_int_equal(ret, settings[i].which ? -1 : 0);
		if (ret < 0)
			assert_string_equal(which, settings[i].which);
		assert_int_equal(coverage_of(own.archive),
				 settings[i].coverage);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(knows_what_is_archived),
		TEST(knows_which_rooms_are_archived),
		TEST(knows_what_is_for_auditors_alone),
		cmocka_unit_test(checks_its_settings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_coverage", tests, NULL, NULL);
}
