#include "components/muc/presence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/xml.h"
#include "t/lib/fake_router.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define X "<x xmlns='http://jabber.org/protocol/muc#user'>"
#define ABOUT_BOB(to) "<presence from='r@muc.example/Bob' to='" to "'>"
#define BOB_GOES(to) \
	"<presence from='r@muc.example/Bob' to='" to "' type='unavailable'>"

/* A moderator, a participant, a visitor with two clients. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann Bob");

	mucbed_add(room, "Cid", "cid@c.example/1", AFFILIATION_MEMBER,
		   ROLE_VISITOR);
	mucbed_add(room, "Cid", "cid@c.example/2", AFFILIATION_MEMBER,
		   ROLE_VISITOR);
	return room;
}

static struct session *
first_of(const struct room *room, const char *nick)
{
	return occupant_find(room, nick)->sessions;
}

/* Section 7.2.4: only moderators, and the occupant, see the address. */
static void
hides_addresses(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = first_of(room, "Bob");
	struct notice notice = notice_of(bob->occupant);

	presence_broadcast(bob, &notice);
	assert_string_equal(mucbed_sent(bed),
ABOUT_BOB("bob@b.example/1") X
	"<item affiliation='none' role='participant' jid='bob@b.example/1'/>"
	"<status code='110'/></x></presence>\n"
ABOUT_BOB("ann@a.example/1") X
	"<item affiliation='none' role='participant' jid='bob@b.example/1'/>"
	"</x></presence>\n"
ABOUT_BOB("cid@c.example/1") X
	"<item affiliation='none' role='participant'/></x></presence>\n"
ABOUT_BOB("cid@c.example/2") X
	"<item affiliation='none' role='participant'/></x></presence>\n");
}

/* XEP-0421: to all, of whoever goes as well, and once. */
static void
tells_that_it_is_the_same_person(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = first_of(room, "Bob");
	const char *id = arena_printf(bed->arena, "<occupant-id xmlns='urn:"
				      "xmpp:occupant-id:0' id='%s'/>",
				      bob->occupant->pseudonym);
	struct notice notices[] = {
		notice_of(bob->occupant), notice_going(bob->occupant),
	};

	session_set_presence(bob, mucbed_xml(bed,
		"<presence><occupant-id xmlns='urn:xmpp:occupant-id:0' "
		"id='x'/><show>dnd</show></presence>"));
	for (size_t i = 0; i < 2; i++) {
		const char *sent;
		unsigned stanzas = 0;

		presence_broadcast(bob, &notices[i]);
		sent = mucbed_sent_whole(bed);
		for (; *sent != '\0'; sent = strchr(sent, '\n') + 1) {
			const char *at = strstr(sent, "<occupant-id");

			assert_int_equal(strncmp(at, id, strlen(id)), 0);
			at = strstr(at + 1, "<occupant-id");
			assert_true(at == NULL || at > strchr(sent, '\n'));
			stanzas++;
		}
		assert_int_equal(stanzas, 4);
	}
}

/* Section 7.2.3. */
static void
shows_them_where_nobody_hides(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = first_of(room, "Bob");
	struct notice notice = notice_of(bob->occupant);

	room->options.whois = WHOIS_ANYONE;
	presence_tell_others(bob, &notice);
	assert_string_equal(mucbed_sent(bed),
ABOUT_BOB("ann@a.example/1") X
	"<item affiliation='none' role='participant' jid='bob@b.example/1'/>"
	"</x></presence>\n"
ABOUT_BOB("cid@c.example/1") X
	"<item affiliation='none' role='participant' jid='bob@b.example/1'/>"
	"</x></presence>\n"
ABOUT_BOB("cid@c.example/2") X
	"<item affiliation='none' role='participant' jid='bob@b.example/1'/>"
	"</x></presence>\n");
}

