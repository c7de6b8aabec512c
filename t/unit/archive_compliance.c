#include "components/archive/keep/compliance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archivist.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "t/lib/bed.h"
#include "t/lib/tapbed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define UNSEEN_BOTH 24

static const char *const none[] = { NULL };
static const char *const romeo[] = { "r@example", NULL };
static const char *const verona[] = { "verona.example", NULL };
static const char *const odd[] = { "R@example", NULL };
static const char *const both[] = { "r@example", "verona.example", NULL };

static const struct compliance_settings all = {
	romeo, verona, none, true, true, true, true, true, false
};

static int
check(const struct compliance_settings *own, struct error *err)
{
	const struct setting_titled titled[] = {
		{ "bank", own }, { .title = NULL },
	};

	return compliance_check(titled, NULL, err);
}

static void
tells_what_makes_no_sense(void **state)
{
	static const struct {
		struct compliance_settings own;
		const char *why;
	} cases[] = {
		{ { none, none, none, true, true, true, true, true, false },
		  "names no users" },
		{ { .users = romeo, .domains = none, .groups = none },
		  "keeps nothing" },
		{ { odd, none, none, true, true, true, true, true, false },
		  "write 'r@example' instead of 'R@example'" },
		{ { none, both, none, true, true, true, true, true, false },
		  "'r@example' is not a domain" },
		{ { none, none, verona, true, true, true, true, true, false },
		  "verona.example" },
	};
	struct error err = { 0 };

	(void)state;
	assert_int_equal(check(&all, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(check(&cases[i].own, &err), -1);
		assert_non_null(strstr(err.text, "\"bank\": "));
		assert_non_null(strstr(err.text, cases[i].why));
	}
}

#define NO_STORE "<no-store xmlns='urn:xmpp:hints'/>"
#define STATE "<composing xmlns='http://jabber.org/protocol/chatstates'/>"

static const struct {
	const char *from, *to, *type, *children;
	unsigned ways;
} cases[] = {
	{ "j@example/x", "m@example", "chat", "<body>b</body>", 1 },
	{ "j@example/x", "m@example", "chat", "<body>b</body>" NO_STORE, 0 },
	{ "r@example/x", "m@example", "chat", "<body>b</body>", 1 },
	{ "r@example/x", "m@example", "chat", "<body>b</body>" NO_STORE, 8 },
	{ "m@example/x", "r@example", "chat", "<body>b</body>" NO_STORE, 8 },
	{ "m@example/x", "a@verona.example", "chat", "<body>b</body>" NO_STORE,
	  8 },
	{ "verona.example", "m@example", "chat", "<body>b</body>" NO_STORE,
	  8 },
	{ "a@sub.verona.example", "m@example", "chat", "<body>b</body>"
	  NO_STORE, 0 },
	{ "r@example/x", "m@example", "headline", "<body>b</body>", 8 },
	{ "r@example/x", "m@example", "error", "<error type='cancel'/>", 8 },
	{ "r@example/x", "m@example", "chat", "<received "
	  "xmlns='urn:xmpp:receipts' id='1'/>" NO_STORE, 8 },
	/* There is nothing in it to be kept, or rooms keep it. */
	{ "r@example/x", "m@example", "chat", STATE, 0 },
	{ "r@example/x", "m@example", "chat", STATE NO_STORE, 0 },
	{ "r@example/x", "g@rooms", "groupchat", "<body>b</body>", 0 },
};

static void
read_case(struct arena *arena, size_t i, struct stanza *stanza_r)
{
	struct error err = { 0 };
	const char *text = arena_printf(
		arena, "<message from='%s' to='%s' type='%s'>%s</message>",
		cases[i].from, cases[i].to, cases[i].type, cases[i].children);

	assert_int_equal(stanza_parse(arena, bed_xml(arena, NS_CLIENT, text),
				      stanza_r, &err), 0);
}

static void
assert_all_cases(struct arena *arena, const struct compliance *compliance)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stanza stanza;

		read_case(arena, i, &stanza);
		if (compliance_ways(compliance, &stanza, ARCHIVE_SENT,
				    false) != cases[i].ways)
			fail_msg("case %zu", i);
	}
}

