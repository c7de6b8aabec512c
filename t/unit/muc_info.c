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

#define NS "http://jabber.org/protocol/disco#"
#define ASK(from, to, what, rest) \
	"<iq from='" from "' to='" to "' type='get' id='1'>" \
	"<query xmlns='" NS what "'" rest "</iq>"
#define INFO(from, to) ASK(from, to, "info", "/>")
#define ITEMS(from, to) ASK(from, to, "items", "/>")
#define NODE(from, node) \
	ASK(from, "r@muc.example", "info", " node='" node "'/>")
#define FEATURE(name) "<feature var='" name "'/>"

static struct room *
fill(struct mucbed *bed)
{
	return mucbed_cast(bed, "Ann Bob");
}

static void
set(struct room *room, const char *name, const char *value)
{
	struct error err;

	assert_int_equal(options_set(&room->options, name, value, &err), 0);
}

static void
assert_has(const char *sent, const char *text)
{
	if (strstr(sent, text) == NULL)
		assert_string_equal(sent, text);
}

/* Section 6.2. */
static void
describes_the_service(void **state)
{
	const char *sent = mucbed_receive(*state, INFO(OUT, "muc.example"));

	assert_has(sent, "<identity category='conference' type='text' "
			 "name='Chatrooms'/>");
	assert_has(sent, FEATURE("http://jabber.org/protocol/muc"));
	assert_has(sent, FEATURE("http://jabber.org/protocol/muc#stable_id"));
	assert_has(sent, FEATURE("http://jabber.org/protocol/rsm"));
	assert_has(sent, FEATURE("urn:xmpp:occupant-id:0"));
	assert_has(sent, FEATURE(NS "info"));
	assert_has(sent, FEATURE(NS "items"));
}

/* Section 6.4: one feature for either state of each option. */
static const struct {
	const char *option, *value;
	const char *off, *on;
} kinds[] = {
	{ "persistentroom", "1", "muc_temporary", "muc_persistent" },
	{ "publicroom", "0", "muc_public", "muc_hidden" },
	{ "membersonly", "1", "muc_open", "muc_membersonly" },
	{ "moderatedroom", "1", "muc_unmoderated", "muc_moderated" },
	{ "passwordprotectedroom", "1", "muc_unsecured",
	  "muc_passwordprotected" },
	{ "whois", "anyone", "muc_semianonymous", "muc_nonanonymous" },
};

static void
names_the_kind_of_room(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct room *room = fill(bed);
		const char *on = arena_printf(bed->arena, FEATURE("%s"),
					      kinds[i].on);
		const char *off = arena_printf(bed->arena, FEATURE("%s"),
					       kinds[i].off);
		const char *sent = mucbed_receive(bed,
					INFO(OUT, "r@muc.example"));

		assert_has(sent, off);
		assert_null(strstr(sent, on));
		set(room, kinds[i].option, kinds[i].value);
		sent = mucbed_receive(bed, INFO(OUT, "r@muc.example"));
		assert_has(sent, on);
		assert_null(strstr(sent, off));
		room_free(&room);
	}
}

#define FIELD(var) "var='muc#" var "'"

/* Section 16.5.4. */
static void
describes_the_room(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *sent;

	sent = mucbed_receive(bed, INFO(OUT, "r@muc.example"));
	assert_has(sent, "<identity category='conference' type='text' "
			 "name='r'/>");
	set(room, "roomname", "A & B");
	set(room, "roomdesc", "All <of> it");
	set(room, "lang", "de");
	room_set_subject(room, "<subject>S &amp; T</subject>", "Ann", 1);
	sent = mucbed_receive(bed, INFO(OUT, "r@muc.example"));
	assert_has(sent, "<identity category='conference' type='text' "
			 "name='A &amp; B'/>");
	assert_has(sent, "<value>http://jabber.org/protocol/muc#roominfo"
			 "</value>");
	assert_has(sent, FIELD("roominfo_description")
			 " label='Description'><value>All &lt;of&gt; it"
			 "</value>");
	assert_has(sent, FIELD("roominfo_lang")
			 " label='Language of discussion'><value>de</value>");
	assert_has(sent, FIELD("roominfo_subject")
			 " label='Current subject'><value>S &amp; T</value>");
	assert_has(sent, FIELD("roominfo_occupants")
			 " label='Number of occupants'><value>2</value>");
	/* Who owns it would say who that is. */
	assert_null(strstr(sent, "ann@a.example"));
	set(room, "whois", "anyone");
	sent = mucbed_receive(bed, INFO(OUT, "r@muc.example"));
	assert_has(sent, FIELD("roominfo_contactjid")
			 " label='Contact addresses'>"
			 "<value>ann@a.example</value>");
}

/* The subject says what goes on inside. */
static const struct {
	const char *option, *stanza;
	bool shown;
} subjects[] = {
	{ "publicroom", INFO(OUT, "r@muc.example"), true },
	{ "membersonly", INFO(OUT, "r@muc.example"), false },
	{ "membersonly", INFO("ann@a.example/2", "r@muc.example"), true },
	{ "passwordprotectedroom", INFO(OUT, "r@muc.example"), false },
	{ "passwordprotectedroom", INFO(BOB, "r@muc.example"), true },
};

