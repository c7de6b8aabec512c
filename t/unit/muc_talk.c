#include "components/muc/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "t/lib/fake_router.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define MESSAGE(from, to, type, children) \
	"<message from='" from "' to='r@muc.example" to "' type='" type \
	"' id='1'>" children "</message>"
#define SAY(from, children) MESSAGE(from, "", "groupchat", children)
#define PM(from, nick, type) MESSAGE(from, "/" nick, type, "<body>a</body>")

/* A moderator, a participant with two clients, a visitor. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann Bob Bob2");

	mucbed_add(room, "Cid", CID, AFFILIATION_NONE, ROLE_VISITOR);
	return room;
}

/* Sections 7.4, 7.5 and 8.1, with an option of the room. */
static const struct {
	const char *option, *value;
	const char *stanza;
	const char *errors;
} cases[] = {
	{ NULL, NULL, SAY(ANN, "<body>a</body>"), "" },
	{ NULL, NULL, SAY(BOB, "<body>a</body>"), "" },
	{ NULL, NULL, SAY(CID, "<body>a</body>"), " forbidden" },
	{ NULL, NULL, SAY(OUT, "<body>a</body>"), " not-acceptable" },
	{ NULL, NULL, SAY("bob@b.example/3", "<body>a</body>"),
	  " not-acceptable" },
	{ NULL, NULL, SAY(BOB, ""), "" },
	{ NULL, NULL, SAY(ANN, "<subject>a</subject>"), "" },
	{ NULL, NULL, SAY(BOB, "<subject>a</subject>"), " forbidden" },
	{ NULL, NULL, SAY(OUT, "<subject>a</subject>"), " not-acceptable" },
	{ "changesubject", "1", SAY(BOB, "<subject>a</subject>"), "" },
	{ "changesubject", "1", SAY(CID, "<subject>a</subject>"),
	  " forbidden" },
	{ NULL, NULL, SAY(BOB, "<subject>a</subject><body>b</body>"), "" },
	{ NULL, NULL, SAY(BOB, "<subject>a</subject><thread>b</thread>"),
	  "" },
	{ NULL, NULL, PM(BOB, "Ann", "chat"), "" },
	{ NULL, NULL, PM(CID, "Ann", "normal"), "" },
	{ NULL, NULL, PM(BOB, "Ann", "groupchat"), " bad-request" },
	{ NULL, NULL, PM(BOB, "Eve", "chat"), " item-not-found" },
	{ NULL, NULL, PM(OUT, "Ann", "chat"), " not-acceptable" },
	{ NULL, NULL, PM(OUT, "Eve", "chat"), " not-acceptable" },
	{ "allowpm", "participants", PM(BOB, "Ann", "chat"), "" },
	{ "allowpm", "participants", PM(CID, "Ann", "chat"), " forbidden" },
	{ "allowpm", "moderators", PM(ANN, "Bob", "chat"), "" },
	{ "allowpm", "moderators", PM(BOB, "Ann", "chat"), " forbidden" },
	{ "allowpm", "none", PM(ANN, "Bob", "chat"), " forbidden" },
	/* Section 17.2: what is for all is of type groupchat. */
	{ NULL, NULL, MESSAGE(BOB, "", "chat", "<body>a</body>"),
	  " bad-request" },
	{ NULL, NULL, MESSAGE(OUT, "", "normal", "<body>a</body>"),
	  " not-acceptable" },
};

static void
passes_on_or_refuses(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct room *room = fill(bed);
		const char *errors;

		if (cases[i].option != NULL)
			assert_int_equal(options_set(&room->options,
						     cases[i].option,
						     cases[i].value,
						     &bed->err), 0);
		errors = mucbed_errors(bed, cases[i].stanza);
		if (strcmp(errors, cases[i].errors) != 0)
			fail_msg("%s:%s", cases[i].stanza, errors);
		room_free(&room);
	}
}

static void
needs_a_room(void **state)
{
	struct mucbed *bed = *state;

	assert_string_equal(mucbed_errors(bed, SAY(ANN, "<body>a</body>")),
			    " item-not-found");
	assert_string_equal(mucbed_errors(bed, PM(ANN, "Bob", "chat")),
			    " item-not-found");
}

#define HEARD(to, children) \
	"<message from='r@muc.example/Bob' type='groupchat' id='1' to='" to \
	"'>" children "</message>\n"

