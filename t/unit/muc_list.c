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

#define ASK(from, to, items) \
	"<iq from='" from "' to='" to "' type='get' id='1'>" \
	"<query xmlns='http://jabber.org/protocol/muc#admin'>" items \
	"</query></iq>"
#define GET(from, items) ASK(from, "r@muc.example", items)

/* An owner, an admin, a member, a moderator and a visitor of no affiliation,
   and somebody outside. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann");

	mucbed_add(room, "Bob", BOB, AFFILIATION_ADMIN, ROLE_MODERATOR);
	mucbed_enter(room, "Cid Mod Vic");
	return room;
}

/* Whether the option, when it is set, lets somebody see a list. */
static const struct {
	const char *from, *item;
	const char *option, *value;
	const char *errors;
} lists[] = {
	/* Sections 8.5 and 9.8. */
	{ MOD, "role='participant'", NULL, NULL, "" },
	{ BOB, "role='participant'", NULL, NULL, "" },
	{ CID, "role='participant'", NULL, NULL, " forbidden" },
	{ OUT, "role='participant'", NULL, NULL, " forbidden" },
	{ "admin@example/1", "role='moderator'", NULL, NULL, "" },
	{ MOD, "role='visitor'", NULL, NULL, "" },
	{ MOD, "role='none'", NULL, NULL, "" },
	{ VIC, "role='visitor'", "getmemberlist", "visitor", " forbidden" },
	{ BOB, "role='moderator'", NULL, NULL, "" },
	{ MOD, "role='moderator'", NULL, NULL, " forbidden" },
	/* Sections 9.2 and 9.5. */
	{ BOB, "affiliation='outcast'", NULL, NULL, "" },
	{ MOD, "affiliation='outcast'", NULL, NULL, " forbidden" },
	{ CID, "affiliation='outcast'", "whois", "anyone", " forbidden" },
	{ BOB, "affiliation='member'", NULL, NULL, "" },
	{ CID, "affiliation='member'", NULL, NULL, " forbidden" },
	{ CID, "affiliation='member'", "whois", "anyone", "" },
	{ OUT, "affiliation='member'", "whois", "anyone", " forbidden" },
	{ VIC, "affiliation='member'", "whois", "anyone", " forbidden" },
	{ CID, "affiliation='member'", "getmemberlist", "participant", "" },
	{ CID, "affiliation='member'", "getmemberlist", "moderator",
	  " forbidden" },
	{ MOD, "affiliation='member'", "getmemberlist", "moderator", "" },
	{ VIC, "affiliation='member'", "getmemberlist", "visitor", "" },
	{ VIC, "affiliation='member'", "getmemberlist",
	  "moderator participant", " forbidden" },
	{ VIC, "affiliation='outcast'", "getmemberlist", "visitor",
	  " forbidden" },
	{ OUT, "affiliation='member'", "getmemberlist",
	  "moderator participant visitor", " forbidden" },
	/* Sections 10.5 and 10.8. */
	{ ANN, "affiliation='owner'", NULL, NULL, "" },
	{ ANN, "affiliation='admin'", NULL, NULL, "" },
	{ BOB, "affiliation='owner'", NULL, NULL, " forbidden" },
	{ BOB, "affiliation='admin'", NULL, NULL, " forbidden" },
	{ CID, "affiliation='owner'", "whois", "anyone", "" },
	{ OUT, "affiliation='owner'", "whois", "anyone", " forbidden" },
	{ "admin@example/1", "affiliation='owner'", NULL, NULL, "" },
	/* What is no list. */
	{ ANN, "", NULL, NULL, " bad-request" },
	{ ANN, "nick='Cid'", NULL, NULL, " bad-request" },
	{ ANN, "affiliation=''", NULL, NULL, " bad-request" },
	{ ANN, "affiliation='Member'", NULL, NULL, " bad-request" },
	{ ANN, "affiliation='moderator'", NULL, NULL, " bad-request" },
	{ OUT, "affiliation='king'", NULL, NULL, " bad-request" },
	{ OUT, "affiliation='none'", "whois", "anyone", " forbidden" },
	{ ANN, "affiliation='king'", NULL, NULL, " bad-request" },
	{ ANN, "role='king'", NULL, NULL, " bad-request" },
	{ ANN, "role='participant' affiliation='member'", NULL, NULL,
	  " bad-request" },
};

static void
shows_lists(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct room *room = fill(bed);
		const char *errors;

		if (lists[i].option != NULL)
			assert_int_equal(options_set(&room->options,
						     lists[i].option,
						     lists[i].value,
						     &bed->err), 0);
		errors = mucbed_errors(bed, arena_printf(bed->arena,
			GET("%s", "<item %s/>"), lists[i].from,
			lists[i].item));
		if (strcmp(errors, lists[i].errors) != 0)
			fail_msg("case %zu:%s", i, errors);
		room_free(&room);
	}
}

/* Section 9.5: where nobody hides, all whom a members-only room lets in see who
   else may come. */