static void
shows_the_subject_to_those_let_in(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
		struct room *room = fill(bed);

		set(room, subjects[i].option, "1");
		room_set_subject(room, "<subject>S</subject>", "Ann", 1);
		if ((strstr(mucbed_receive(bed, subjects[i].stanza),
			    FIELD("roominfo_subject")) != NULL) !=
		    subjects[i].shown)
			fail_msg("case %zu", i);
		room_free(&room);
	}
}

static const struct {
	const char *stanza;
	const char *errors;
} nodes[] = {
	{ NODE(OUT, "x-roomuser-item"), "" },
	{ NODE(OUT, "http://jabber.org/protocol/muc#traffic"),
	  " service-unavailable" },
	{ NODE(OUT, "urn:other"), " item-not-found" },
	{ NODE(OUT, ""), "" },
	{ ASK(OUT, "muc.example", "info", " node='x'/>"), " item-not-found" },
	{ ASK(OUT, "muc.example", "items", " node='x'/>"),
	  " item-not-found" },
	{ ASK(OUT, "muc.example", "items", " node=''/>"), "" },
	{ ASK(OUT, "r@muc.example", "items", " node='x'/>"),
	  " item-not-found" },
	{ INFO(OUT, "s@muc.example"), " item-not-found" },
	{ ITEMS(OUT, "s@muc.example"), " item-not-found" },
};

static void
has_some_nodes(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		const char *errors = mucbed_errors(bed, nodes[i].stanza);

		if (strcmp(errors, nodes[i].errors) != 0)
			fail_msg("%s:%s", nodes[i].stanza, errors);
	}
}

/* Section 7.12. */
static void
tells_the_reserved_nick(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

#define RESERVED(content) \
	"<iq from='r@muc.example' to='" ANN "' type='result' id='1'>" \
	"<query xmlns='" NS "info' node='x-roomuser-item'" content "</iq>\n"
	assert_string_equal(mucbed_receive(bed, NODE(ANN, "x-roomuser-item")),
			    RESERVED("/>"));
	affiliation_reserve(room->affiliates, "ann@a.example", "Q & A");
	assert_string_equal(mucbed_receive(bed, NODE(ANN, "x-roomuser-item")),
		RESERVED("><identity category='conference' type='text' "
			 "name='Q &amp; A'/></query>"));
}

/* Section 10.1.1: nobody but its owner knows of a locked room. */
static void
hides_a_locked_room(void **state)
{
	struct mucbed *bed = *state;

	fill(bed)->state = ROOM_LOCKED;
	assert_string_equal(mucbed_errors(bed, INFO(OUT, "r@muc.example")),
			    " item-not-found");
	assert_string_equal(mucbed_errors(bed, INFO(ANN, "r@muc.example")),
			    "");
	assert_null(strstr(mucbed_receive(bed, ITEMS(OUT, "muc.example")),
			   "r@muc.example"));
}

#define LIST(from, to, items) \
	"<iq from='" from "' to='" to "' type='result' id='1'>" \
	"<query xmlns='" NS "items'" items "</iq>\n"

/* Section 6.5. */
static void
lists_occupants_to_occupants(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	assert_string_equal(mucbed_receive(bed, ITEMS(OUT, "r@muc.example")),
			    LIST("r@muc.example", OUT, "/>"));
	assert_string_equal(mucbed_receive(bed, ITEMS(BOB, "r@muc.example")),
		LIST("r@muc.example", BOB, "><item jid='r@muc.example/Ann'/>"
		     "<item jid='r@muc.example/Bob'/></query>"));
}

/* Nobody learns of those whose presence is not broadcast. */
static void
lists_no_hidden_occupants(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_add(room, "Cid", "cid@c.example/1", AFFILIATION_MEMBER,
		   ROLE_PARTICIPANT);
	set(room, "presencebroadcast", "moderator");
	assert_string_equal(mucbed_receive(bed, ITEMS(BOB, "r@muc.example")),
		LIST("r@muc.example", BOB, "><item jid='r@muc.example/Ann'/>"
		     "<item jid='r@muc.example/Bob'/></query>"));
	assert_string_equal(mucbed_receive(bed, ITEMS("cid@c.example/2",
						      "r@muc.example")),
		LIST("r@muc.example", "cid@c.example/2",
		     "><item jid='r@muc.example/Ann'/></query>"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(describes_the_service),
		TEST(names_the_kind_of_room),
		TEST(describes_the_room),
		TEST(shows_the_subject_to_those_let_in),
		TEST(has_some_nodes),
		TEST(tells_the_reserved_nick),
		TEST(hides_a_locked_room),
		TEST(lists_occupants_to_occupants),
		TEST(lists_no_hidden_occupants),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_info", tests, NULL, NULL);
}
