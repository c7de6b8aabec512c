#include "components/muc/word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/muc/room.h"
#include "shared/xml.h"
#include "t/lib/mucbed.h"

#define EVE "eve@e.example"
#define MESSAGE(content) \
	"<message from='r@muc.example' to='" EVE "'>" \
	"<x xmlns='http://jabber.org/protocol/muc#user'>" content \
	"</x></message>\n"

/* In the room's own name. */
static void
invites(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	word_invite(room, bed->arena, EVE, NULL);
	word_invite(room, bed->arena, EVE, "a & b");
	assert_string_equal(mucbed_sent(bed),
		MESSAGE("<invite from='r@muc.example'/>")
		MESSAGE("<invite from='r@muc.example'>"
			"<reason>a &amp; b</reason></invite>"));
}

static void
tells_the_password(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	assert_int_equal(options_set(&room->options, "roomsecret", "<x>",
				     &bed->err), 0);
	word_invite(room, bed->arena, EVE, NULL);
	assert_string_equal(mucbed_sent(bed),
			    MESSAGE("<invite from='r@muc.example'/>"));
	room->options.passwordprotectedroom = true;
	word_invite(room, bed->arena, EVE, NULL);
	assert_string_equal(mucbed_sent(bed),
		MESSAGE("<invite from='r@muc.example'/>"
			"<password>&lt;x&gt;</password>"));
}

/* To be filled and sent by who makes it. */
static void
makes_invitations_of_people(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	struct xml *message, *invite;

	invite = word_new_invite(room, bed->arena, "ann@a.example", EVE,
				 &message);
	assert_string_equal(mucbed_sent(bed), "");
	xml_set(bed->arena, invite, "a", "b");
	runtime_send(&bed->runtime, message);
	assert_string_equal(mucbed_sent(bed),
		MESSAGE("<invite from='ann@a.example' a='b'/>"));
}

static void
tells_affiliations(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	word_affiliation(room, bed->arena, EVE, AFFILIATION_OUTCAST);
	word_affiliation(room, bed->arena, EVE, AFFILIATION_NONE);
	assert_string_equal(mucbed_sent(bed),
		MESSAGE("<item affiliation='outcast' jid='" EVE "'/>"
			"<status code='101'/>")
		MESSAGE("<item affiliation='none' jid='" EVE "'/>"
			"<status code='101'/>"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(invites),
		TEST(tells_the_password),
		TEST(makes_invitations_of_people),
		TEST(tells_affiliations),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_word", tests, NULL, NULL);
}
