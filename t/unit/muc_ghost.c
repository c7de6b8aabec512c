#include "components/muc/ghost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "t/lib/fake_router.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Ann is asked by q1, Bob by q2; Bob once more by q3. */
static struct room *
fill(struct mucbed *bed)
{
	return mucbed_cast(bed, "Ann Bob");
}

#define QUESTION(to, id, what) \
	"<iq from='r@muc.example' to='" to "' type='get' id='" id "'>" what \
	"</iq>\n"
#define PING "<ping xmlns='urn:xmpp:ping'/>"
#define INFO "<query xmlns='http://jabber.org/protocol/disco#info'/>"

/* The link came back. */
static void
asks_everyone(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	mucbed_add(mucbed_room(bed, "s@muc.example"), "Eve",
		   "eve@e.example/1", AFFILIATION_OWNER, ROLE_MODERATOR);
	mucbed_sent(bed);
	ghost_probe_all(bed->muc);
	assert_string_equal(mucbed_sent(bed),
		QUESTION(ANN, "q1", PING) QUESTION(BOB, "q2", PING)
		"<iq from='s@muc.example' to='eve@e.example/1' type='get' "
		"id='q3'>" PING "</iq>\n");
	fake_router_time_out(bed->runtime.router);
	assert_string_equal(mucbed_sent(bed), "");
}

#define RESULT(id) \
	"<iq from='" BOB "' to='r@muc.example' type='result' id='" id "'/>"
#define ERROR(id, condition) \
	"<iq from='" BOB "' to='r@muc.example' type='error' id='" id "'>" \
	"<error type='cancel'><" condition \
	" xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
#define UNAVAILABLE(id) ERROR(id, "service-unavailable")

static const struct {
	const char *pong;
	const char *info;	/* NULL: that is not asked */
	bool stays;
} cases[] = {
	{ RESULT("q2"), NULL, true },
	/* XEP-0410 section 3.2: the client is there. */
	{ ERROR("q2", "feature-not-implemented"), NULL, true },
	{ ERROR("q2", "forbidden"), NULL, true },
	{ ERROR("q2", "resource-constraint"), NULL, true },
	/* XEP-0045 section 18.1.2. */
	{ ERROR("q2", "gone"), NULL, false },
	{ ERROR("q2", "item-not-found"), NULL, false },
	{ ERROR("q2", "recipient-unavailable"), NULL, false },
	{ ERROR("q2", "redirect"), NULL, false },
	{ ERROR("q2", "remote-server-not-found"), NULL, false },
	{ ERROR("q2", "remote-server-timeout"), NULL, false },
	/* A client that knows no pings, or none at all. */
	{ UNAVAILABLE("q2"), RESULT("q3"), true },
	{ UNAVAILABLE("q2"), ERROR("q3", "feature-not-implemented"), true },
	{ UNAVAILABLE("q2"), ERROR("q3", "not-allowed"), true },
	{ UNAVAILABLE("q2"), UNAVAILABLE("q3"), false },
	{ UNAVAILABLE("q2"), ERROR("q3", "remote-server-timeout"), false },
};

static void
judges_the_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mucbed *bed = mucbed_new();
		struct room *room = fill(bed);
		const char *sent;

		ghost_probe(room);
		sent = mucbed_receive(bed, cases[i].pong);
		if (cases[i].info != NULL) {
			assert_string_equal(sent, QUESTION(BOB, "q3", INFO));
			sent = mucbed_receive(bed, cases[i].info);
		}
		if ((session_find(room, BOB) != NULL) != cases[i].stays)
			fail_msg("%s %s", cases[i].pong, cases[i].info);
		if (cases[i].stays)
			assert_string_equal(sent, "");
		else
			assert_non_null(strstr(sent,
				"to='" ANN "' type='unavailable'>"));
		mucbed_free(&bed);
	}
}

/* Nobody is removed because an answer did not come, or came late. */
static void
gives_the_benefit_of_the_doubt(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	ghost_probe(room);
	mucbed_receive(bed, UNAVAILABLE("q2"));
	fake_router_time_out(bed->runtime.router);
	mucbed_receive(bed, UNAVAILABLE("q3"));
	assert_int_equal(HASH_COUNT(room->sessions), 2);
}

/* Between question and answer he, or the room, may have gone. */
static void
bears_that_they_went(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	ghost_probe(room);
	mucbed_receive(bed, UNAVAILABLE("q2"));
	mucbed_receive(bed, "<presence from='" BOB "' to='r@muc.example/Bob' "
		       "type='unavailable'/>");
	mucbed_receive(bed, UNAVAILABLE("q3"));
	assert_int_equal(HASH_COUNT(room->sessions), 1);
	room_destroy(&room, bed->arena, NULL, NULL, NULL);
	mucbed_receive(bed, "<iq from='" ANN "' to='r@muc.example' "
		       "type='error' id='q1'><error type='cancel'><gone "
		       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
		       "</iq>");
	assert_null(bed->muc->rooms);
}

/* The others hear why (333), and with the last one the room goes. */
static void
removes(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	ghost_remove(room, session_find(room, BOB));
#define X "<x xmlns='http://jabber.org/protocol/muc#user'>"
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Bob' to='" BOB "' type='unavailable'>" X
	"<item affiliation='none' role='none' jid='" BOB "'/>"
	"<status code='333'/><status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='" ANN "' type='unavailable'>" X
	"<item affiliation='none' role='none' jid='" BOB "'/>"
	"<status code='333'/></x></presence>\n");
	ghost_remove(room, session_find(room, ANN));
	assert_null(bed->muc->rooms);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(asks_everyone),
		cmocka_unit_test(judges_the_answers),
		TEST(gives_the_benefit_of_the_doubt),
		TEST(bears_that_they_went),
		TEST(removes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_ghost", tests, NULL, NULL);
}