static void
says_what_it_is_told(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = first_of(room, "Bob");
	struct notice notice = notice_going(bob->occupant);

	notice.nick = "Rob & Co";
	notice.actor = "Ann";
	notice.reason = "<why>";
	notice.payload = "<status>bye</status>";
	notice_add_code(notice.codes, STATUS_NEW_NICK);
	notice_add_code(notice.self, STATUS_NICK_CHANGED_BY_SERVICE);
	notice_add_code(notice.self, STATUS_CREATED);
	notice.destroy = mucbed_xml(bed, "<destroy xmlns='" NS_MUC_USER
				    "' jid='s@muc.example'/>");
	presence_send(bob, &notice, bob);
	presence_send(bob, &notice, first_of(room, "Ann"));
	presence_send(bob, &notice, first_of(room, "Cid"));
	assert_string_equal(mucbed_sent(bed),
BOB_GOES("bob@b.example/1") "<status>bye</status>" X
	"<item affiliation='none' role='none' jid='bob@b.example/1' "
	"nick='Rob &amp; Co'><actor nick='Ann'/><reason>&lt;why&gt;</reason>"
	"</item><status code='303'/><status code='110'/><status code='210'/>"
	"<status code='201'/><destroy jid='s@muc.example'/></x></presence>\n"
BOB_GOES("ann@a.example/1") "<status>bye</status>" X
	"<item affiliation='none' role='none' jid='bob@b.example/1' "
	"nick='Rob &amp; Co'><actor nick='Ann'/><reason>&lt;why&gt;</reason>"
	"</item><status code='303'/><destroy jid='s@muc.example'/>"
	"</x></presence>\n"
BOB_GOES("cid@c.example/2") "<status>bye</status>" X
	"<item affiliation='none' role='none' nick='Rob &amp; Co'>"
	"<actor nick='Ann'/><reason>&lt;why&gt;</reason></item>"
	"<status code='303'/><destroy jid='s@muc.example'/></x></presence>\n");
}

/* Section 17.3: what the client said, without what only a room may say. */
static void
passes_on_what_the_client_said(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = first_of(room, "Bob");
	struct notice notice = notice_of(bob->occupant);

	session_set_presence(bob, mucbed_xml(bed,
		"<presence><show>dnd</show><x xmlns='" NS_MUC "'/>"
		"<c xmlns='urn:caps' ver='1'/></presence>"));
	presence_send(bob, &notice, first_of(room, "Cid"));
	assert_string_equal(mucbed_sent(bed),
ABOUT_BOB("cid@c.example/2") "<show>dnd</show><c xmlns='urn:caps' ver='1'/>" X
	"<item affiliation='none' role='participant'/></x></presence>\n");

	/* Of who goes, only what it said on going. */
	notice = notice_going(bob->occupant);
	presence_send(bob, &notice, first_of(room, "Cid"));
	assert_string_equal(mucbed_sent(bed),
BOB_GOES("cid@c.example/2") X
	"<item affiliation='none' role='none'/></x></presence>\n");
}

static void
escapes_addresses(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	struct notice notice;
	struct session *to;

	mucbed_add(room, "<&'>\"", "ann@a.example/<'>", AFFILIATION_NONE,
		   ROLE_PARTICIPANT);
	to = first_of(room, "<&'>\"");
	notice = notice_of(to->occupant);
	presence_broadcast(to, &notice);
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/&lt;&amp;&apos;&gt;&quot;' "
	"to='ann@a.example/&lt;&apos;&gt;'>" X
	"<item affiliation='none' role='participant' "
	"jid='ann@a.example/&lt;&apos;&gt;'/><status code='110'/></x>"
	"</presence>\n");
}

