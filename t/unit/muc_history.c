#include "components/muc/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/template.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/ns.h"
#include "t/lib/fake_router.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define SECS(n) (INT64_C(n) * CLOCK_SECOND)

#define DELAY(when) \
	"<delay xmlns='urn:xmpp:delay' from='r@muc.example' stamp='" when "'/>"
/* What is kept of a message, and what is sent. */
#define BODY(text) \
	" from='r@muc.example/Ann' type='groupchat'><body>" text "</body>"
#define KEPT_1 BODY("one") "</message>"
#define KEPT_2 BODY("two &amp; a half") "</message>"
#define KEPT_3 BODY("three") "</message>"
#define SENT(text, when) \
	"<message to='bob@b.example/1'" BODY(text) DELAY(when) "</message>"
#define SENT_1 SENT("one", "2002-10-13T23:58:37Z")
#define SENT_2 SENT("two &amp; a half", "2002-10-13T23:58:43Z")
#define SENT_3 SENT("three", "2002-10-13T23:58:49Z")
#define ALL SENT_1 "\n" SENT_2 "\n" SENT_3 "\n"
#define LAST_TWO SENT_2 "\n" SENT_3 "\n"
#define LAST_ONE SENT_3 "\n"

/* 2002-10-13T23:58:37Z */
#define THEN SECS(1034553517)
#define LEN(text) (sizeof(text) - 1)

/* A room with three messages, and somebody to read them. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Bob");

	history_restore(&room->history, 11, THEN, KEPT_1, NULL);
	history_restore(&room->history, 12, THEN + SECS(6), KEPT_2, NULL);
	history_restore(&room->history, 13, THEN + SECS(12), KEPT_3, NULL);
	return room;
}

/* Sections 7.2.13 and 7.2.14: the newest that all the limits allow. */
static const struct {
	struct history_request request;
	const char *sent;
} selections[] = {
	{ { SIZE_MAX, SIZE_MAX, 0 }, ALL },
	{ { SIZE_MAX, 4, 0 }, ALL },
	{ { SIZE_MAX, 3, 0 }, ALL },
	{ { SIZE_MAX, 2, 0 }, LAST_TWO },
	{ { SIZE_MAX, 1, 0 }, LAST_ONE },
	{ { SIZE_MAX, 0, 0 }, "" },
	{ { 0, SIZE_MAX, 0 }, "" },
	/* Of the complete stanzas, not of their texts. */
	{ { LEN(SENT_1 SENT_2 SENT_3), SIZE_MAX, 0 }, ALL },
	{ { LEN(SENT_1 SENT_2 SENT_3) - 1, SIZE_MAX, 0 }, LAST_TWO },
	{ { LEN(SENT_2 SENT_3), SIZE_MAX, 0 }, LAST_TWO },
	{ { LEN(SENT_2 SENT_3) - 1, SIZE_MAX, 0 }, LAST_ONE },
	{ { LEN(SENT_3), SIZE_MAX, 0 }, LAST_ONE },
	{ { LEN(SENT_3) - 1, SIZE_MAX, 0 }, "" },
	{ { SIZE_MAX, SIZE_MAX, THEN }, ALL },
	{ { SIZE_MAX, SIZE_MAX, THEN + 1 }, LAST_TWO },
	{ { SIZE_MAX, SIZE_MAX, THEN + SECS(6) }, LAST_TWO },
	{ { SIZE_MAX, SIZE_MAX, THEN + SECS(12) }, LAST_ONE },
	{ { SIZE_MAX, SIZE_MAX, THEN + SECS(13) }, "" },
	{ { SIZE_MAX, 1, THEN }, LAST_ONE },
	{ { LEN(SENT_2 SENT_3), 3, THEN }, LAST_TWO },
	{ { LEN(SENT_2 SENT_3), 1, THEN }, LAST_ONE },
};

static void
sends_what_was_asked_for(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	for (size_t i = 0; i < ARRAY_LEN(selections); i++) {
		history_send(room, room->sessions, &selections[i].request);
		assert_string_equal(mucbed_sent(bed), selections[i].sent);
	}
}

/* As after the operator has lowered it: such a message would cost the link at
   each entrance. */
