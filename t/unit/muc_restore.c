#include "components/muc/restore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "t/lib/fake_router.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define ENTER(from, nick, content) \
	"<presence from='" from "' to='r@muc.example/" nick "'>" \
	"<x xmlns='http://jabber.org/protocol/muc'/>" content "</presence>"
#define PRESENCE(from, nick, content) \
	"<presence from='" from "' to='r@muc.example/" nick "'>" content \
	"</presence>"
#define LEAVE(from, nick) \
	"<presence from='" from "' to='r@muc.example/" nick "' " \
	"type='unavailable'/>"
#define SAY(from, text) \
	"<message from='" from "' to='r@muc.example' type='groupchat'>" \
	"<body>" text "</body></message>"
#define ROLE(nick, role) \
	"<iq from='ann@a.example/1' to='r@muc.example' type='set' id='1'>" \
	"<query xmlns='http://jabber.org/protocol/muc#admin'>" \
	"<item nick='" nick "' role='" role "'/></query></iq>"
#define PING(to, id) \
	"<iq from='r@muc.example' to='" to "' type='get' id='" id "'>" \
	"<ping xmlns='urn:xmpp:ping'/></iq>\n"

/* A temporary room with three clients of two people in it. */
static void
fill(struct mucbed *bed)
{
	mucbed_receive(bed, ENTER(ANN, "Ann", "<show>away</show>"));
	mucbed_receive(bed, ENTER(BOB, "Bob", ""));
	mucbed_receive(bed, ENTER(BOB2, "Bob", ""));
	mucbed_receive(bed, SAY(ANN, "But soft!"));
}

static int64_t
count(struct mucbed *bed, const char *table)
{
	return fake_store_ask(bed->runtime.store,
			      arena_printf(bed->arena,
					   "SELECT count(*) FROM %s", table));
}

static struct room *
room_of(struct mucbed *bed)
{
	return room_find(bed->muc, "r@muc.example");
}

/* Nobody hears a word, but for the question whether he is still there. */
static void
brings_people_back(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	fill(bed);
	mucbed_receive(bed, ROLE("Bob", "moderator"));
	mucbed_receive(bed, PRESENCE(BOB, "Bob", "<status>here</status>"));
	mucbed_receive(bed, PRESENCE(ANN, "Ann", "<show>dnd</show>"));
	mucbed_receive(bed, PRESENCE(ANN, "Annie", "<show>xa</show>"));
	mucbed_sent(bed);
	mucbed_crash(bed);

	room = room_of(bed);
	assert_int_equal(room->state, ROOM_OPEN);
	assert_string_equal(mucbed_sent(bed),
			    PING(BOB2, "q1") PING(BOB, "q2") PING(ANN, "q3"));
	assert_int_equal(HASH_COUNT(room->occupants), 2);
	assert_int_equal(HASH_COUNT(room->sessions), 3);
	assert_int_equal(occupant_find(room, "Bob")->role, ROLE_MODERATOR);
	assert_int_equal(occupant_find(room, "Annie")->role, ROLE_MODERATOR);
	assert_int_equal(occupant_find(room, "Annie")->affiliation,
			 AFFILIATION_OWNER);
	assert_string_equal(session_find(room, ANN)->presence,
			    "<show>xa</show>");
	/* Others see the client whose presence changed last. */
	assert_ptr_equal(occupant_find(room, "Bob")->sessions,
			 session_find(room, BOB));
	assert_int_equal(room->history.count, 1);
}

#define SAID(to, body) \
	"<message from='r@muc.example/Ann' type='groupchat' to='" to "'>" \
	"<body>" body "</body></message>\n"

static void
goes_on(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	fill(bed);
	mucbed_crash(bed);
	sent = mucbed_receive(bed, SAY(ANN, "It is the east"));
	assert_string_equal(sent, SAID(ANN, "It is the east")
			    SAID(BOB, "It is the east")
			    SAID(BOB2, "It is the east"));
	/* And again, with what has changed since. */
	mucbed_receive(bed, LEAVE(BOB, "Bob"));
	mucbed_receive(bed, ENTER("eve@e.example/1", "Eve", ""));
	mucbed_crash(bed);
	assert_int_equal(HASH_COUNT(room_of(bed)->sessions), 3);
	assert_int_equal(room_of(bed)->history.count, 2);
	assert_null(session_find(room_of(bed), BOB));
	assert_non_null(occupant_find(room_of(bed), "Eve"));
	mucbed_receive(bed, LEAVE(BOB2, "Bob"));
	mucbed_receive(bed, LEAVE("eve@e.example/1", "Eve"));
	mucbed_receive(bed, LEAVE(ANN, "Ann"));
	assert_null(room_of(bed));
	assert_int_equal(count(bed, "muc_room"), 0);
	assert_int_equal(count(bed, "muc_occupant"), 0);
	assert_int_equal(count(bed, "muc_history"), 0);
}

