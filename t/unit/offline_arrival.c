#include "components/offline/arrival.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/mailbox.h"
#include "components/offline/resource.h"
#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define SESSION USER "/b"
#define PRIORITY(text) "<priority>" text "</priority>"
#define DELIVER "<deliver "
#define INFO "<query xmlns='http://jabber.org/protocol/disco#info' " \
	     "node='http://jabber.org/protocol/offline'/>"

static const struct {
	const char *presence;
	bool takes;
} presences[] = {
	{ "", true },
	{ PRIORITY("0"), true },
	{ PRIORITY("127"), true },
	{ PRIORITY("-0"), true },
	{ PRIORITY(" 5 "), true },
	{ PRIORITY(""), true },
	{ PRIORITY("-1"), false },
	{ PRIORITY("-128"), false },
	{ PRIORITY("\n -1 "), false },
	{ "<show>dnd</show>" PRIORITY("-1"), false },
	{ "<show>xa</show>", true },
	{ "<x xmlns='other'><priority>-1</priority></x>", true },
};

static void
delivers_unless_the_priority_is_negative(void **state)
{
	struct offlinebed *bed = *state;

	for (size_t i = 0; i < sizeof(presences) / sizeof(presences[0]); i++) {
		const char *user = arena_printf(bed->hooks->arena,
						"u%zu@example", i);
		const char *sent;

		offlinebed_fill(bed, user, 1, "a@b");
		sent = offlineshim_online(bed, arena_printf(
				bed->hooks->arena, "%s/b", user),
				presences[i].presence);
		if ((strstr(sent, DELIVER) != NULL) != presences[i].takes)
			fail_msg("%s: %s", presences[i].presence, sent);
	}
}

static void
delivers_nothing_where_there_is_nothing(void **state)
{
	struct offlinebed *bed = *state;

	assert_string_equal(offlineshim_online(bed, SESSION, ""), "");
	/* Known to be empty by now: the database is not asked. */
	hookbed_receive(bed->hooks, "<message from='example' "
			"to='comp.example'><online xmlns='urn:x-annex:0' "
			"jid='" SESSION "'><presence xmlns='jabber:client' "
			"from='" SESSION "'/></online></message>");
	assert_int_equal(fake_store_tell(bed->store), 0);
}

static void
delivers_once_the_priority_is_raised(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 1, "a@b");
	assert_string_equal(offlineshim_online(bed, SESSION, PRIORITY("-1")),
			    "");
	assert_non_null(strstr(offlineshim_online(bed, SESSION, ""),
			       DELIVER));
}

/* What comes then is stored, and waits. */
static void
delivers_no_more_once_the_priority_is_lowered(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_online(bed, SESSION, "");
	offlineshim_online(bed, SESSION, PRIORITY("-1"));
	assert_null(strstr(offlineshim_store(bed, USER, "x1", "a@b/c"),
			   DELIVER));
}

/* The router asked before that one came. */
static void
delivers_what_is_stored_meanwhile(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlineshim_online(bed, SESSION, "");
	sent = offlineshim_store(bed, USER, "x1", "a@b/c");
	assert_non_null(strstr(sent, "type='result' id='x1'"));
	assert_non_null(strstr(sent, DELIVER));
}

static void
forgets_who_went(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_online(bed, SESSION, "");
	offlineshim_offline(bed, SESSION);
	assert_null(mailbox_find(bed->offline, USER)->sessions);
	assert_null(strstr(offlineshim_store(bed, USER, "x1", "a@b/c"),
			   DELIVER));
}

static void
knows_nothing_of_one_who_never_came(void **state)
{
	struct offlinebed *bed = *state;

	assert_string_equal(offlineshim_offline(bed, SESSION), "");
	assert_null(mailbox_find(bed->offline, USER));
	offlineshim_online(bed, USER "/c", "");
	assert_string_equal(offlineshim_offline(bed, SESSION), "");
	assert_non_null(resource_find(mailbox_find(bed->offline, USER),
				      USER "/c"));
}

/* XEP-0013 section 2.2. */
static void
delivers_to_another_once_that_one_went(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlinebed_fill(bed, USER, 1, "a@b");
	offlineshim_delegate(bed, SESSION, "get", INFO);
	assert_string_equal(offlineshim_online(bed, SESSION, ""), "");
	assert_string_equal(offlineshim_online(bed, USER "/c", ""), "");
	sent = offlineshim_offline(bed, SESSION);
	assert_non_null(strstr(sent, "jid='" USER "/c'"));
}

static void
keeps_people_apart(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, "k@example", 1, "a@b");
	assert_string_equal(offlineshim_online(bed, SESSION, ""), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(delivers_unless_the_priority_is_negative),
		OFFLINEBED_TEST(delivers_nothing_where_there_is_nothing),
		OFFLINEBED_TEST(delivers_once_the_priority_is_raised),
		OFFLINEBED_TEST(delivers_no_more_once_the_priority_is_lowered),
		OFFLINEBED_TEST(delivers_what_is_stored_meanwhile),
		OFFLINEBED_TEST(forgets_who_went),
		OFFLINEBED_TEST(knows_nothing_of_one_who_never_came),
		OFFLINEBED_TEST(delivers_to_another_once_that_one_went),
		OFFLINEBED_TEST(keeps_people_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_arrival", tests, NULL,
					   NULL);
}