static void
leaves_out_what_is_above_the_routers_limit(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct history_request all = { SIZE_MAX, SIZE_MAX, 0 };

	fake_router_limit(bed->runtime.router, LEN(SENT_2) - 1);
	history_send(room, room->sessions, &all);
	assert_string_equal(mucbed_sent(bed), SENT_1 "\n" SENT_3 "\n");
}

/* Characters beyond ASCII: in the addresses, and in the text. */
#define ROOM "r\xc3\xb6m@muc.example"
#define READER "b\xf0\x9f\x98\x80@b.example/1"
#define WIDE "<message to='" READER "' from='" ROOM "/Ann'><body>" \
	     "\xe2\x82\xac\xe2\x82\xac</body><delay xmlns='urn:xmpp:delay' " \
	     "from='" ROOM "' stamp='2002-10-13T23:58:37Z'/></message>"

static void
counts_characters(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, ROOM);
	/* Twice two bytes, once four and twice three are a character each. */
	struct history_request request = {
		LEN(WIDE) - 2 * 1 - 3 - 2 * 2, SIZE_MAX, 0
	};

	mucbed_add(room, "Bob", READER, AFFILIATION_NONE, ROLE_PARTICIPANT);
	history_restore(&room->history, 1, THEN,
			" from='" ROOM "/Ann'><body>\xe2\x82\xac\xe2\x82\xac"
			"</body></message>", NULL);
	history_send(room, room->sessions, &request);
	assert_string_equal(mucbed_sent(bed), WIDE "\n");
	request.maxchars--;
	history_send(room, room->sessions, &request);
	assert_string_equal(mucbed_sent(bed), "");
}

static void
has_none_at_first(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	struct history_request all = { SIZE_MAX, SIZE_MAX, 0 };

	mucbed_add(room, "Bob", "bob@b.example/1", AFFILIATION_NONE,
		   ROLE_PARTICIPANT);
	history_send(room, room->sessions, &all);
	assert_string_equal(mucbed_sent(bed), "");
}

/* Attributes of <history/>, usual being 20. */
static const struct {
	const char *attrs;
	size_t maxchars, maxstanzas;
	int64_t since;
} requests[] = {
	{ "", SIZE_MAX, 20, 0 },
	{ "maxchars='0'", 0, 20, 0 },
	{ "maxchars='65000'", 65000, 20, 0 },
	{ "maxstanzas='0'", SIZE_MAX, 0, 0 },
	{ "maxstanzas='5'", SIZE_MAX, 5, 0 },
	/* Section 7.2.14: the room's own limit stays. */
	{ "maxstanzas='21'", SIZE_MAX, 20, 0 },
	{ "maxstanzas='99999999999999999999'", SIZE_MAX, 20, 0 },
	{ "since='1970-01-01T00:00:00Z'", SIZE_MAX, 20, 0 },
	{ "since='2002-10-13T23:58:37Z'", SIZE_MAX, 20, THEN },
	{ "since='2002-10-14T01:58:37+02:00'", SIZE_MAX, 20, THEN },
	{ "since='1960-01-01T00:00:00Z'", SIZE_MAX, 20, 0 },
	{ "since='2002-10-13T23:58:37Z' maxchars='9' maxstanzas='3'",
	  9, 3, THEN },
	{ "seconds='99999999999'", SIZE_MAX, 20, 0 },
	{ "seconds='99999999999999999999'", SIZE_MAX, 20, 0 },
	{ "seconds='99999999999' since='2002-10-13T23:58:37Z'",
	  SIZE_MAX, 20, THEN },
	{ "unknown='1'", SIZE_MAX, 20, 0 },
};

static int
request(struct mucbed *bed, const char *attrs, struct history_request *to)
{
	return history_request(
		mucbed_xml(bed, arena_printf(bed->arena,
					     "<x xmlns='" NS_MUC "'>"
					     "<history %s/></x>", attrs)),
		20, to, &bed->err);
}

static void
reads_requests(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		struct history_request got;

		if (request(bed, requests[i].attrs, &got) < 0)
			fail_msg("%s: %s", requests[i].attrs, bed->err.text);
		assert_int_equal(got.maxchars, requests[i].maxchars);
		assert_int_equal(got.maxstanzas, requests[i].maxstanzas);
		assert_int_equal(got.since, requests[i].since);
	}
}