/* Above the router's limit goes what the room itself says. */
static void
leaves_out_what_people_wrote(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = first_of(room, "Bob");
	struct notice notice = notice_of(bob->occupant);

	fake_router_limit(bed->runtime.router, 335);
	session_set_presence(bob, mucbed_xml(bed,
		"<presence><status>0123456789 0123456789 0123456789 "
		"0123456789 0123456789 0123456789</status></presence>"));
	presence_send(bob, &notice, bob);
	assert_string_equal(mucbed_sent(bed),
ABOUT_BOB("bob@b.example/1") X
	"<item affiliation='none' role='participant' jid='bob@b.example/1'/>"
	"<status code='110'/></x></presence>\n");
	notice = notice_going(bob->occupant);
	notice.reason = "0123456789 0123456789 0123456789 0123456789 "
			"0123456789 0123456789 0123456789 0123456789";
	notice.destroy = mucbed_xml(bed,
		"<destroy xmlns='http://jabber.org/protocol/muc#user' "
		"jid='s@muc.example'><reason>so</reason></destroy>");
	presence_send(bob, &notice, first_of(room, "Cid"));
	assert_string_equal(mucbed_sent(bed),
BOB_GOES("cid@c.example/2") X
	"<item affiliation='none' role='none'/>"
	"<destroy jid='s@muc.example'/></x></presence>\n");
}

static const struct {
	unsigned roles;
	bool moderator, participant, visitor;
} broadcasts[] = {
	{ 0, false, false, false },
	{ OPTION_MODERATOR, true, false, false },
	{ OPTION_PARTICIPANT, false, true, false },
	{ OPTION_VISITOR, false, false, true },
	{ OPTION_MODERATOR | OPTION_VISITOR, true, false, true },
	{ OPTION_MODERATOR | OPTION_PARTICIPANT | OPTION_VISITOR,
	  true, true, true },
};

static void
knows_whose_is_broadcast(void **state)
{
	struct room *room = mucbed_room(*state, "r@muc.example");

	for (size_t i = 0; i < ARRAY_LEN(broadcasts); i++) {
		room->options.presencebroadcast = broadcasts[i].roles;
		assert_int_equal(presence_is_broadcast(room, ROLE_MODERATOR),
				 broadcasts[i].moderator);
		assert_int_equal(presence_is_broadcast(room,
						       ROLE_PARTICIPANT),
				 broadcasts[i].participant);
		assert_int_equal(presence_is_broadcast(room, ROLE_VISITOR),
				 broadcasts[i].visitor);
		assert_false(presence_is_broadcast(room, ROLE_NONE));
	}
}

/* Those who are not broadcast know only of themselves. */
static void
keeps_quiet_about_the_rest(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = first_of(room, "Bob");
	struct notice notice = notice_of(bob->occupant);

	room->options.presencebroadcast = OPTION_MODERATOR;
	presence_tell_others(bob, &notice);
	assert_string_equal(mucbed_sent(bed), "");
	presence_broadcast(bob, &notice);
	assert_string_equal(mucbed_sent(bed),
ABOUT_BOB("bob@b.example/1") X
	"<item affiliation='none' role='participant' jid='bob@b.example/1'/>"
	"<status code='110'/></x></presence>\n");
	presence_send_others(first_of(room, "Cid"));
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Ann' to='cid@c.example/2'>" X
	"<item affiliation='owner' role='moderator'/></x></presence>\n");
}

/* Section 7.2.2; of several clients the one that spoke last. */
static void
shows_a_newcomer_the_others(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	session_set_presence(session_find(room, "cid@c.example/1"),
			     mucbed_xml(bed, "<presence><show>xa</show>"
					"</presence>"));
	presence_send_others(first_of(room, "Bob"));
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Ann' to='bob@b.example/1'>" X
	"<item affiliation='owner' role='moderator'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='bob@b.example/1'><show>xa</show>" X
	"<item affiliation='member' role='visitor'/></x></presence>\n");
}

static void
keeps_five_codes(void **state)
{
	unsigned codes[NOTICE_CODES] = { 0 };

	(void)state;
	for (unsigned i = 1; i <= 9; i++)
		notice_add_code(codes, i);
	assert_int_equal(codes[0], 1);
	assert_int_equal(codes[NOTICE_CODES - 2], NOTICE_CODES - 1);
	assert_int_equal(codes[NOTICE_CODES - 1], 0);
}