#define GONE(id, from) \
	"<iq from='" from "' to='r@muc.example' type='error' id='" id "'>" \
	"<error type='cancel'><item-not-found " \
	"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"

/* With the last one the room goes, from the database too. */
static void
removes_those_who_went(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	fill(bed);
	mucbed_sent(bed);
	mucbed_crash(bed);
	assert_string_equal(mucbed_sent(bed),
			    PING(ANN, "q1") PING(BOB, "q2") PING(BOB2, "q3"));
	sent = mucbed_receive(bed, GONE("q1", ANN));
	assert_non_null(strstr(sent, "<presence from='r@muc.example/Ann' "
			       "to='" BOB "' type='unavailable'>"));
	assert_non_null(strstr(sent, "<status code='333'/>"));
	assert_int_equal(count(bed, "muc_occupant"), 2);
	mucbed_receive(bed, GONE("q2", BOB));
	mucbed_receive(bed, GONE("q3", BOB2));
	assert_null(room_of(bed));
	assert_int_equal(count(bed, "muc_room"), 0);
	assert_int_equal(count(bed, "muc_affiliation"), 0);
	assert_int_equal(count(bed, "muc_history"), 0);
}

/* A room whose owner was still configuring it is as closed as before. */
static void
keeps_a_locked_room_locked(void **state)
{
	struct mucbed *bed = *state;

	bed->settings.lock_new_rooms = true;
	mucbed_receive(bed, ENTER(ANN, "Ann", ""));
	mucbed_crash(bed);
	assert_int_equal(room_of(bed)->state, ROOM_LOCKED);
	assert_string_equal(mucbed_errors(bed, ENTER(BOB, "Bob", "")),
			    " item-not-found");
	mucbed_receive(bed, LEAVE(ANN, "Ann"));
	assert_null(room_of(bed));
	assert_int_equal(count(bed, "muc_room"), 0);
}

/* While rooms are on their way, all that is for them waits; also what would
   not matter to a room that nobody is in. */
static const struct {
	const char *stanza;
	unsigned sessions;
} early[] = {
	{ LEAVE(BOB, "Bob"), 2 },
	{ "<presence from='" BOB "' to='r@muc.example/Ann' type='error'>"
	  "<error type='cancel'><gone "
	  "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
	  2 },
	{ SAY(ANN, "early"), 3 },
	{ ENTER("eve@e.example/1", "Eve", ""), 4 },
};

static void
waits_for_the_rooms(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(early); i++) {
		struct mucbed *bed = mucbed_new();

		fill(bed);
		bed->held = true;
		mucbed_crash(bed);
		assert_null(room_of(bed));
		mucbed_sent(bed);
		assert_string_equal(mucbed_receive(bed, early[i].stanza), "");
		bed->held = false;
		mucbed_save(bed);
		assert_int_equal(HASH_COUNT(room_of(bed)->sessions),
				 early[i].sessions);
		mucbed_free(&bed);
	}
	(void)state;
}

/* The database went away again at once. */
static void
tries_again(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	bed->held = true;
	fake_store_set_away(bed->runtime.store, true);
	mucbed_crash(bed);
	fake_store_tell(bed->runtime.store);
	assert_null(bed->muc->rooms);
	fake_store_set_away(bed->runtime.store, false);
	while (room_of(bed) == NULL) {
		uv_run(&bed->loop, UV_RUN_ONCE);
		fake_store_tell(bed->runtime.store);
	}
	assert_int_equal(HASH_COUNT(room_of(bed)->sessions), 3);
}