static void
keeps_what_nobody_is_to_see(void **state)
{
	const struct setting_titled titled[] = {
		{ "bank", &all }, { .title = NULL },
	};
	struct compliance *compliance = compliance_new(titled, NULL);

	assert_all_cases(*state, compliance);
	compliance_free(&compliance);
	assert_null(compliance);
	compliance_free(&compliance);
}

#define EVENT "<event xmlns='http://jabber.org/protocol/pubsub#event'/>"

static const struct {
	const char *from, *type, *children;
	unsigned ways, asked;	/* where that is asked for */
} news[] = {
	{ "r@example", "headline", EVENT, 0, 8 },
	{ "r@example", "headline", EVENT "<body>b</body>", 8, 8 },
	{ "r@example", "headline", EVENT "<subject>s</subject>", 8, 8 },
	{ "r@example", "headline", EVENT NO_STORE, 0, 8 },
	/* Anybody could say so. */
	{ "r@example/x", "headline", EVENT, 8, 8 },
	{ "r@example", "chat", EVENT, 1, 1 },
};

static unsigned
ways_of_news(struct arena *arena, const struct compliance *compliance,
	     size_t i)
{
	struct error err = { 0 };
	struct stanza stanza;
	const char *text = arena_printf(
		arena, "<message from='%s' to='m@example/y' type='%s'>%s"
		"</message>", news[i].from, news[i].type, news[i].children);

	assert_int_equal(stanza_parse(arena, bed_xml(arena, NS_CLIENT, text),
				      &stanza, &err), 0);
	return compliance_ways(compliance, &stanza, ARCHIVE_SENT, false);
}

static void
keeps_notifications_where_that_is_asked_for(void **state)
{
	static const struct compliance_settings asking = {
		romeo, verona, none, true, true, true, true, true, true
	};
	const struct setting_titled titled[] = {
		{ "bank", &all }, { .title = NULL },
	}, others[] = {
		{ "asking", &asking }, { .title = NULL },
	};
	struct compliance *compliance = compliance_new(titled, NULL);
	struct compliance *other = compliance_new(others, NULL);

	for (size_t i = 0; i < ARRAY_LEN(news); i++)
		if (ways_of_news(*state, compliance, i) != news[i].ways ||
		    ways_of_news(*state, other, i) != news[i].asked)
			fail_msg("case %zu", i);
	compliance_free(&compliance);
	compliance_free(&other);
}

static const struct {
	const char *from, *to, *type, *children;
	bool named, all;	/* whether it is heard, and where everybody
				   is */
} talk[] = {
	{ "r@example/x", "g@far", "groupchat", "<body>b</body>", true, true },
	{ "g@far/n", "r@example/x", "groupchat", "<body>b</body>", true,
	  true },
	{ "g@verona.example/n", "j@example/x", "groupchat", "<body>b</body>",
	  true, true },
	{ "j@example/x", "g@far", "groupchat", "<body>b</body>", false,
	  true },
	{ "j@example/x", "g@far", "groupchat", "<body>b</body>" NO_STORE,
	  false, false },
	{ "r@example/x", "g@far", "groupchat", "<body>b</body>" NO_STORE,
	  true, true },
	{ "r@example/x", "g@far", "groupchat", "<subject>s</subject>", true,
	  true },
	{ "r@example/x", "g@far", "groupchat", STATE, false, false },
	{ "g@far", "r@example/x", "groupchat", "", false, false },
	{ "g@far", "r@example/x", "groupchat", "<subject/>", false, false },
	{ "g@far", "r@example/x", "groupchat", "<subject/><body>b</body>",
	  true, true },
	{ "g@far/n", "r@example/x", "groupchat", "<subject/>", true, true },
};

static bool
hears(struct arena *arena, const struct compliance *compliance, size_t i,
      bool everybody)
{
	struct error err = { 0 };
	struct stanza stanza;
	const char *text = arena_printf(
		arena, "<message from='%s' to='%s' type='%s'>%s</message>",
		talk[i].from, talk[i].to, talk[i].type, talk[i].children);

	assert_int_equal(stanza_parse(arena, bed_xml(arena, NS_CLIENT, text),
				      &stanza, &err), 0);
	return compliance_hears(compliance, &stanza, everybody, false);
}