static void
reflects(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
#define HI "<body>hi &amp; ho</body><active xmlns='urn:states'/>"
	assert_string_equal(mucbed_receive(bed,
		SAY(BOB, HI "<x xmlns='http://jabber.org/protocol/muc#user'/>"
		    "<delay xmlns='urn:xmpp:delay' from='bob@b.example' "
		    "stamp='2002-10-13T23:58:37Z'/>")),
		HEARD(ANN, HI) HEARD(BOB, HI) HEARD("bob@b.example/2", HI)
		HEARD(CID, HI));
}

/* Section 7.9: what an owner says of the past is kept with its time, and
   without the delay, which the history has of its own. */
static void
keeps_an_owners_times(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_receive(bed, SAY(ANN, "<delay xmlns='urn:xmpp:delay' "
				"from='ann@a.example/1' "
				"stamp='2002-10-13T23:58:37Z'/>"
				"<body>a</body>"));
	assert_int_equal(room->history.last->stamp,
			 INT64_C(1034553517) * CLOCK_SECOND);
	assert_string_equal(mucbed_without_ids(bed, room->history.last->text),
			    " from='r@muc.example/Ann' type='groupchat' "
			    "id='1'><body>a</body></message>");
	mucbed_receive(bed, SAY(ANN, "<body>b</body>"
				"<delay xmlns='urn:xmpp:delay' "
				"from='ann@a.example/1' stamp='once'/>"));
	assert_true(room->history.last->stamp >
		    INT64_C(1034553517) * CLOCK_SECOND);
	assert_null(strstr(room->history.last->text, "delay"));
}

/* How often each is in the text. */
static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

#define STANZA_ID "<stanza-id xmlns='urn:xmpp:sid:0' "
#define OCCUPANT_ID "<occupant-id xmlns='urn:xmpp:occupant-id:0' "

static const char *
stanza_id(struct mucbed *bed, const char *text)
{
	const char *id = strstr(text, STANZA_ID "by='r@muc.example' id='");

	assert_non_null(id);
	id = strstr(id, " id='") + 5;
	return arena_dup(bed->arena, id, strcspn(id, "'"));
}

/* XEP-0359: what is kept has an id, the same for all, by which it is found in
   the history as well. */
static void
names_what_it_keeps(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *sent, *id;

	sent = mucbed_receive_whole(bed, SAY(ANN, "<body>a</body>" STANZA_ID
					     "by='r@muc.example' id='x'/>"));
	id = stanza_id(bed, sent);
	assert_int_equal(strlen(id), 24);
	assert_int_equal(count(sent, id), 4);
	assert_int_equal(count(sent, STANZA_ID), 4);
	assert_string_equal(stanza_id(bed, room->history.last->text), id);

	sent = mucbed_receive_whole(bed, SAY(ANN, "<body>a</body>"));
	assert_string_not_equal(stanza_id(bed, sent), id);
	sent = mucbed_receive_whole(bed, SAY(ANN, "<a xmlns='urn:a'/>"
					     STANZA_ID "id='x'/>"));
	assert_int_equal(count(sent, STANZA_ID), 0);
	/* Somebody else's is none of ours. */
	sent = mucbed_receive_whole(bed, SAY(ANN, "<body>a</body>" STANZA_ID
					     "id='x' by='ann@a.example'/>"));
	assert_int_equal(count(sent, STANZA_ID), 8);
}

/* XEP-0421: by whatever nick and client. */
static void
names_who_says_it(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *bob = arena_strdup(bed->arena, occupant_find(room, "Bob")->
				       pseudonym);
	const char *sent;

	sent = mucbed_receive_whole(bed, SAY(BOB, "<body>a</body>" OCCUPANT_ID
					     "id='x'/>"));
	assert_int_equal(count(sent, bob), 4);
	assert_int_equal(count(sent, OCCUPANT_ID), 4);
	assert_int_equal(count(room->history.last->text, bob), 1);
	session_rename(session_find(room, BOB2), "Rob");
	sent = mucbed_receive_whole(bed, SAY(BOB2, "<a xmlns='urn:a'/>"));
	assert_int_equal(count(sent, bob), 4);
	sent = mucbed_receive_whole(bed, SAY(ANN, "<body>a</body>"));
	assert_int_equal(count(sent, bob), 0);
	assert_int_equal(count(sent, OCCUPANT_ID), 4);
	sent = mucbed_receive_whole(bed, PM(BOB, "Ann", "chat"));
	assert_int_equal(count(sent, bob), 1);
	assert_int_equal(count(sent, STANZA_ID), 0);
	sent = mucbed_receive_whole(bed, SAY(ANN, "<subject>a</subject>"));
	assert_int_equal(count(sent, OCCUPANT_ID), 4);
	room_send_subject(room, session_find(room, BOB));
	assert_int_equal(count(mucbed_sent_whole(bed),
			       occupant_find(room, "Ann")->pseudonym), 1);
}

