#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define IQ(from, type, children) \
	"<iq from='" from "' to='r@muc.example' type='" type "' id='1'>" \
	"<query xmlns='http://jabber.org/protocol/muc#owner'>" children \
	"</query></iq>"
#define FORM(type, fields) "<x xmlns='jabber:x:data' type='" type "'>" fields \
			   "</x>"
#define FIELD(name, values) "<field var='" name "'>" values "</field>"
#define VALUE(text) "<value>" text "</value>"
#define CONFIG(name, text) FIELD("muc#roomconfig_" name, VALUE(text))
#define SUBMIT(from, fields) IQ(from, "set", FORM("submit", fields))
#define RESULT(to) \
	"<iq from='r@muc.example' to='" to "' type='result' id='1'/>\n"
#define CODES(to, codes) \
	"<message from='r@muc.example' type='groupchat' to='" to "'>" \
	"<x xmlns='http://jabber.org/protocol/muc#user'>" codes \
	"</x></message>\n"
#define CODE(number) "<status code='" number "'/>"

static struct room *
fill(struct mucbed *bed)
{
	return mucbed_cast(bed, "Ann Bob");
}

/* Sections 10.1.3, 10.2 and 10.9: what changes nothing. */
static const struct {
	const char *stanza;
	const char *errors;
} refusals[] = {
	{ IQ(BOB, "get", ""), " forbidden" },
	{ SUBMIT(BOB, ""), " forbidden" },
	{ IQ(BOB, "set", "<destroy/>"), " forbidden" },
	{ IQ(ANN, "set", ""), " bad-request" },
	{ IQ(ANN, "set", "<x xmlns='jabber:x:data'/>"), " bad-request" },
	{ IQ(ANN, "set", FORM("form", "")), " bad-request" },
	{ IQ(ANN, "set", FORM("result", "")), " bad-request" },
	{ SUBMIT(ANN, FIELD("FORM_TYPE",
	  VALUE("http://jabber.org/protocol/muc#register"))),
	  " bad-request" },
	{ SUBMIT(ANN, CONFIG("membersonly", "1") CONFIG("whois", "king")),
	  " not-acceptable" },
	{ SUBMIT(ANN, CONFIG("membersonly", "1")
	  CONFIG("passwordprotectedroom", "1")), " not-acceptable" },
	{ SUBMIT(ANN, CONFIG("roomadmins", "@")), " not-acceptable" },
	{ SUBMIT(ANN, CONFIG("roomadmins", "b.example")), " not-acceptable" },
	{ SUBMIT(ANN, FIELD("muc#roomconfig_roomowners",
			    VALUE("ann@a.example") VALUE("b.example"))),
	  " not-acceptable" },
	/* Section 10.5: a room needs an owner. */
	{ SUBMIT(ANN, CONFIG("membersonly", "1") FIELD(
	  "muc#roomconfig_roomowners", "")), " conflict" },
	{ SUBMIT(ANN, FIELD("muc#roomconfig_roomowners", VALUE(""))),
	  " conflict" },
	{ IQ(ANN, "set", "<destroy jid='@'/>"), " jid-malformed" },
};

static void
refuses(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct room *room = fill(bed);
		const char *errors = mucbed_errors(bed, refusals[i].stanza);

		if (strcmp(errors, refusals[i].errors) != 0)
			fail_msg("%s:%s", refusals[i].stanza, errors);
		assert_int_equal(HASH_COUNT(room->sessions), 2);
		assert_int_equal(HASH_COUNT(room->affiliates), 1);
		assert_false(room->options.membersonly);
		room_free(&room);
	}
}

static void
shows_the_form(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *sent;

	affiliation_set(&room->affiliates, "dan@d.example", AFFILIATION_ADMIN,
			NULL);
	sent = mucbed_receive(bed, IQ(ANN, "get", ""));
	assert_ptr_equal(strstr(sent, "<iq from='r@muc.example' to='" ANN "' "
				"type='result' id='1'><query xmlns="
				"'http://jabber.org/protocol/muc#owner'>"
				"<x xmlns='jabber:x:data' type='form'>"),
			 sent);
	assert_non_null(strstr(sent, "<field type='hidden' var='FORM_TYPE'>"
			       "<value>http://jabber.org/protocol/"
			       "muc#roomconfig</value></field>"));
	assert_non_null(strstr(sent, "<field type='jid-multi' "
			       "var='muc#roomconfig_roomadmins' "
			       "label='Room admins'>"
			       "<value>dan@d.example</value></field>"));
	assert_non_null(strstr(sent, "<field type='jid-multi' "
			       "var='muc#roomconfig_roomowners' "
			       "label='Room owners'>"
			       "<value>ann@a.example</value></field>"));
}

/* Section 10.2.1: what the occupants are told, each by one message. */
static const struct {
	const char *fields;
	const char *codes;
} changes[] = {
	{ "", "" },
	{ CONFIG("publicroom", "1"), "" },
	{ CONFIG("roomname", "New"), CODE("104") },
	{ CONFIG("enablelogging", "1"), CODE("170") },
	{ CONFIG("enablelogging", "0"), CODE("171") },
	{ CONFIG("whois", "anyone"), CODE("172") },
	{ CONFIG("whois", "moderators"), CODE("173") },
	{ CONFIG("whois", "anyone") CONFIG("enablelogging", "1")
	  CONFIG("roomname", "Newer"),
	  CODE("170") CODE("172") CODE("104") },
	{ FIELD("{urn:x-annex:0}roomconfig_showabsent", VALUE("1")),
	  CODE("102") },
	{ FIELD("{urn:x-annex:0}roomconfig_showabsent", VALUE("0")),
	  CODE("103") },
};