static void
hears_what_is_said_in_rooms_elsewhere(void **state)
{
	static const struct compliance_settings deaf = {
		romeo, verona, none, true, true, true, true, false, true
	};
	const struct setting_titled titled[] = {
		{ "bank", &all }, { .title = NULL },
	}, others[] = {
		{ "deaf", &deaf }, { .title = NULL },
	};
	struct compliance *compliance = compliance_new(titled, NULL);
	struct compliance *other = compliance_new(others, NULL);

	for (size_t i = 0; i < ARRAY_LEN(talk); i++)
		if (hears(*state, compliance, i, false) != talk[i].named ||
		    hears(*state, compliance, i, true) != talk[i].all ||
		    hears(*state, other, i, false))
			fail_msg("case %zu", i);
	compliance_free(&compliance);
	compliance_free(&other);
}

/* Each says by itself what does not count. */
static void
goes_by_what_each_section_says(void **state)
{
	static const struct compliance_settings hints = {
		romeo, none, none, true, false, false, false, false, false
	}, choices = {
		romeo, none, none, false, false, true, false, false, false
	};
	const struct setting_titled titled[] = {
		{ "a", &hints }, { "b", &choices }, { .title = NULL },
	};
	const struct archive_row row = {
		.sender = "j@example", .recipient = "r@example",
	};
	struct compliance *compliance = compliance_new(titled, NULL);
	struct stanza stanza;

	read_case(*state, 3, &stanza);
	assert_int_equal(compliance_ways(compliance, &stanza, 3, false),
			 UNSEEN_BOTH);
	assert_int_equal(compliance_ways(compliance, &stanza, 3, true),
			 UNSEEN_BOTH);
	read_case(*state, 8, &stanza);
	assert_int_equal(compliance_ways(compliance, &stanza, 3, false), 0);
	assert_true(compliance_overrides(compliance, COMPLIANCE_PREFERENCES,
					 &row));
	assert_false(compliance_overrides(compliance, COMPLIANCE_RETRACTIONS,
					  &row));
	compliance_free(&compliance);
}

static void
goes_by_groups(void **state)
{
	static const struct groups_settings members = { romeo, verona };
	static const char *const names[] = { "bankers", NULL };
	static const struct compliance_settings own = {
		none, none, names, true, true, true, true, true, false
	};
	const struct setting_titled titled[] = {
		{ "bank", &own }, { .title = NULL },
	}, named[] = {
		{ "bankers", &members }, { .title = NULL },
	};
	struct compliance *compliance;
	struct groups *groups;
	struct error err = { 0 };

	assert_int_equal(groups_new(named, &groups, &err), 0);
	assert_int_equal(compliance_check(titled, groups, &err), 0);
	compliance = compliance_new(titled, groups);
	groups_unref(&groups);
	assert_all_cases(*state, compliance);
	compliance_free(&compliance);
}

/* As a copy comes, and by the settings as they are then. */
static void
stores_it_unseen(void **state)
{
	static const struct setting_titled titled[] = {
		{ "bank", &all }, { .title = NULL },
	};
	static const char message[] =
		"<message xmlns='jabber:client' type='chat' "
		"from='r@example/o' to='m@example'><body>b</body>" NO_STORE
		"</message>";
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='u1' dir='out' origin='local'",
		       message);
	bed->settings.compliance = titled;
	archivist_reload(bed->archive, &bed->settings);
	tapbed_receive(bed, "seq='2' id='u2' dir='out' origin='local'",
		       message);
	tapbed_wait(bed, "SELECT count(*) FROM archive_message "
		    "WHERE ways = 8", 1);
	tapbed_receive(bed, "seq='3' id='u2' dir='in' origin='local'",
		       message);
	tapbed_wait(bed, "SELECT count(*) FROM archive_message "
		    "WHERE ways = 24", 1);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "archive_message"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_makes_no_sense),
		BED_ARENA_TEST(keeps_what_nobody_is_to_see),
		BED_ARENA_TEST(keeps_notifications_where_that_is_asked_for),
		BED_ARENA_TEST(hears_what_is_said_in_rooms_elsewhere),
		BED_ARENA_TEST(goes_by_what_each_section_says),
		BED_ARENA_TEST(goes_by_groups),
		TAPBED_TEST(stores_it_unseen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_compliance", tests,
					   tapbed_folder, database_teardown);
}
