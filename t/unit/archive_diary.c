#include "components/archive/intake/diary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/archive_profile.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "t/lib/tapbed.h"

#define COUNT "SELECT count(*) FROM archive_event e " \
	"JOIN archive_address s ON s.id = e.sender " \
	"JOIN archive_address r ON r.id = e.recipient " \
	"LEFT JOIN archive_address a ON a.id = e.about WHERE "
#define CONFERENCE "<x xmlns='jabber:x:conference' jid='r@m.c'/>"
#define DIRECT "<message xmlns='jabber:client' from='r@example/o' " \
	"to='j@example/b'>" CONFERENCE "</message>"
#define FROM_ROOM(inviter) \
	"<message xmlns='jabber:client' from='r@m.c' to='j@example/b'>" \
	"<x xmlns='http://jabber.org/protocol/muc#user'><invite from='" \
	inviter "'/></x></message>"

static const char *const none[] = { NULL };
static const char *const files[] = { "file", NULL };
static const struct archive_profile_settings all = {
	none, none, none, none, none,
};
static const struct archive_profile_settings some = {
	files, none, none, none, none,
};
static const struct setting_titled of_all[] = {
	{ "all", &all }, { .title = NULL },
};
static const struct setting_titled of_some[] = {
	{ "some", &some }, { .title = NULL },
};

static int
setup(void **state)
{
	struct tapbed *bed;

	if (tapbed_setup(state) != 0)
		return -1;
	bed = *state;
	bed->settings.events = of_all;
	return 0;
}

static void
records_an_invitation_of_all_its_copies_once(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='out' origin='local'",
		       DIRECT);
	tapbed_receive(bed, "seq='2' id='x1' dir='in' origin='local'",
		       DIRECT);
	tapbed_receive(bed, "seq='3' id='x1' dir='shown' origin='local'",
		       DIRECT);
	tapbed_receive(bed, "seq='4' id='x2' dir='both' origin='local'",
		       DIRECT);
	tapbed_wait_ack(bed, 4);
	tapbed_wait(bed, COUNT "kind = 4 AND s.jid = 'r@example' AND "
		    "resource = 'o' AND r.jid = 'r@m.c' AND "
		    "a.jid = 'j@example' AND detail IS NULL AND "
		    "uid IN ('x1 invitation 0', 'x2 invitation 0') AND "
		    "stamp = 1795953600000000", 2);
	tapbed_wait(bed, COUNT "true", 2);
	tapbed_wait(bed, "SELECT count(*) FROM archive_message", 2);
	assert_int_equal(tapbed_metric(bed, "annex_archive_events_total"
				       "{outcome=\"kept\"}"), 3);
}

/* What he asked the room to send has told of it. */
static void
leaves_out_what_a_room_sends_for_our_users(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='in' origin='component'",
		       FROM_ROOM("r@example/o"));
	tapbed_receive(bed, "seq='2' id='x2' dir='in' origin='component'",
		       FROM_ROOM("ann@far.example"));
	tapbed_wait(bed, COUNT "s.jid = 'ann@far.example' AND "
		    "r.jid = 'r@m.c' AND a.jid = 'j@example'", 1);
	tapbed_wait(bed, COUNT "true", 1);
}

#define SHARED(from) "<message xmlns='jabber:client' type='groupchat' " \
	from "><x xmlns='jabber:x:oob'><url>http://f</url></x></message>"

/* Once, and not again for each who is inside. */
static void
records_a_file_in_a_room_as_it_is_sent(void **state)
{
	struct tapbed *bed = *state;

	tapbed_receive(bed, "seq='1' id='x1' dir='in' origin='component'",
		       SHARED("from='r@m.c/nick' to='j@example/b'"));
	tapbed_receive(bed, "seq='2' id='x2' dir='out' origin='local'",
		       SHARED("from='r@example/o' to='r@m.c'"));
	tapbed_wait_ack(bed, 2);
	tapbed_wait(bed, COUNT "s.jid = 'r@example' AND r.jid = 'r@m.c' AND "
		    "resource = 'o'", 1);
	tapbed_wait(bed, COUNT "true", 1);
}

static void
take(struct tapbed *bed, const char *children)
{
	hookbed_receive(bed->hooks, arena_printf(bed->hooks->arena, "%s",
						 children));
}

static void
check(struct tapbed *bed, const char *id, const char *stanza)
{
	take(bed, arena_printf(bed->hooks->arena, "<iq "
		"xmlns='jabber:component:accept' type='set' id='%s' "
		"from='example' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='%s' point='send'><forwarded "
		"xmlns='urn:xmpp:forward:0'>%s</forwarded></check></iq>",
		id, id, stanza));
}