/* What becomes history; section 7.2.13. */
static const struct {
	const char *children;
	unsigned kept;
} histories[] = {
	{ "<body>a</body>", 1 },
	{ "<body/>", 1 },
	{ "<subject>a</subject><body>b</body>", 1 },
	{ "<subject>a</subject>", 0 },
	{ "<subject>a</subject><store xmlns='urn:xmpp:hints'/>", 0 },
	{ "<composing xmlns='http://jabber.org/protocol/chatstates'/>", 0 },
	{ "<received xmlns='urn:xmpp:receipts' id='1'/>"
	  "<store xmlns='urn:xmpp:hints'/>", 1 },
	{ "<body>a</body><no-store xmlns='urn:xmpp:hints'/>", 0 },
	{ "<body>a</body><no-permanent-store xmlns='urn:xmpp:hints'/>", 0 },
};

static void
keeps_what_people_said(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(histories); i++) {
		struct room *room = fill(bed);

		mucbed_receive(bed, arena_printf(bed->arena, SAY(ANN, "%s"),
						 histories[i].children));
		if (room->history.count != histories[i].kept)
			fail_msg("%s", histories[i].children);
		room_free(&room);
	}
}

/* Section 8.1. */
static void
changes_the_subject(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	assert_string_equal(mucbed_receive(bed,
		SAY(ANN, "<subject>A &amp; B</subject>"
		    "<subject xml:lang='de'>A und B</subject>")),
#define TOLD(to) \
	"<message from='r@muc.example/Ann' type='groupchat' id='1' to='" to \
	"'><subject>A &amp; B</subject><subject xml:lang='de'>A und B" \
	"</subject></message>\n"
		TOLD(ANN) TOLD(BOB) TOLD("bob@b.example/2") TOLD(CID));
	assert_string_equal(mucbed_without_ids(bed, room->subject.text),
			    "<subject>A &amp; B</subject>"
			    "<subject xml:lang='de'>A und B</subject>");
	assert_string_equal(room->subject.nick, "Ann");
	/* Talk with a title is none. */
	mucbed_receive(bed, SAY(ANN, "<subject>C</subject><body>d</body>"));
	mucbed_receive(bed, SAY(ANN, "<subject>C</subject><thread>d"
				"</thread>"));
	assert_non_null(strstr(room->subject.text, "A &amp; B"));
	mucbed_receive(bed, SAY(ANN, "<subject/>"));
	assert_string_equal(mucbed_without_ids(bed, room->subject.text),
			    "<subject/>");
	assert_true(room->subject.stamp != 0);
}

/* Section 7.5: to all clients, with a mark, and no word on who it was. */
static void
whispers(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
#define WHISPER(to) \
	"<message from='r@muc.example/Ann' to='" to "' type='chat' id='1'>" \
	"<body>a</body><x xmlns='http://jabber.org/protocol/muc#user'/>" \
	"</message>\n"
	assert_string_equal(mucbed_receive(bed, PM(ANN, "Bob", "chat")),
			    WHISPER("bob@b.example/2") WHISPER(BOB));
}

