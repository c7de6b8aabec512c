#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/ghost.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/str.h"
#include "t/lib/fake_router.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define IQ(from, to, type, children) \
	"<iq from='" from "' to='r@muc.example" to "' type='" type \
	"' id='i'>" children "</iq>"
#define ANSWER(from, to, type, id, children) \
	"<iq from='" from "' to='r@muc.example" to "' type='" type "' id='" \
	id "'>" children "</iq>"
#define PING "<ping xmlns='urn:xmpp:ping'/>"
#define SOFTWARE "<query xmlns='jabber:iq:version'/>"
#define VCARD "<vCard xmlns='vcard-temp'/>"
#define INFO "<query xmlns='http://jabber.org/protocol/disco#info'/>"
#define ERROR(condition) \
	"<error type='cancel'><" condition \
	" xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"

static struct room *
fill(struct mucbed *bed)
{
	return mucbed_cast(bed, "Ann Bob");
}

/* Sections 6.6 and 17.4. */
static const struct {
	const char *stanza;
	const char *errors;
} refusals[] = {
	{ IQ(OUT, "/Ann", "get", SOFTWARE), " not-acceptable" },
	{ IQ(OUT, "/Ann", "get", INFO), " bad-request" },
	{ IQ(OUT, "/Eve", "get", SOFTWARE), " not-acceptable" },
	{ IQ(ANN, "/Eve", "get", SOFTWARE), " item-not-found" },
	{ IQ(ANN, "/Eve", "set", "<a xmlns='urn:a'/>"), " item-not-found" },
	{ IQ(OUT, "", "get", PING), "" },
	{ IQ(OUT, "", "get", SOFTWARE), " service-unavailable" },
	{ IQ(OUT, "", "set", "<a xmlns='urn:a'/>"), " service-unavailable" },
};

static void
refuses(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const char *errors = mucbed_errors(bed, refusals[i].stanza);

		if (strcmp(errors, refusals[i].errors) != 0)
			fail_msg("%s:%s", refusals[i].stanza, errors);
	}
}

/* Neither learns the other's address. */
static void
passes_there_and_back(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	assert_string_equal(mucbed_receive(bed,
				IQ(ANN, "/Bob", "get", SOFTWARE)),
"<iq from='r@muc.example/Ann' to='" BOB "' type='get' id='q1'>" SOFTWARE
	"</iq>\n");
#define NAMED "<query xmlns='jabber:iq:version'><name>x&amp;y</name></query>"
	assert_string_equal(mucbed_receive(bed,
				ANSWER(BOB, "/Ann", "result", "q1", NAMED)),
"<iq from='r@muc.example/Bob' to='" ANN "' type='result' id='i'>" NAMED
	"</iq>\n");

	/* Its account's server answers for a client (XEP-0054). */
	assert_string_equal(mucbed_receive(bed,
				IQ(ANN, "/Bob", "get", VCARD)),
"<iq from='r@muc.example/Ann' to='bob@b.example' type='get' id='q2'>" VCARD
	"</iq>\n");
	assert_string_equal(mucbed_receive(bed,
				ANSWER("bob@b.example", "/Ann", "error", "q2",
				       ERROR("item-not-found"))),
"<iq from='r@muc.example/Bob' to='" ANN "' type='error' id='i'>"
	VCARD ERROR("item-not-found") "</iq>\n");

	/* Nor from an error. */
	mucbed_receive(bed, IQ(ANN, "/Bob", "get", SOFTWARE));
	assert_string_equal(mucbed_receive(bed,
		ANSWER(BOB, "/Ann", "error", "q3",
		       "<error type='cancel' by='" BOB "'><gone "
		       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:"
		       BOB "</gone><text "
		       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>No route "
		       "to b.example</text></error>")),
"<iq from='r@muc.example/Bob' to='" ANN "' type='error' id='i'>" SOFTWARE
	ERROR("gone") "</iq>\n");
}

static void
takes_no_answer_of_others(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	mucbed_receive(bed, IQ(ANN, "/Bob", "get", SOFTWARE));
	assert_string_equal(mucbed_receive(bed,
				ANSWER(OUT, "/Ann", "result", "q1", "")), "");
	assert_string_equal(mucbed_receive(bed,
				ANSWER(BOB, "/Ann", "result", "q7", "")), "");
	fake_router_time_out(bed->runtime.router);
	assert_non_null(strstr(mucbed_sent(bed),
			       "<iq from='r@muc.example/Bob' to='" ANN "' "
			       "type='error' id='i'>" SOFTWARE
			       "<error type='wait'><remote-server-timeout "));
}

/* The asker may be gone before the answer, the room as well. */
static void
survives_who_leaves(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_receive(bed, IQ(ANN, "/Bob", "get", SOFTWARE));
	room_destroy(&room, bed->arena, NULL, NULL, NULL);
	assert_string_equal(mucbed_receive(bed,
				ANSWER(BOB, "/Ann", "result", "q1", "")),
"<iq from='r@muc.example/Bob' to='" ANN "' type='result' id='i'/>\n");
}

/* Requests that nobody answers do not pile up. */
static void
bounds_what_waits(void **state)
{
	struct mucbed *bed = *state;
	struct str iq = { 0 };
	unsigned n = 0;

	fill(bed);
	str_addz(&iq, "<iq from='" ANN "' to='r@muc.example/Bob' type='get' "
		      "id='i'><a xmlns='urn:a'>");
	memset(str_reserve(&iq, 65000), 'x', 65000);
	iq.len += 65000;
	str_addz(&iq, "</a></iq>");
	while (strstr(mucbed_receive(bed, iq.data), "type='error'") == NULL)
		assert_true(n++ < 1100);
	assert_in_range(n, 1000, 1100);
	assert_string_equal(mucbed_errors(bed, IQ(ANN, "/Bob", "get",
						  SOFTWARE)),
			    " resource-constraint");
	fake_router_time_out(bed->runtime.router);
	mucbed_sent(bed);
	assert_string_equal(mucbed_errors(bed, iq.data), "");
	assert_int_equal(bed->muc->relayed_bytes / 1000, 65);

	bed->settings.max_message = 65000;
	assert_string_equal(mucbed_errors(bed, iq.data), " policy-violation");
	str_fini(&iq);
}

/* XEP-0410. */
static void
answers_who_pings_himself(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	assert_string_equal(mucbed_receive(bed,
				IQ(ANN, "/Ann", "get", PING)),
"<iq from='r@muc.example/Ann' to='" ANN "' type='result' id='i'/>\n");
	assert_string_equal(mucbed_errors(bed, IQ(OUT, "/Out", "get", PING)),
			    " not-acceptable");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(refuses),
		TEST(passes_there_and_back),
		TEST(takes_no_answer_of_others),
		TEST(survives_who_leaves),
		TEST(bounds_what_waits),
		TEST(answers_who_pings_himself),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_relay", tests, NULL, NULL);
}