/* Nobody is told twice when a role that shows gives way to another. */
static void
changes_roles(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct occupant *bob = occupant_find(room, "Bob");

	presence_change_role(bob, ROLE_MODERATOR);
	assert_int_equal(bob->role, ROLE_MODERATOR);
	assert_string_equal(mucbed_sent(bed), "");

	room->options.presencebroadcast = OPTION_MODERATOR;
	presence_change_role(bob, ROLE_VISITOR);
	assert_int_equal(bob->role, ROLE_VISITOR);
	assert_string_equal(mucbed_sent(bed),
BOB_GOES("ann@a.example/1") X
	"<item affiliation='none' role='none' jid='bob@b.example/1'/>"
	"</x></presence>\n"
BOB_GOES("cid@c.example/1") X
	"<item affiliation='none' role='none'/></x></presence>\n"
BOB_GOES("cid@c.example/2") X
	"<item affiliation='none' role='none'/></x></presence>\n");
}

static struct options
broadcasting(const struct room *room, unsigned roles, unsigned whois)
{
	struct options options;

	options_copy(&options, &room->options);
	options.presencebroadcast = roles;
	options.whois = whois;
	return options;
}

/* Returns what was sent. */
static const char *
change(struct mucbed *bed, struct room *room, unsigned roles, unsigned whois)
{
	struct options options = broadcasting(room, roles, whois);
	unsigned before = room->options.presencebroadcast;
	struct options was = presence_change_options(room, &options);

	assert_int_equal(was.presencebroadcast, before);
	assert_int_equal(room->options.presencebroadcast, roles);
	options_fini(&was);
	return mucbed_sent(bed);
}

/* The owner has changed what is broadcast: some go for the others, some
   come, while all of them stay. */
static void
changes_what_is_broadcast(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	session_free(&(struct session *){
			session_find(room, "cid@c.example/2") });
	room->options.presencebroadcast = OPTION_PARTICIPANT;
	assert_string_equal(change(bed, room, OPTION_VISITOR,
				   WHOIS_MODERATORS),
BOB_GOES("ann@a.example/1") X
	"<item affiliation='none' role='none' jid='bob@b.example/1'/>"
	"</x></presence>\n"
BOB_GOES("cid@c.example/1") X
	"<item affiliation='none' role='none'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='ann@a.example/1'>" X
	"<item affiliation='member' role='visitor' jid='cid@c.example/1'/>"
	"</x></presence>\n"
"<presence from='r@muc.example/Cid' to='bob@b.example/1'>" X
	"<item affiliation='member' role='visitor'/></x></presence>\n");
	assert_string_equal(change(bed, room, OPTION_VISITOR, WHOIS_ANYONE),
			    "");
}

/* Who goes does so as others saw it, and who comes as they may see it. */
static void
changes_who_sees_addresses_in_between(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Bob Vic");

	room->options.presencebroadcast = OPTION_PARTICIPANT;
	assert_string_equal(change(bed, room, OPTION_VISITOR, WHOIS_ANYONE),
BOB_GOES(VIC) X
	"<item affiliation='none' role='none'/></x></presence>\n"
"<presence from='r@muc.example/Vic' to='" BOB "'>" X
	"<item affiliation='none' role='visitor' jid='" VIC "'/>"
	"</x></presence>\n");
	assert_string_equal(change(bed, room, OPTION_PARTICIPANT,
				   WHOIS_MODERATORS),
"<presence from='r@muc.example/Vic' to='" BOB "' type='unavailable'>" X
	"<item affiliation='none' role='none' jid='" VIC "'/>"
	"</x></presence>\n"
ABOUT_BOB(VIC) X
	"<item affiliation='none' role='participant'/></x></presence>\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(hides_addresses),
		TEST(tells_that_it_is_the_same_person),
		TEST(shows_them_where_nobody_hides),
		TEST(says_what_it_is_told),
		TEST(passes_on_what_the_client_said),
		TEST(escapes_addresses),
		TEST(leaves_out_what_people_wrote),
		TEST(knows_whose_is_broadcast),
		TEST(keeps_quiet_about_the_rest),
		TEST(shows_a_newcomer_the_others),
		TEST(keeps_five_codes),
		TEST(changes_roles),
		TEST(changes_what_is_broadcast),
		TEST(changes_who_sees_addresses_in_between),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_presence", tests, NULL, NULL);
}