static void
shows_members_in_a_members_only_room(void **state)
{
	static const struct {
		const char *stanza, *hidden, *known;
	} cases[] = {
		{ GET(VIC, "<item affiliation='member'/>"), " forbidden", "" },
		{ GET(VIC, "<item affiliation='outcast'/>"), " forbidden",
		  " forbidden" },
		{ GET(OUT, "<item affiliation='member'/>"), " forbidden",
		  " forbidden" },
	};
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room->options.membersonly = true;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		room->options.whois = WHOIS_MODERATORS;
		assert_string_equal(mucbed_errors(bed, cases[i].stanza),
				    cases[i].hidden);
		room->options.whois = WHOIS_ANYONE;
		assert_string_equal(mucbed_errors(bed, cases[i].stanza),
				    cases[i].known);
	}
}

static void
finds_no_room(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	assert_string_equal(mucbed_errors(bed, ASK(ANN, "s@muc.example",
				"<item role='participant'/>")),
			    " item-not-found");
	assert_string_equal(mucbed_errors(bed, GET(ANN, "")), " bad-request");
	/* Section 10.1.1: a locked one is there for its owner alone. */
	room->state = ROOM_LOCKED;
	assert_string_equal(mucbed_errors(bed, GET(BOB,
				"<item affiliation='member'/>")),
			    " item-not-found");
	assert_string_equal(mucbed_errors(bed, GET(ANN,
				"<item affiliation='member'/>")), "");
}

#define LIST(items) \
	"<iq from='r@muc.example' to='ann@a.example/1' type='result' id='1'>" \
	"<query xmlns='http://jabber.org/protocol/muc#admin'>" items \
	"</query></iq>\n"
#define NO_ITEMS \
	"<iq from='r@muc.example' to='ann@a.example/1' type='result' id='1'>" \
	"<query xmlns='http://jabber.org/protocol/muc#admin'/></iq>\n"

static void
says_who_is_listed(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	affiliation_reserve(room->affiliates, "cid@c.example", "Sid");
	affiliation_set(&room->affiliates, "bad.example", AFFILIATION_OUTCAST,
			"spam & more");
	assert_string_equal(mucbed_receive(bed,
				GET(ANN, "<item role='participant'/>")),
		LIST("<item affiliation='member' jid='cid@c.example/1' "
		     "nick='Cid' role='participant'/>"));
	assert_string_equal(mucbed_receive(bed,
				GET(ANN, "<item role='none'/>")), NO_ITEMS);
	assert_string_equal(mucbed_receive(bed,
				GET(ANN, "<item affiliation='member'/>")),
		LIST("<item affiliation='member' jid='cid@c.example' "
		     "nick='Sid'/>"));
	assert_string_equal(mucbed_receive(bed,
				GET(ANN, "<item affiliation='outcast'/>")),
		LIST("<item affiliation='outcast' jid='bad.example'>"
		     "<reason>spam &amp; more</reason></item>"));
	assert_string_equal(mucbed_receive(bed,
				GET(ANN, "<item affiliation='none'/>")),
		NO_ITEMS);
}

/* The client that others see stands for its occupant, whatever he is
   called. */
static void
escapes_what_it_lists(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_add(room, "<'&\">", "eve@e.example/1", AFFILIATION_MEMBER,
		   ROLE_PARTICIPANT);
	mucbed_add(room, "<'&\">", "eve@e.example/<'>", AFFILIATION_MEMBER,
		   ROLE_PARTICIPANT);
	affiliation_reserve(room->affiliates, "eve@e.example", "<'&\">");
	assert_string_equal(mucbed_receive(bed,
				GET(ANN, "<item role='participant'/>")),
		LIST("<item affiliation='member' jid='cid@c.example/1' "
		     "nick='Cid' role='participant'/>"
		     "<item affiliation='member' "
		     "jid='eve@e.example/&lt;&apos;&gt;' "
		     "nick='&lt;&apos;&amp;&quot;&gt;' role='participant'/>"));
	assert_string_equal(mucbed_receive(bed,
				GET(ANN, "<item affiliation='member'/>")),
		LIST("<item affiliation='member' jid='cid@c.example'/>"
		     "<item affiliation='member' jid='eve@e.example' "
		     "nick='&lt;&apos;&amp;&quot;&gt;'/>"));
}

/* Thousands of people in one answer are as much as many messages; few are not,
   however often they are asked for. */
static void
limits_long_lists(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *asks = GET(ANN, "<item affiliation='outcast'/>");

	for (int i = 0; i < 100; i++)
		assert_string_equal(mucbed_errors(bed, asks), "");
	for (int i = 0; i < 4000; i++)
		affiliation_set(&room->affiliates,
				arena_printf(bed->arena, "u%d@u.example", i),
				AFFILIATION_OUTCAST, NULL);
	bed->settings.message_burst = 20;
	assert_string_equal(mucbed_errors(bed, asks), "");
	assert_string_equal(mucbed_errors(bed, asks), "");
	assert_non_null(strstr(mucbed_receive(bed, asks),
			       "<error type='wait'><resource-constraint "));
	assert_string_equal(mucbed_errors(bed,
			    GET(BOB, "<item affiliation='outcast'/>")), "");
	assert_string_equal(mucbed_errors(bed,
			    GET(ANN, "<item affiliation='admin'/>")), "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(shows_lists),
		TEST(shows_members_in_a_members_only_room),
		TEST(finds_no_room),
		TEST(says_who_is_listed),
		TEST(escapes_what_it_lists),
		TEST(limits_long_lists),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_list", tests, NULL, NULL);
}
