#include "components/muc/leave.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define LEAVE(from, to, payload) \
	"<presence from='" from "' to='" to "' type='unavailable'>" payload \
	"</presence>"
#define PRESENCE(to, type, role, payload, item, rest) \
	"<presence from='r@muc.example/Bob' to='" to "'" type ">" payload \
	"<x xmlns='http://jabber.org/protocol/muc#user'>" \
	"<item affiliation='none' role='" role "'" item "/>" rest \
	"</x></presence>\n"
#define GONE(to, payload, item, rest) \
	PRESENCE(to, " type='unavailable'", "none", payload, item, rest)
#define HERE(to, item, rest) PRESENCE(to, "", "participant", "", item, rest)
#define SELF "<status code='110'/>"
#define LOST "<status code='333'/>"

static struct room *
fill(struct mucbed *bed)
{
	return mucbed_cast(bed, "Ann Bob");
}

/* Section 7.14, and what goes with the presence. */
static const struct {
	const char *stanza;
	const char *sent;
} cases[] = {
	{ LEAVE(BOB, "r@muc.example/Bob", ""),
	  GONE(BOB, "", " jid='" BOB "'", SELF)
	  GONE(ANN, "", " jid='" BOB "'", "") },
	{ LEAVE(BOB, "r@muc.example/Bob", "<status>a &amp; b</status>"),
	  GONE(BOB, "<status>a &amp; b</status>", " jid='" BOB "'", SELF)
	  GONE(ANN, "<status>a &amp; b</status>", " jid='" BOB "'", "") },
	/* Only a room says that somebody was kicked. */
	{ LEAVE(BOB, "r@muc.example/Bob",
		"<x xmlns='http://jabber.org/protocol/muc#user'>"
		"<status code='307'/></x>"),
	  GONE(BOB, "", " jid='" BOB "'", SELF)
	  GONE(ANN, "", " jid='" BOB "'", "") },
	/* It has lost its nick, or never cared. */
	{ LEAVE(BOB, "r@muc.example/Rob", ""),
	  GONE(BOB, "", " jid='" BOB "'", SELF)
	  GONE(ANN, "", " jid='" BOB "'", "") },
	{ LEAVE(BOB, "r@muc.example", ""),
	  GONE(BOB, "", " jid='" BOB "'", SELF)
	  GONE(ANN, "", " jid='" BOB "'", "") },
	/* Who is not inside. */
	{ LEAVE(BOB2, "r@muc.example/Bob", ""), "" },
	{ LEAVE(BOB, "s@muc.example/Bob", ""), "" },
};

static void
tells_all(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct room *room = fill(bed);

		assert_string_equal(mucbed_receive(bed, cases[i].stanza),
				    cases[i].sent);
		assert_int_equal(HASH_COUNT(room->occupants),
				 *cases[i].sent == '\0' ? 2 : 1);
		room_free(&room);
	}
}

/* Of several clients only the one that goes is told; when its presence was
   what others saw, they see that of another. */
static void
leaves_the_nick_to_other_clients(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_add(room, "Bob", BOB2, AFFILIATION_NONE, ROLE_PARTICIPANT);
	assert_string_equal(
		mucbed_receive(bed, LEAVE(BOB2, "r@muc.example/Bob", "")),
		GONE(BOB2, "", " jid='" BOB2 "'", SELF)
		HERE(BOB, " jid='" BOB "'", SELF)
		HERE(ANN, " jid='" BOB "'", ""));
	mucbed_add(room, "Bob", BOB2, AFFILIATION_NONE, ROLE_PARTICIPANT);
	assert_string_equal(
		mucbed_receive(bed, LEAVE(BOB, "r@muc.example/Bob", "")),
		GONE(BOB, "", " jid='" BOB "'", SELF));
	assert_string_equal(occupant_find(room, "Bob")->sessions->jid, BOB2);
}

static const struct {
	enum room_state state;
	bool persistent;
	bool stays;
} ends[] = {
	{ ROOM_OPEN, false, false },
	{ ROOM_OPEN, true, true },
	/* Nobody has configured it (10.1.3). */
	{ ROOM_LOCKED, false, false },
	{ ROOM_LOCKED, true, false },
};