static void
tells_what_changed(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const char *codes = changes[i].codes;
		const char *want = RESULT(ANN);

		if (*codes != '\0')
			want = arena_printf(bed->arena, "%s" CODES(ANN, "%s")
					    CODES(BOB, "%s"), want, codes,
					    codes);
		assert_string_equal(mucbed_receive(bed,
				    arena_printf(bed->arena, SUBMIT(ANN, "%s"),
						 changes[i].fields)), want);
	}
}

/* A members-only room is for members (10.2). */
static void
removes_strangers(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	assert_string_equal(mucbed_errors(bed, SUBMIT(ANN,
				CONFIG("membersonly", "1"))), "");
	assert_null(occupant_find(room, "Bob"));
	assert_non_null(occupant_find(room, "Ann"));
}

/* The lists are whole: who is not in them is out (10.5, 10.8). */
static void
sets_owners_and_admins(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	affiliation_set(&room->affiliates, "dan@d.example", AFFILIATION_ADMIN,
			NULL);
	affiliation_set(&room->affiliates, "mem@m.example",
			AFFILIATION_MEMBER, NULL);
	assert_string_equal(mucbed_errors(bed, SUBMIT(ANN,
		FIELD("muc#roomconfig_roomowners", VALUE("bob@b.example")
		      VALUE("eve@e.example/x"))
		FIELD("muc#roomconfig_roomadmins", VALUE("ann@a.example")
		      VALUE("bob@b.example")))), "");
	assert_int_equal(HASH_COUNT(room->affiliates), 4);
	assert_int_equal(affiliate_find(room->affiliates,
			 "ann@a.example")->affiliation, AFFILIATION_ADMIN);
	assert_int_equal(affiliate_find(room->affiliates,
			 "bob@b.example")->affiliation, AFFILIATION_OWNER);
	assert_int_equal(affiliate_find(room->affiliates,
			 "eve@e.example")->affiliation, AFFILIATION_OWNER);
	assert_int_equal(affiliate_find(room->affiliates,
			 "mem@m.example")->affiliation, AFFILIATION_MEMBER);
	assert_int_equal(occupant_find(room, "Bob")->role, ROLE_MODERATOR);
	assert_int_equal(occupant_find(room, "Ann")->affiliation,
			 AFFILIATION_ADMIN);
}

#define ENTER(from, nick) \
	"<presence from='" from "' to='r@muc.example/" nick "'>" \
	"<x xmlns='http://jabber.org/protocol/muc'/></presence>"

/* Sections 10.1.2 and 10.1.3. */
static void
unlocks_a_new_room(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	bed->settings.lock_new_rooms = true;
	mucbed_receive(bed, ENTER(ANN, "Ann"));
	room = room_find(bed->muc, "r@muc.example");
	assert_int_equal(room->state, ROOM_LOCKED);
	/* What cannot be accepted leaves it locked. */
	mucbed_receive(bed, SUBMIT(ANN, CONFIG("whois", "king")));
	assert_int_equal(room->state, ROOM_LOCKED);
	assert_string_equal(mucbed_receive(bed, SUBMIT(ANN, "")),
			    RESULT(ANN));
	assert_int_equal(room->state, ROOM_OPEN);
	assert_string_equal(mucbed_errors(bed, ENTER(BOB, "Bob")), "");
}

static void
gives_up_a_new_room(void **state)
{
	struct mucbed *bed = *state;

	bed->settings.lock_new_rooms = true;
	mucbed_receive(bed, ENTER(ANN, "Ann"));
	assert_string_equal(mucbed_receive(bed,
				IQ(ANN, "set", FORM("cancel", ""))),
RESULT(ANN)
"<presence from='r@muc.example/Ann' to='" ANN "' type='unavailable'>"
	"<x xmlns='http://jabber.org/protocol/muc#user'>"
	"<item affiliation='none' role='none' jid='" ANN "'/>"
	"<status code='110'/><destroy/></x></presence>\n");
	assert_null(room_find(bed->muc, "r@muc.example"));
}

static void
cancels_without_harm(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	assert_string_equal(mucbed_receive(bed,
				IQ(ANN, "set", FORM("cancel", ""))),
			    RESULT(ANN));
	assert_non_null(room_find(bed->muc, "r@muc.example"));
}

/* Section 10.9: the occupants are told first. */
static void
destroys(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
#define GONE(nick, to) \
	"<presence from='r@muc.example/" nick "' to='" to "' " \
	"type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>" \
	"<item affiliation='none' role='none' jid='" to "'/>" \
	"<status code='110'/><destroy jid='s@muc.example'>" \
	"<reason>Moved</reason></destroy></x></presence>\n"
	assert_string_equal(mucbed_receive(bed, IQ(ANN, "set",
		"<destroy jid='s@muc.example'><reason>Moved</reason>"
		"</destroy>")),
		GONE("Ann", ANN) GONE("Bob", BOB) RESULT(ANN));
	assert_string_equal(mucbed_errors(bed, IQ(ANN, "get", "")),
			    " item-not-found");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(refuses),
		TEST(shows_the_form),
		TEST(tells_what_changed),
		TEST(removes_strangers),
		TEST(sets_owners_and_admins),
		TEST(unlocks_a_new_room),
		TEST(gives_up_a_new_room),
		TEST(cancels_without_harm),
		TEST(destroys),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_owner", tests, NULL, NULL);
}