/* Told to stop before all are back: only those who were told leave. */
static void
leaves_the_rest_to_the_next(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	bed->held = true;
	mucbed_crash(bed);
	mucbed_add(mucbed_room(bed, "s@muc.example"), "Eve",
		   "eve@e.example/1", AFFILIATION_OWNER, ROLE_MODERATOR);
	mucbed_add(mucbed_room(bed, "p@muc.example"), "Eve",
		   "eve@e.example/1", AFFILIATION_OWNER, ROLE_MODERATOR);
	room_find(bed->muc, "p@muc.example")->options.persistentroom = true;
	mucbed_save(bed);
	bed->held = false;
	mucbed_restart(bed);
	assert_non_null(room_of(bed));
	assert_int_equal(HASH_COUNT(room_of(bed)->sessions), 3);
	assert_int_equal(count(bed, "muc_room"), 2);
	assert_int_equal(count(bed, "muc_occupant"), 3);
}

/* Before it was the room's turn all left, and it is not deleted yet. */
static void
brings_no_ended_room_back(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	bed->held = true;
	mucbed_crash(bed);
	fake_store_set_away(bed->runtime.store, true);
	fake_store_tell(bed->runtime.store);
	fake_store_set_away(bed->runtime.store, false);
	bed->held = false;
	mucbed_receive(bed, LEAVE(ANN, "Ann"));
	mucbed_receive(bed, LEAVE(BOB, "Bob"));
	fake_store_set_full(bed->runtime.store, true);
	mucbed_receive(bed, LEAVE(BOB2, "Bob"));
	assert_int_equal(count(bed, "muc_room"), 1);
	while (bed->muc->loading.people_missing) {
		uv_run(&bed->loop, UV_RUN_ONCE);
		fake_store_tell(bed->runtime.store);
	}
	assert_null(bed->muc->rooms);
}

/* Rows that make no sense stay for as long as the room, and end with it. */
static void
ends_empty_rooms(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	fake_store_ask(bed->runtime.store,
		       "INSERT INTO muc_occupant VALUES ('r@muc.example', 77, "
		       "'eve@e.example/1', 'Ann', 'visitor', '', 0)");
	fake_store_ask(bed->runtime.store,
		       "INSERT INTO muc_occupant VALUES ('r@muc.example', 78, "
		       "'@', 'Eve', 'visitor', '', 0)");
	mucbed_crash(bed);
	mucbed_save(bed);
	assert_int_equal(HASH_COUNT(room_of(bed)->sessions), 3);
	assert_int_equal(count(bed, "muc_occupant"), 5);

	fake_store_ask(bed->runtime.store,
		       "DELETE FROM muc_occupant WHERE serial <> 78");
	mucbed_crash(bed);
	assert_null(bed->muc->rooms);
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_room"), 0);
	assert_int_equal(count(bed, "muc_occupant"), 0);
}

/* What it starts with does not grow with what is stored. */
static void
leaves_empty_rooms_where_they_are(void **state)
{
	struct mucbed *bed = *state;

	mucbed_room(bed, "p@muc.example")->options.persistentroom = true;
	roomstore_save(room_find(bed->muc, "p@muc.example"));
	fill(bed);
	mucbed_crash(bed);
	assert_int_equal(count(bed, "muc_room"), 2);
	assert_int_equal(HASH_COUNT(bed->muc->rooms), 1);
}

/* Another domain's rooms are another process's. */
static void
leaves_others_alone(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	bed->runtime.domain = "other.example";
	mucbed_crash(bed);
	assert_null(bed->muc->rooms);
	mucbed_restart(bed);
	assert_int_equal(count(bed, "muc_occupant"), 3);
	assert_int_equal(count(bed, "muc_room"), 1);
	bed->runtime.domain = "muc.example";
	mucbed_crash(bed);
	assert_int_equal(HASH_COUNT(room_of(bed)->sessions), 3);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(brings_people_back),
		TEST(goes_on),
		TEST(removes_those_who_went),
		TEST(keeps_a_locked_room_locked),
		cmocka_unit_test(waits_for_the_rooms),
		TEST(tries_again),
		TEST(leaves_the_rest_to_the_next),
		TEST(brings_no_ended_room_back),
		TEST(ends_empty_rooms),
		TEST(leaves_empty_rooms_where_they_are),
		TEST(leaves_others_alone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_restore", tests, NULL, NULL);
}
