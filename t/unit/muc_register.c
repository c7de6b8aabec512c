#include "components/muc/register.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define IQ(from, type, children) \
	"<iq from='" from "' to='r@muc.example' type='" type "' id='1'>" \
	"<query xmlns='jabber:iq:register'>" children "</query></iq>"
#define FIELD(name, value) \
	"<field var='" name "'><value>" value "</value></field>"
#define FORM(fields) "<x xmlns='jabber:x:data' type='submit'>" \
	FIELD("FORM_TYPE", "http://jabber.org/protocol/muc#register") fields \
	"</x>"
#define REGISTER(from, nick) \
	IQ(from, "set", FORM(FIELD("muc#register_roomnick", nick)))
#define APPROVE(from, fields) \
	"<message from='" from "' to='r@muc.example'>" FORM(fields) \
	"</message>"
#define OF_CID FIELD("muc#jid", "cid@c.example") \
	       FIELD("muc#register_roomnick", "Cid")
#define RESULT(to) \
	"<iq from='r@muc.example' to='" to "' type='result' id='1'/>\n"

/* An owner, somebody inside; Dan is banned, Mem has reserved a nick. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann Bob");

	affiliation_set(&room->affiliates, "dan@d.example",
			AFFILIATION_OUTCAST, NULL);
	affiliation_set(&room->affiliates, "mem@m.example",
			AFFILIATION_MEMBER, NULL);
	affiliation_reserve(room->affiliates, "mem@m.example", "Mem");
	return room;
}

/* Sections 7.10 and 9.9. */
static const struct {
	const char *stanza;
	const char *errors;
} cases[] = {
	{ IQ(CID, "get", ""), "" },
	{ IQ("dan@d.example/1", "get", ""), " not-allowed" },
	{ REGISTER("dan@d.example/1", "Dan"), " not-allowed" },
	{ REGISTER(CID, "Cid"), "" },
	{ REGISTER(CID, "Mem"), " conflict" },
	{ REGISTER(CID, "Bob"), " conflict" },
	{ REGISTER(BOB, "Bob"), "" },
	{ REGISTER(CID, ""), " bad-request" },
	{ REGISTER(CID, "  "), " bad-request" },
	{ IQ(CID, "set", FORM("")), " bad-request" },
	{ IQ(CID, "set", ""), " bad-request" },
	{ IQ(CID, "set", "<x xmlns='jabber:x:data' type='form'/>"),
	  " bad-request" },
	{ IQ(CID, "set", "<x xmlns='jabber:x:data' type='submit'>"
	  FIELD("FORM_TYPE", "http://jabber.org/protocol/muc#request")
	  FIELD("muc#register_roomnick", "Cid") "</x>"), " bad-request" },
	{ IQ(CID, "set", "<remove/>"), " registration-required" },
	{ IQ("mem@m.example/1", "set", "<remove/>"), "" },
	{ APPROVE(BOB, OF_CID FIELD("muc#register_allow", "1")),
	  " forbidden" },
	{ APPROVE(ANN, OF_CID FIELD("muc#register_allow", "1")), "" },
	{ APPROVE(ANN, OF_CID FIELD("muc#register_allow", "0")), "" },
	{ APPROVE(ANN, OF_CID FIELD("muc#register_allow", "x")),
	  " bad-request" },
	{ APPROVE(ANN, OF_CID), " bad-request" },
	{ APPROVE(ANN, FIELD("muc#jid", "cid@c.example")
		       FIELD("muc#register_roomnick", "Mem")
		       FIELD("muc#register_allow", "1")), " conflict" },
	{ APPROVE(ANN, FIELD("muc#jid", "@")
		       FIELD("muc#register_roomnick", "Cid")
		       FIELD("muc#register_allow", "1")), " jid-malformed" },
};

static void
accepts_or_refuses(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct room *room = fill(bed);
		const char *errors = mucbed_errors(bed, cases[i].stanza);

		if (strcmp(errors, cases[i].errors) != 0)
			fail_msg("%s:%s", cases[i].stanza, errors);
		room_destroy(&room, bed->arena, NULL, NULL, NULL);
	}
	assert_string_equal(mucbed_errors(bed, REGISTER(CID, "Cid")),
			    " item-not-found");
}

static void
shows_the_form(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	fill(bed);
	sent = mucbed_receive(bed, IQ(CID, "get", ""));
	assert_null(strstr(sent, "<registered/>"));
	assert_non_null(strstr(sent, "<field type='text-single' "
			       "var='muc#register_roomnick' "
			       "label='Desired nickname'><required/>"
			       "</field>"));
	/* Example 81: who is registered is told so. */
	sent = mucbed_receive(bed, IQ("mem@m.example/1", "get", ""));
	assert_non_null(strstr(sent, "<query xmlns='jabber:iq:register'>"
			       "<registered/><username>Mem</username>"));
}