static void
records_what_the_module_asks_about(void **state)
{
	struct tapbed *bed = *state;

	check(bed, "c1", "<presence xmlns='jabber:client' type='subscribe' "
	      "from='r@example/o' to='j@far.example'/>");
	check(bed, "c2", "<iq xmlns='jabber:client' type='set' id='1' "
	      "from='r@example/o' to='j@far.example/b'><si "
	      "xmlns='http://jabber.org/protocol/si'><file xmlns="
	      "'http://jabber.org/protocol/si/profile/file-transfer' "
	      "name='n'/></si></iq>");
	/* A copy of it comes as well, or does not when it is blocked. */
	check(bed, "c3", DIRECT);
	tapbed_wait(bed, COUNT "kind = 9 AND s.jid = 'r@example' AND "
		    "r.jid = 'j@far.example' AND uid = 'c1 subscription 0'",
		    1);
	tapbed_wait(bed, COUNT "kind = 10 AND r.jid = 'j@far.example' AND "
		    "detail = '{\"by\":\"si\",\"name\":\"n\"}'", 1);
	tapbed_wait(bed, COUNT "true", 2);
}

#define TELL(event) \
	"<message xmlns='jabber:component:accept' from='example' " \
	"to='comp.example'>" event "</message>"
#define ONLINE(attributes, show) \
	TELL("<online xmlns='urn:x-annex:0' jid='r@example/o'" attributes \
	     "><presence xmlns='jabber:client' from='r@example/o'>" show \
	     "</presence></online>")

static void
records_presence(void **state)
{
	struct tapbed *bed = *state;

	take(bed, ONLINE(" known='true'", ""));
	take(bed, ONLINE("", ""));
	take(bed, ONLINE("", "<show>dnd</show><status>busy</status>"));
	take(bed, TELL("<offline xmlns='urn:x-annex:0' jid='r@example/o'/>"));
	tapbed_wait(bed, COUNT "kind = 11 AND s.jid = 'r@example' AND "
		    "resource = 'o' AND r.jid = 'r@example'", 3);
	tapbed_wait(bed, COUNT "detail = '{\"show\":\"available\"}'", 1);
	tapbed_wait(bed, COUNT "detail = '{\"show\":\"dnd\","
		    "\"status\":\"busy\"}'", 1);
	tapbed_wait(bed, COUNT "detail = '{\"show\":\"unavailable\"}'", 1);
}

static void
records_what_is_wanted_alone(void **state)
{
	static const struct setting_titled nothing[] = { { .title = NULL } };
	struct tapbed *bed = *state;

	bed->settings.events = nothing;
	tapbed_receive(bed, "seq='1' id='x1' dir='both' origin='local'",
		       DIRECT);
	take(bed, ONLINE("", ""));
	bed->settings.events = of_some;
	tapbed_receive(bed, "seq='2' id='x2' dir='both' origin='local'",
		       DIRECT);
	take(bed, ONLINE("", ""));
	tapbed_receive(bed, "seq='3' id='x3' dir='both' origin='local'",
		       "<message xmlns='jabber:client' from='r@example/o' "
		       "to='j@example/b'><x xmlns='jabber:x:oob'><url>u</url>"
		       "</x></message>");
	tapbed_wait(bed, COUNT "kind = 10", 1);
	tapbed_wait(bed, COUNT "true", 1);
}

static void
checks_its_settings(void **state)
{
	static const char *const joins[] = { "join", NULL };
	struct archive_profile_settings profile = {
		none, none, none, none, none,
	};
	const struct setting_titled titled[] = {
		{ "one", &profile }, { .title = NULL },
	};
	const struct archive_settings settings = { .events = titled };
	struct error err;

	(void)state;
	assert_int_equal(diary_check(&settings, NULL, &err), 0);
	profile.kinds = joins;
	assert_int_equal(diary_check(&settings, NULL, &err), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, \
						   tapbed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_an_invitation_of_all_its_copies_once),
		TEST(leaves_out_what_a_room_sends_for_our_users),
		TEST(records_a_file_in_a_room_as_it_is_sent),
		TEST(records_what_the_module_asks_about),
		TEST(records_presence),
		TEST(records_what_is_wanted_alone),
		cmocka_unit_test(checks_its_settings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_diary", tests,
					   tapbed_folder, database_teardown);
}