static void
counts_seconds_from_now(void **state)
{
	struct history_request got;
	int64_t before = clock_now();

	assert_int_equal(request(*state, "seconds='180'", &got), 0);
	assert_true(got.since >= before - SECS(180));
	assert_true(got.since <= clock_now() - SECS(180));
	/* The later of both counts. */
	assert_int_equal(request(*state, "seconds='60' "
				 "since='2002-10-13T23:58:37Z'", &got), 0);
	assert_true(got.since >= before - SECS(60));
}

static const char *const bad_requests[] = {
	"maxchars=''",
	"maxchars='-1'",
	"maxchars='many'",
	"maxstanzas='1.5'",
	"maxstanzas='5 '",
	"seconds='-60'",
	"seconds='1m'",
	"since=''",
	"since='yesterday'",
	"since='20021013T23:58:37'",
};

static void
refuses_bad_requests(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad_requests); i++) {
		struct history_request got;

		if (request(bed, bad_requests[i], &got) == 0)
			fail_msg("%s was taken", bad_requests[i]);
		assert_int_equal(bed->err.cond, ERROR_BAD_REQUEST);
	}
}

static void
takes_what_is_usual(void **state)
{
	struct mucbed *bed = *state;
	struct history_request got;

	assert_int_equal(history_request(
		mucbed_xml(bed, "<x xmlns='" NS_MUC "'/>"), 7, &got,
		&bed->err), 0);
	assert_int_equal(got.maxchars, SIZE_MAX);
	assert_int_equal(got.maxstanzas, 7);
	assert_int_equal(got.since, 0);
}

static const struct history_item *
add(struct mucbed *bed, struct room *room, const char *message, int64_t stamp,
    size_t size)
{
	const struct history_item *item;
	struct template template;

	template_init(&template, mucbed_xml(bed, message));
	item = history_add(room, &template, stamp, NULL, size);
	template_fini(&template);
	return item;
}

/* The message as all got it, with the time (7.2.13). */
static void
keeps_messages(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	struct history_request all = { SIZE_MAX, SIZE_MAX, 0 };
	const struct history_item *item;

	mucbed_add(room, "Bob", "bob@b.example/1", AFFILIATION_NONE,
		   ROLE_PARTICIPANT);
	item = add(bed, room,
		"<message from='r@muc.example/Ann' to='x@y' type='groupchat' "
		"id='m&apos;1' xml:lang='de'><body>a &lt; b</body>"
		"<e xmlns='urn:e'>f</e></message>", THEN, 10);
	assert_int_equal(item->serial, 1);
	assert_int_equal(item->len, strlen(item->text));
	history_send(room, room->sessions, &all);
	assert_string_equal(mucbed_sent(bed),
		"<message to='bob@b.example/1' from='r@muc.example/Ann' "
		"type='groupchat' id='m&apos;1' xml:lang='de'>"
		"<body>a &lt; b</body><e xmlns='urn:e'>f</e>"
		DELAY("2002-10-13T23:58:37Z") "</message>\n");
}

static void
forgets_the_oldest(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *message = "<message><body/></message>";

	assert_int_equal(room->history.count, 3);
	assert_int_equal(add(bed, room, message, 0, 3)->serial, 14);
	assert_int_equal(room->history.count, 3);
	assert_int_equal(room->history.first->serial, 12);
	assert_int_equal(room->history.last->serial, 14);
	/* The setting has become smaller. */
	assert_int_equal(add(bed, room, message, 0, 1)->serial, 15);
	assert_int_equal(room->history.count, 1);
	assert_ptr_equal(room->history.first, room->history.last);
	/* None is kept, but the count goes on. */
	assert_null(add(bed, room, message, 0, 0));
	assert_int_equal(room->history.count, 0);
	assert_null(room->history.first);
	assert_int_equal(add(bed, room, message, 0, 1)->serial, 17);
	history_clear(&room->history);
	assert_int_equal(room->history.count, 0);
	assert_null(room->history.last);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(sends_what_was_asked_for),
		TEST(leaves_out_what_is_above_the_routers_limit),
		TEST(counts_characters),
		TEST(has_none_at_first),
		TEST(reads_requests),
		TEST(counts_seconds_from_now),
		TEST(refuses_bad_requests),
		TEST(takes_what_is_usual),
		TEST(keeps_messages),
		TEST(forgets_the_oldest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_history", tests, NULL, NULL);
}
