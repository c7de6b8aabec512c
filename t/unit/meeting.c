#include "t/bench/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <expat.h>
#include <string.h>

#include "shared/error.h"
#include "t/bench/element.h"
#include "t/bench/latency.h"

#define ROOM "room@rooms.example"
#define JID(n) "u000000" #n "@example.net/r"
#define COPY(number, nick, to) \
	"<message from='" ROOM "/n0000" #nick "' id='b0000000" #number "' " \
	"type='groupchat' to='" JID(to) "'><body>0000000" #number \
	" people &lt; a few &amp; \"nobody\", \xc3\xa4\xe2\x82\xac, " \
	"not a word of which is new to anybody</body></message>"
#define SUBJECT(to) \
	"<message from='" ROOM "' type='groupchat' to='" JID(to) "'>" \
	"<subject/></message>"
#define PRESENCE(nick, to, status) \
	"<presence from='" ROOM "/n0000" #nick "' to='" JID(to) "'><x>" \
	status "</x></presence>"
#define SELF "<status code='110'/>"
#define CONFIGURED \
	"<iq type='result' id='configure' from='" ROOM "' to='" JID(0) "'/>"

struct fixture {
	struct meeting *meeting;
	struct latency latency;
	XML_Parser expat;
	struct str out;
};

static const char *
take(struct fixture *fixture, unsigned person, const char *text)
{
	static const char *const jids[] = { JID(0), JID(1) };
	struct element el;

	ensure(element_read(fixture->expat, text, strlen(text), &el) == 0);
	return meeting_read(fixture->meeting, person, jids[person], &el, 2.0,
			    &fixture->latency);
}

static int
setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .meeting = meeting_new(ROOM, 2),
				    .expat = XML_ParserCreate("UTF-8") };
	*state = &fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	meeting_free(&fixture->meeting);
	XML_ParserFree(fixture->expat);
	str_fini(&fixture->out);
	return 0;
}

static void
is_full_when_all_have_seen_all(void **state)
{
	struct fixture *fixture = *state;
	struct meeting *meeting = fixture->meeting;

	meeting_enter(meeting, 1, &fixture->out);
	assert_string_equal(fixture->out.data,
			    "<presence to='" ROOM "/n00001'><x xmlns='http:"
			    "//jabber.org/protocol/muc'/></presence>");
	assert_false(meeting_is_open(meeting));
	assert_null(take(fixture, 0, PRESENCE(0, 0, SELF)));
	assert_true(meeting_is_open(meeting));
	assert_false(meeting_is_configured(meeting));
	assert_null(take(fixture, 0, CONFIGURED));
	assert_true(meeting_is_configured(meeting));
	assert_null(take(fixture, 0, SUBJECT(0)));
	assert_null(take(fixture, 1, PRESENCE(0, 1, "")));
	assert_null(take(fixture, 1, PRESENCE(1, 1, SELF)));
	assert_null(take(fixture, 1, SUBJECT(1)));
	/* Said twice it is not the one that is missing. */
	assert_null(take(fixture, 0, PRESENCE(0, 0, SELF)));
	assert_false(meeting_is_full(meeting));
	assert_null(take(fixture, 0, PRESENCE(1, 0, "")));
	assert_true(meeting_is_full(meeting));
	assert_int_equal(meeting_count(meeting).presences, 5);
}

static void
counts_what_is_right(void **state)
{
	struct fixture *fixture = *state;
	struct meeting *meeting = fixture->meeting;

	assert_int_equal(meeting_talk(meeting, 1.0, &fixture->out), 0);
	assert_int_equal(meeting_talk(meeting, 1.0, &fixture->out), 1);
	assert_null(take(fixture, 1, COPY(1, 1, 1)));
	assert_null(take(fixture, 0, COPY(1, 1, 0)));
	assert_int_equal(meeting_missing(meeting), 1);
	assert_null(take(fixture, 0, COPY(0, 0, 0)));
	assert_null(take(fixture, 1, COPY(0, 0, 1)));
	assert_int_equal(meeting_missing(meeting), 0);
	assert_int_equal(meeting_count(meeting).messages, 2);
	assert_int_equal(meeting_count(meeting).deliveries, 4);
	assert_int_equal(fixture->latency.count, 4);
	assert_true(latency_share(&fixture->latency, 0) >= 1);
}

static void
lets_the_router_speak(void **state)
{
	struct fixture *fixture = *state;

	assert_null(take(fixture, 0, "<presence from='" JID(0) "' to='" JID(0)
				     "'/>"));
	assert_null(take(fixture, 0, "<presence from='" ROOM "' to='" JID(0)
				     "'/>"));
	assert_non_null(take(fixture, 0, "<message type='error' from='" JID(0)
					 "' to='" JID(0) "'/>"));
}

/* For person 0, when number 0 was sent by person 0 and 1 by 1. */
static const char *const wrong[] = {
	COPY(0, 0, 1),				/* another's */
	COPY(0, 1, 0),				/* another's nick */
	COPY(0, 9, 0),				/* nobody's */
	COPY(2, 0, 0),				/* never sent */
	PRESENCE(0, 0, ""),
	PRESENCE(1, 0, SELF),
	PRESENCE(9, 0, ""),
	"<presence type='error' from='" ROOM "/n00000' to='" JID(0) "'/>",
	"<message type='groupchat' from='" ROOM "/n00000' to='" JID(0)
	"' id='b00000000'><body>00000000 other</body></message>",
	"<message type='error' from='" ROOM "' to='" JID(0) "'/>",
	"<iq type='error' id='configure' from='" ROOM "' to='" JID(0) "'/>",
	"<iq type='result' id='other' from='" ROOM "' to='" JID(0) "'/>",
};

static void
finds_what_is_wrong(void **state)
{
	struct fixture *fixture = *state;

	meeting_talk(fixture->meeting, 1.0, &fixture->out);
	meeting_talk(fixture->meeting, 1.0, &fixture->out);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (take(fixture, 0, wrong[i]) == NULL)
			fail_msg("%s", wrong[i]);
	}
	assert_null(take(fixture, 0, COPY(0, 0, 0)));
	assert_non_null(take(fixture, 0, COPY(0, 0, 0)));
	assert_null(take(fixture, 0, SUBJECT(0)));
	assert_non_null(take(fixture, 0, SUBJECT(0)));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(is_full_when_all_have_seen_all),
		TEST(counts_what_is_right),
		TEST(lets_the_router_speak),
		TEST(finds_what_is_wrong),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