static void
may_end_the_room(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct room *room = mucbed_room(bed, "r@muc.example");

		room->state = ends[i].state;
		room->options.persistentroom = ends[i].persistent;
		mucbed_add(room, "Bob", BOB, AFFILIATION_OWNER,
			   ROLE_MODERATOR);
		mucbed_receive(bed, LEAVE(BOB, "r@muc.example/Bob", ""));
		room = room_find(bed->muc, "r@muc.example");
		assert_int_equal(room != NULL, ends[i].stays);
		if (room != NULL)
			room_free(&room);
	}
}

/* Who gives up a new room hears so (10.9). */
static void
destroys_a_locked_room(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	room->state = ROOM_LOCKED;
	mucbed_add(room, "Bob", BOB, AFFILIATION_OWNER, ROLE_MODERATOR);
	assert_string_equal(
		mucbed_receive(bed, LEAVE(BOB, "r@muc.example/Bob", "")),
		GONE(BOB, "", " jid='" BOB "'", SELF "<destroy/>"));
}

#define BOUNCE(kind, to, condition) \
	"<" kind " from='" BOB "' to='" to "' type='error'>" \
	"<error type='cancel'><" condition " xmlns='" \
	"urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='" \
	"urn:ietf:params:xml:ns:xmpp-stanzas'>No route to b.example</text>" \
	"</error></" kind ">"
#define BOUNCES(condition) \
	BOUNCE("message", "r@muc.example", condition)

/* Sections 11.1 and 18.1.2: the errors that say that a client is not there. */
static const struct {
	const char *stanza;
	bool gone;
} errors[] = {
	{ BOUNCES("gone"), true },
	{ BOUNCES("item-not-found"), true },
	{ BOUNCES("recipient-unavailable"), true },
	{ BOUNCES("redirect"), true },
	{ BOUNCES("remote-server-not-found"), true },
	{ BOUNCES("remote-server-timeout"), true },
	{ BOUNCE("presence", "r@muc.example/Ann", "gone"), true },
	{ BOUNCES("service-unavailable"), false },
	{ BOUNCES("policy-violation"), false },
	{ BOUNCES("forbidden"), false },
	{ BOUNCE("presence", "r@muc.example/Ann", "bad-request"), false },
};

static void
removes_who_has_gone(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		struct room *room = fill(bed);
		const char *sent = mucbed_receive(bed, errors[i].stanza);

		if (errors[i].gone != !occupant_find(room, "Bob"))
			fail_msg("%s", errors[i].stanza);
		assert_string_equal(sent, !errors[i].gone ? "" :
			GONE(BOB, "", " jid='" BOB "'", LOST SELF)
			GONE(ANN, "", " jid='" BOB "'", LOST));
		room_free(&room);
	}
}

/* The error that answers a private message, to all clients of its author. */
static void
passes_an_error_on(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	mucbed_add(fill(bed), "Ann", "ann@a.example/2", AFFILIATION_OWNER,
		   ROLE_MODERATOR);
	sent = mucbed_receive(bed, BOUNCE("message", "r@muc.example/Ann",
					  "not-acceptable"));
	assert_string_equal(sent,
#define ERROR(to) \
	"<message from='r@muc.example/Bob' to='" to "' type='error'>" \
	"<error type='cancel'><not-acceptable xmlns='" \
	"urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>\n"
		ERROR("ann@a.example/2") ERROR(ANN));
	/* To nobody, and in answer to no message. */
	assert_string_equal(
		mucbed_receive(bed, BOUNCE("message", "r@muc.example/Cid",
					   "not-acceptable")), "");
	assert_string_equal(
		mucbed_receive(bed, BOUNCE("presence", "r@muc.example/Ann",
					   "not-acceptable")), "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(tells_all),
		TEST(leaves_the_nick_to_other_clients),
		TEST(may_end_the_room),
		TEST(destroys_a_locked_room),
		TEST(removes_who_has_gone),
		TEST(passes_an_error_on),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_leave", tests, NULL, NULL);
}