/* An open room takes everybody. */
static void
registers(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *sent = mucbed_receive(bed, REGISTER(BOB, "Rob"));

	assert_ptr_equal(strstr(sent, RESULT(BOB)), sent);
	assert_int_equal(occupant_find(room, "Bob")->affiliation,
			 AFFILIATION_MEMBER);
	assert_string_equal(affiliate_find_nick(room->affiliates, "Rob")->jid,
			    "bob@b.example");
	/* Who is more stays more. */
	mucbed_receive(bed, REGISTER(ANN, "Queen"));
	assert_int_equal(affiliate_find_nick(room->affiliates, "Queen")
			 ->affiliation, AFFILIATION_OWNER);
}

/* XEP-0077 section 3.2. */
static void
unregisters(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_receive(bed, IQ("mem@m.example/1", "set", "<remove/>"));
	assert_null(affiliate_find(room->affiliates, "mem@m.example"));
	affiliation_reserve(room->affiliates, "ann@a.example", "Queen");
	mucbed_receive(bed, IQ(ANN, "set", "<remove/>"));
	assert_null(affiliate_find_nick(room->affiliates, "Queen"));
	assert_int_equal(affiliate_find(room->affiliates, "ann@a.example")
			 ->affiliation, AFFILIATION_OWNER);
}

/* Section 9.9. */
static void
asks_the_admins(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *sent;

	room->options.membersonly = true;
	sent = mucbed_receive(bed, REGISTER(CID, "Cid"));
	assert_ptr_equal(strstr(sent, RESULT(CID) "<message "
				"from='r@muc.example' to='ann@a.example'>"
				"<x xmlns='jabber:x:data' type='form'>"),
			 sent);
	assert_non_null(strstr(sent, "<field type='jid-single' var='muc#jid' "
			       "label='User ID'><value>cid@c.example</value>"
			       "</field>"));
	assert_null(affiliate_find(room->affiliates, "cid@c.example"));

	mucbed_receive(bed, APPROVE(ANN, OF_CID
				    FIELD("muc#register_allow", "0")));
	assert_null(affiliate_find(room->affiliates, "cid@c.example"));
	mucbed_receive(bed, APPROVE(ANN, OF_CID
				    FIELD("muc#register_allow", "true")));
	assert_int_equal(affiliate_find(room->affiliates, "cid@c.example")
			 ->affiliation, AFFILIATION_MEMBER);
	assert_string_equal(affiliate_find(room->affiliates, "cid@c.example")
			    ->nick, "Cid");
}

/* Who may not enter does not learn who is inside, whatever he tries; that a
   nick is reserved he must be told (7.10). */
static void
tells_outsiders_no_nicks(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room->options.membersonly = true;
	assert_string_equal(mucbed_errors(bed, REGISTER(CID, "Bob")), "");
	assert_string_equal(mucbed_errors(bed, REGISTER(CID, "Mem")),
			    " conflict");
	assert_string_equal(mucbed_errors(bed, APPROVE(ANN,
			    FIELD("muc#jid", "cid@c.example")
			    FIELD("muc#register_roomnick", "Bob")
			    FIELD("muc#register_allow", "1"))), " conflict");
	assert_string_equal(mucbed_errors(bed, REGISTER("mem@m.example/1",
							"Bob")), " conflict");
}

/* Each goes to all the admins. */
static void
limits_requests(void **state)
{
	struct mucbed *bed = *state;

	fill(bed)->options.membersonly = true;
	bed->settings.request_rate = 6;
	bed->settings.request_burst = 3;
	for (int i = 0; i < 3; i++)
		assert_string_equal(mucbed_errors(bed, REGISTER(CID, "Cid")),
				    "");
	assert_string_equal(mucbed_errors(bed, REGISTER("cid@c.example/2",
							"Sid")),
			    " resource-constraint");
	assert_string_equal(mucbed_errors(bed, REGISTER(BOB, "Bob")), "");
	bed->settings.max_message = 200;
	assert_string_equal(mucbed_errors(bed, REGISTER(BOB, "Bob")),
			    " policy-violation");
}

/* Not more than the service allows, however they come. */
static void
keeps_the_limit(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	bed->settings.max_affiliations = 3;
	assert_string_equal(mucbed_errors(bed, REGISTER(CID, "Cid")),
			    " resource-constraint");
	assert_string_equal(mucbed_errors(bed, REGISTER("mem@m.example/1",
							"Nem")), "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(accepts_or_refuses),
		TEST(shows_the_form),
		TEST(registers),
		TEST(unregisters),
		TEST(asks_the_admins),
		TEST(tells_outsiders_no_nicks),
		TEST(limits_requests),
		TEST(keeps_the_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_register", tests, NULL, NULL);
}