/* An error that came back goes to who had written (7.5). */
static void
returns_errors(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
#define FULL \
	"<error type='wait'><resource-constraint " \
	"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
	assert_string_equal(mucbed_receive(bed,
		MESSAGE(BOB, "/Ann", "error", FULL)),
		"<message from='r@muc.example/Bob' to='" ANN "' type='error' "
		"id='1'>" FULL "</message>\n");
	/* What could name who is behind the nick stays here (17.4). */
	assert_string_equal(mucbed_receive(bed,
		MESSAGE(BOB, "/Ann", "error",
			"<body>b</body><error type='cancel' by='" BOB "'>"
			"<not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-"
			"stanzas'/><a xmlns='urn:a'>" BOB "</a></error>")),
		"<message from='r@muc.example/Bob' to='" ANN "' type='error' "
		"id='1'><error type='cancel'><not-allowed "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
		"</message>\n");
	/* Nobody wrote, or nobody is there. */
	assert_string_equal(mucbed_receive(bed,
		MESSAGE(BOB, "", "error", FULL)), "");
	assert_string_equal(mucbed_receive(bed,
		MESSAGE(OUT, "/Ann", "error", FULL)), "");
	assert_string_equal(mucbed_receive(bed,
		MESSAGE(BOB, "/Eve", "error", FULL)), "");
}

/* Only these mean that somebody has left (18.1.2). */
static const struct {
	const char *condition;
	bool leaves;
} bounces[] = {
	{ "gone", true },
	{ "item-not-found", true },
	{ "recipient-unavailable", true },
	{ "redirect", true },
	{ "remote-server-not-found", true },
	{ "remote-server-timeout", true },
	{ "service-unavailable", false },
	{ "resource-constraint", false },
	{ "bad-request", false },
	{ "not-acceptable", false },
	{ "unheard-of", false },
};

static void
removes_who_is_gone(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(bounces); i++) {
		struct room *room = fill(bed);
		const char *sent = mucbed_receive(bed, arena_printf(bed->arena,
			MESSAGE(CID, "", "error", "<error type='cancel'><%s "
				"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
				"</error>"), bounces[i].condition));

		assert_int_equal(occupant_find(room, "Cid") == NULL,
				 bounces[i].leaves);
		assert_int_equal(strstr(sent, "<status code='333'/>") != NULL,
				 bounces[i].leaves);
		/* No 307 with it: that is for section 7.2.18. */
		assert_null(strstr(sent, "code='307'"));
		room_free(&room);
	}
}

static void
limits_messages(void **state)
{
	struct mucbed *bed = *state;
	unsigned refused = 0;

	fill(bed);
	for (int i = 0; i < 60; i++)
		refused += *mucbed_errors(bed, i % 3 == 0 ?
			PM(BOB, "Ann", "chat") : SAY(BOB, "<body/>")) != '\0';
	assert_int_equal(refused, 10);
	assert_string_equal(mucbed_errors(bed, SAY(BOB, "<body/>")),
			    " resource-constraint");
	assert_string_equal(mucbed_errors(bed, PM(BOB, "Ann", "chat")),
			    " resource-constraint");
	assert_string_equal(mucbed_errors(bed, SAY(ANN, "<body/>")), "");
	bed->settings.max_message = 90;
	assert_string_equal(mucbed_errors(bed, SAY(ANN, "<body/>")),
			    " policy-violation");
}

/* What the router would not take is not lost without a word. */
static void
refuses_what_is_above_the_routers_limit(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	fake_router_limit(bed->runtime.router, 480);
#define LONG "0123456789 0123456789 0123456789 0123456789 0123456789 " \
	     "0123456789 0123456789 0123456789 0123456789 0123456789 "
#define TALK "<body>" LONG LONG LONG LONG LONG LONG "</body>"
	assert_string_equal(mucbed_errors(bed, SAY(BOB, TALK)),
			    " policy-violation");
	assert_null(room->history.last);
	assert_string_equal(mucbed_errors(bed, MESSAGE(BOB, "/Ann", "chat",
						       TALK)),
			    " policy-violation");
	assert_string_equal(mucbed_errors(bed, MESSAGE(BOB, "", "normal",
		"<x xmlns='http://jabber.org/protocol/muc#user'>"
		"<invite to='eve@e.example'><reason>" LONG LONG LONG LONG LONG
		LONG "</reason></invite></x>")), " policy-violation");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(passes_on_or_refuses),
		TEST(needs_a_room),
		TEST(reflects),
		TEST(keeps_an_owners_times),
		TEST(names_what_it_keeps),
		TEST(names_who_says_it),
		TEST(keeps_what_people_said),
		TEST(changes_the_subject),
		TEST(whispers),
		TEST(returns_errors),
		TEST(removes_who_is_gone),
		TEST(limits_messages),
		TEST(refuses_what_is_above_the_routers_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_talk", tests, NULL, NULL);
}
