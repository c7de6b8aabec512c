#include "components/muc/release.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/room.h"
#include "shared/clock.h"
#include "shared/component.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A host that has a module; others have none. */
#define DAN "dan@example/1"
#define DAN_AGAIN "dan@example/2"

#define STAMP "2002-10-13T23:58:37Z"
#define STAMP_SECS INT64_C(1034553517)
#define DELAY(from) "<delay xmlns='urn:xmpp:delay' from='" from "' " \
	"stamp='" STAMP "'/>"
#define NOBODYS "<delay xmlns='urn:xmpp:delay' stamp='" STAMP "'/>"
#define SAY(from, children) "<message from='" from "' to='r@muc.example' " \
	"type='groupchat' id='1'>" children "</message>"
#define WHISPER(from, children) "<message from='" from "' " \
	"to='r@muc.example/Ann' type='chat' id='1'>" children "</message>"
#define A "<body>a</body>"

static const char *const hosts[] = { "example", "b.example", NULL };

static int
set_up(void **state)
{
	return mucbed_setup_hooked(state, hosts, "version='3' hooks=''");
}

/* Ann and Bob, and Dan with one of his clients. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann Bob");

	mucbed_add(room, "Dan", DAN, AFFILIATION_NONE, ROLE_PARTICIPANT);
	return room;
}

static const struct {
	const char *stanza;
	bool late;
} said[] = {
	{ SAY(DAN, A DELAY("example")), true },
	{ SAY(DAN, DELAY("dan@example") A DELAY("example")), true },
	{ SAY(DAN, NOBODYS A DELAY("example")), true },
	{ SAY(DAN, A NOBODYS), false },
	{ SAY(DAN, A), false },
	{ SAY(DAN, A DELAY("dan@example")), false },
	{ SAY(DAN, A DELAY("b.example")), false },
	/* Of another host, and of one whose module is not attached. */
	{ SAY(BOB, A DELAY("example")), false },
	{ SAY(BOB, A DELAY("b.example")), false },
	{ WHISPER(DAN, A DELAY("example")), true },
	{ WHISPER(DAN, A DELAY("b.example")), false },
	{ WHISPER(BOB, A DELAY("example")), false },
};

static void
tells_when_it_was_sent(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		const char *sent = mucbed_receive(bed, said[i].stanza);

		assert_non_null(strstr(sent, A));
		if ((strstr(sent, DELAY("example")) != NULL) != said[i].late ||
		    strstr(sent, "from='dan@example'") != NULL ||
		    strstr(sent, "from='b.example'") != NULL)
			fail_msg("%s: %s", said[i].stanza, sent);
	}
}

static void
has_that_time_in_the_history(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_receive(bed, SAY(DAN, A DELAY("example")));
	assert_int_equal(room->history.last->stamp,
			 STAMP_SECS * CLOCK_SECOND);
	assert_null(strstr(room->history.last->text, "delay"));
}

static const struct {
	const char *stanza, *errors;
} gone[] = {
	{ SAY(DAN_AGAIN, A DELAY("example")), "" },
	{ SAY(DAN_AGAIN, "<subject>a</subject>" DELAY("example")),
	  " forbidden" },
	{ WHISPER(DAN_AGAIN, A DELAY("example")), "" },
	{ SAY(DAN_AGAIN, A), " not-acceptable" },
	{ SAY(DAN_AGAIN, A DELAY("dan@example")), " not-acceptable" },
	{ WHISPER(DAN_AGAIN, A), " not-acceptable" },
	{ SAY("eve@example/1", A DELAY("example")), " not-acceptable" },
	{ SAY("bob@b.example/9", A DELAY("b.example")), " not-acceptable" },
};

/* It is his, whichever client he has there. */
static void
finds_who_has_another_client_by_then(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	for (size_t i = 0; i < ARRAY_LEN(gone); i++) {
		const char *errors = mucbed_errors(bed, gone[i].stanza);

		if (strcmp(errors, gone[i].errors) != 0)
			fail_msg("%s:%s", gone[i].stanza, errors);
	}
	assert_non_null(strstr(mucbed_receive(bed, gone[0].stanza),
			       "from='r@muc.example/Dan'"));
}

/* Many may come at once. */
static void
counts_for_no_rate(void **state)
{
	struct mucbed *bed = *state;

	bed->settings.message_rate = bed->settings.message_burst = 1;
	fill(bed);
	assert_string_equal(mucbed_errors(bed, SAY(DAN, A)), "");
	for (int i = 0; i < 3; i++)
		assert_string_equal(mucbed_errors(bed, gone[0].stanza), "");
	assert_string_equal(mucbed_errors(bed, SAY(DAN, A)),
			    " resource-constraint");
}

static const struct {
	const char *delay;
	int64_t stamp;		/* 0: now */
} stamps[] = {
	{ "<delay stamp='" STAMP "'/>", STAMP_SECS * CLOCK_SECOND },
	{ "<delay stamp='9999-01-01T00:00:00Z'/>", 0 },
	{ "<delay stamp='1000-01-01T00:00:00Z'/>", 0 },
	{ "<delay stamp='once'/>", 0 },
	{ "<delay/>", 0 },
};

static void
knows_no_time_to_come(void **state)
{
	struct mucbed *bed = *state;
	int64_t now = (STAMP_SECS + 1) * CLOCK_SECOND;

	for (size_t i = 0; i < ARRAY_LEN(stamps); i++)
		assert_int_equal(release_stamp(mucbed_xml(
			bed, stamps[i].delay), now),
			stamps[i].stamp == 0 ? now : stamps[i].stamp);
	assert_int_equal(release_stamp(NULL, now), now);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, \
						   mucbed_teardown_hooked)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_when_it_was_sent),
		TEST(has_that_time_in_the_history),
		TEST(finds_who_has_another_client_by_then),
		TEST(counts_for_no_rate),
		TEST(knows_no_time_to_come),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_release", tests, NULL, NULL);
}
