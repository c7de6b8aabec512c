#include "components/muc/roomstore.h"

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
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define ENTER(from, nick) \
	"<presence from='" from "' to='r@muc.example/" nick "'>" \
	"<x xmlns='http://jabber.org/protocol/muc'/></presence>"
#define LEAVE(from, nick) \
	"<presence from='" from "' to='r@muc.example/" nick "' " \
	"type='unavailable'/>"
#define SAY(text) \
	"<message from='ann@a.example/1' to='r@muc.example' " \
	"type='groupchat'><body>" text "</body></message>"
#define SET(value) \
	"<iq from='ann@a.example/1' to='r@muc.example' type='set' id='1'>" \
	"<query xmlns='http://jabber.org/protocol/muc#owner'>" \
	"<x xmlns='jabber:x:data' type='submit'>" \
	"<field var='muc#roomconfig_persistentroom'><value>" value \
	"</value></field></x></query></iq>"

static int64_t
count(struct mucbed *bed, const char *table)
{
	return fake_store_ask(bed->runtime.store,
			      arena_printf(bed->arena,
					   "SELECT count(*) FROM %s", table));
}

/* A persistent room, with a bit of everything. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room;

	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	mucbed_receive(bed, SAY("before"));
	mucbed_receive(bed, SET("1"));
	room = room_find(bed->muc, "r@muc.example");
	affiliation_set(&room->affiliates, "bob@b.example", AFFILIATION_MEMBER,
			NULL);
	affiliation_reserve(room->affiliates, "bob@b.example", "B'o'b");
	roomstore_save_affiliate(room, "bob@b.example");
	affiliation_set(&room->affiliates, "bad.example", AFFILIATION_OUTCAST,
			"spam & <more>");
	roomstore_save_affiliate(room, "bad.example");
	mucbed_receive(bed, SAY("after &amp; later"));
	return room;
}

/* With a database that ends with the process. */
static void
saves_what_persists_only(void **state)
{
	struct mucbed *bed = *state;

	fake_store_set_lasting(bed->runtime.store, false);
	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	mucbed_receive(bed, SAY("temporary"));
	assert_int_equal(count(bed, "muc_room"), 0);
	assert_int_equal(count(bed, "muc_history"), 0);
	/* What was said before is saved as well. */
	mucbed_receive(bed, SET("1"));
	assert_int_equal(count(bed, "muc_room"), 1);
	assert_int_equal(count(bed, "muc_affiliation"), 1);
	assert_int_equal(count(bed, "muc_history"), 1);
	assert_int_equal(count(bed, "muc_occupant"), 0);
	mucbed_receive(bed, SET("0"));
	assert_int_equal(count(bed, "muc_room"), 0);
	assert_int_equal(count(bed, "muc_affiliation"), 0);
	assert_int_equal(count(bed, "muc_history"), 0);
}

/* A temporary room is stored for as long as it is there, and no longer. */
static void
saves_what_is_there(void **state)
{
	struct mucbed *bed = *state;

	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	mucbed_receive(bed, ENTER("bob@b.example/1", "Bob"));
	mucbed_receive(bed, SAY("temporary"));
	assert_int_equal(count(bed, "muc_room"), 1);
	assert_int_equal(count(bed, "muc_affiliation"), 1);
	assert_int_equal(count(bed, "muc_history"), 1);
	assert_int_equal(count(bed, "muc_occupant"), 2);
	mucbed_receive(bed, LEAVE("bob@b.example/1", "Bob"));
	assert_int_equal(count(bed, "muc_occupant"), 1);
	mucbed_receive(bed, LEAVE("ann@a.example/1", "Ann"));
	assert_int_equal(count(bed, "muc_room"), 0);
	assert_int_equal(count(bed, "muc_affiliation"), 0);
	assert_int_equal(count(bed, "muc_history"), 0);
	assert_int_equal(count(bed, "muc_occupant"), 0);
}

/* What somebody does again and again is written once. */
static void
gathers(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	room = room_find(bed->muc, "r@muc.example");
	bed->held = true;
	assert_true(roomstore_is_saved(room));
	session_set_presence(room->sessions, mucbed_xml(bed,
			     "<presence><show>away</show></presence>"));
	session_set_presence(room->sessions, mucbed_xml(bed,
			     "<presence><show>dnd</show></presence>"));
	assert_false(roomstore_is_saved(room));
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_occupant WHERE "
			       "presence = '<show>dnd</show>'"), 1);
	/* It may not leave memory before the database has said yes. */
	assert_false(roomstore_is_saved(room));
	assert_int_equal(fake_store_tell(bed->runtime.store), 1);
	assert_true(roomstore_is_saved(room));
}

/* However often somebody asks for what was written, while the database does
   not answer. */
static void
keeps_few_batches(void **state)
{
	struct mucbed *bed = *state;
	struct roomstore *roomstore = &bed->muc->roomstore;
	struct room *room = mucbed_room(bed, "r@muc.example");

	bed->held = true;
	for (int i = 0; i < 100; i++) {
		roomstore_save(room);
		roomstore_flush(roomstore);
	}
	assert_in_range(roomstore->batches, 1, 16);
	room_set_subject(room, "<subject>S</subject>", "Ann", 1);
	bed->held = false;
	mucbed_save(bed);
	assert_true(roomstore_is_saved(room));
	assert_int_equal(count(bed, "muc_room WHERE subject LIKE '%S%'"), 1);
}

/* Nothing is lost that the store did not take, and what follows from it is
   not refused: the room's row comes again, before its messages. */
static void
writes_again_what_was_lost(void **state)
{
	struct mucbed *bed = *state;

	fake_store_set_full(bed->runtime.store, true);
	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	mucbed_receive(bed, SET("1"));
	assert_int_equal(count(bed, "muc_room"), 0);
	fake_store_set_full(bed->runtime.store, false);
	mucbed_receive(bed, SAY("one"));
	assert_int_equal(count(bed, "muc_room WHERE persistentroom = 1"), 1);
	assert_int_equal(count(bed, "muc_affiliation"), 1);
	assert_int_equal(count(bed, "muc_history"), 1);
	assert_int_equal(count(bed, "muc_occupant"), 1);

	fake_store_set_full(bed->runtime.store, true);
	mucbed_receive(bed, ENTER("bob@b.example/1", "Bob"));
	mucbed_receive(bed, SAY("two"));
	mucbed_receive(bed, LEAVE("ann@a.example/1", "Ann"));
	fake_store_set_full(bed->runtime.store, false);
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_history"), 2);
	assert_int_equal(count(bed, "muc_occupant WHERE nick = 'Bob'"), 1);
	assert_int_equal(count(bed, "muc_occupant"), 1);
}

/* The same for a room's end, be there another one of its name or not. */
static void
deletes_again_what_was_lost(void **state)
{
	struct mucbed *bed = *state;

	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	mucbed_receive(bed, SAY("one"));
	fake_store_set_full(bed->runtime.store, true);
	mucbed_receive(bed, LEAVE("ann@a.example/1", "Ann"));
	assert_int_equal(count(bed, "muc_room"), 1);
	/* It is not found where it should not be any more. */
	mucbed_receive(bed, ENTER("bob@b.example/1", "Bob"));
	assert_int_equal(room_find(bed->muc, "r@muc.example")->history.count,
			 0);
	fake_store_set_full(bed->runtime.store, false);
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_history"), 0);
	assert_int_equal(count(bed, "muc_occupant"), 1);
	assert_int_equal(count(bed, "muc_affiliation WHERE "
			       "jid = 'bob@b.example'"), 1);
	fake_store_set_full(bed->runtime.store, true);
	mucbed_receive(bed, LEAVE("bob@b.example/1", "Bob"));
	fake_store_set_full(bed->runtime.store, false);
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_room"), 0);
}

/* Nobody finds the room, or leaves it behind, before that is certain. */
static void
deletes_what_others_follow(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	mucbed_receive(bed, SAY("one"));
	bed->held = true;
	fake_store_set_full(bed->runtime.store, true);
	mucbed_receive(bed, LEAVE("ann@a.example/1", "Ann"));
	fake_store_set_full(bed->runtime.store, false);
	mucbed_receive(bed, ENTER("bob@b.example/1", "Bob"));
	bed->held = false;
	mucbed_save(bed);
	room = room_find(bed->muc, "r@muc.example");
	assert_int_equal(HASH_COUNT(room->sessions), 1);
	assert_int_equal(room->history.count, 0);
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_occupant"), 1);
	assert_int_equal(count(bed, "muc_history"), 0);

	fake_store_set_full(bed->runtime.store, true);
	room_destroy(&room, bed->arena, NULL, NULL, NULL);
	roomstore_flush(&bed->muc->roomstore);
	room = mucbed_room(bed, "r@muc.example");
	roomstore_save(room);
	fake_store_tell(bed->runtime.store);
	fake_store_set_full(bed->runtime.store, false);
	room_destroy(&room, bed->arena, NULL, NULL, NULL);
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_room"), 0);
}

/* One room that the database refuses keeps no other from being stored. */
static void
leaves_out_what_is_refused(void **state)
{
	struct mucbed *bed = *state;
	struct room *bad = mucbed_room(bed, "bad@muc.example");

	mucbed_add(bad, "Ann", "ann@a.example/1", AFFILIATION_OWNER,
		   ROLE_MODERATOR);
	mucbed_add(mucbed_room(bed, "good@muc.example"), "Bob",
		   "bob@b.example/1", AFFILIATION_OWNER, ROLE_MODERATOR);
	fake_store_set_refused(bed->runtime.store, "bad@muc.example");
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_room"), 0);
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_room WHERE "
			       "jid = 'good@muc.example'"), 1);
	assert_int_equal(count(bed, "muc_room"), 1);
	/* It rests until something has changed. */
	assert_true(roomstore_is_saved(bad));
	fake_store_set_refused(bed->runtime.store, NULL);
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_room"), 1);
	roomstore_save_message(bad);
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_room"), 2);
}

/* After a stop in good order nobody is inside. */
static void
leaves_nobody_behind(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	mucbed_receive(bed, ENTER("bob@b.example/1", "B&apos;o&apos;b"));
	mucbed_add(mucbed_room(bed, "temporary@muc.example"), "Bob",
		   "bob@b.example/1", AFFILIATION_OWNER, ROLE_MODERATOR);
	mucbed_add(mucbed_room(bed, "locked@muc.example"), "Bob",
		   "bob@b.example/1", AFFILIATION_OWNER, ROLE_MODERATOR);
	room_find(bed->muc, "locked@muc.example")->state = ROOM_LOCKED;
	room_find(bed->muc, "locked@muc.example")->options.persistentroom =
		true;
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_room"), 3);
	assert_int_equal(count(bed, "muc_occupant"), 4);
	mucbed_restart(bed);
	assert_int_equal(count(bed, "muc_room"), 1);
	assert_int_equal(count(bed, "muc_room WHERE jid = 'r@muc.example'"),
			 1);
	assert_int_equal(count(bed, "muc_occupant"), 0);
}

static void
comes_back(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct options options;
	struct error err;

	assert_int_equal(options_set(&room->options, "roomname", "A & B",
				     &err), 0);
	assert_int_equal(options_set(&room->options, "presencebroadcast",
				     "visitor", &err), 0);
	options_copy(&options, &room->options);
	room_set_subject(room, "<subject>S</subject>", "Ann",
			 INT64_C(1034553517) * CLOCK_SECOND);
	roomstore_save(room);
	mucbed_restart(bed);
	assert_null(room_find(bed->muc, "r@muc.example"));

	mucbed_receive(bed, ENTER("eve@e.example/1", "Eve"));
	room = room_find(bed->muc, "r@muc.example");
	assert_int_equal(room->state, ROOM_OPEN);
	assert_true(options_equal(&room->options, &options));
	options_fini(&options);
	assert_string_equal(room->subject.text, "<subject>S</subject>");
	assert_string_equal(room->subject.nick, "Ann");
	assert_true(room->subject.stamp ==
		    INT64_C(1034553517) * CLOCK_SECOND);
	assert_int_equal(HASH_COUNT(room->affiliates), 3);
	assert_string_equal(affiliate_find(room->affiliates,
					   "bob@b.example")->nick, "B'o'b");
	assert_string_equal(affiliate_find(room->affiliates,
					   "bad.example")->reason,
			    "spam & <more>");
	assert_int_equal(room->history.count, 2);
	assert_non_null(strstr(room->history.first->text, "before"));
	assert_non_null(strstr(room->history.last->text,
			       "<body>after &amp; later</body>"));
	assert_int_equal(occupant_find(room, "Eve")->affiliation,
			 AFFILIATION_NONE);
}

/* Messages go on being counted where they were. */
static void
goes_on_counting(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	fill(bed);
	mucbed_restart(bed);
	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	mucbed_receive(bed, SAY("third"));
	room = room_find(bed->muc, "r@muc.example");
	assert_int_equal(room->history.last->serial, 3);
	assert_int_equal(count(bed, "muc_history"), 3);
}

/* Even where none were kept for a while, or the newest is no message. */
static void
counts_beyond_what_it_keeps(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	bed->settings.history = 0;
	fill(bed);
	bed->settings.history = 100;
	mucbed_receive(bed, SAY("third"));
	mucbed_receive(bed, SAY("fourth"));
	assert_int_equal(count(bed, "muc_history WHERE serial = 4"), 1);
	bed->settings.history = 0;
	mucbed_restart(bed);
	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	room = room_find(bed->muc, "r@muc.example");
	assert_int_equal(room->history.count, 0);
	bed->settings.history = 100;
	mucbed_receive(bed, SAY("fifth"));
	assert_int_equal(room->history.last->serial, 5);
	assert_int_equal(count(bed, "muc_history WHERE serial = 5 "
			       "AND stanza LIKE '%fifth%'"), 1);
	fake_store_ask(bed->runtime.store, "UPDATE muc_history SET "
		       "stanza = 'edited' WHERE serial = 5");
	mucbed_restart(bed);
	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	mucbed_receive(bed, SAY("sixth"));
	assert_int_equal(count(bed, "muc_history WHERE serial = 6"), 1);
}

static void
trims_the_history(void **state)
{
	struct mucbed *bed = *state;

	bed->settings.history = 5;
	bed->settings.message_rate = 0;
	fill(bed);
	for (int i = 0; i < 100; i++)
		mucbed_receive(bed, SAY("again"));
	assert_in_range(count(bed, "muc_history"), 5, 5 + 16);
	mucbed_restart(bed);
	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	assert_int_equal(room_find(bed->muc, "r@muc.example")->history.count,
			 5);
}

static void
forgets_affiliations(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	affiliation_set(&room->affiliates, "bad.example", AFFILIATION_NONE,
			NULL);
	roomstore_save_affiliate(room, "bad.example");
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_affiliation"), 2);
	affiliation_set(&room->affiliates, "bob@b.example", AFFILIATION_ADMIN,
			NULL);
	roomstore_save_affiliate(room, "bob@b.example");
	mucbed_save(bed);
	assert_int_equal(count(bed, "muc_affiliation WHERE "
			       "affiliation = 'admin' AND nick = 'B''o''b'"),
			 1);
}

/* While a room is on its way, all that is for it waits, in order. */
static void
waits_for_the_database(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	fill(bed);
	mucbed_restart(bed);
	bed->held = true;
	mucbed_sent(bed);
	assert_string_equal(mucbed_receive(bed,
			    ENTER("ann@a.example/1", "Ann")), "");
	assert_string_equal(mucbed_receive(bed, SAY("new")), "");
	assert_string_equal(mucbed_receive(bed,
			    ENTER("bob@b.example/1", "B&apos;o&apos;b")), "");
	fake_store_tell(bed->runtime.store);
	sent = mucbed_sent(bed);
	assert_int_equal(HASH_COUNT(room_find(bed->muc, "r@muc.example")
				    ->sessions), 2);
	assert_non_null(strstr(sent, "<message from='r@muc.example/Ann' "
			       "type='groupchat' to='ann@a.example/1'>"
			       "<body>new</body></message>"));
}

/* People are told to come again, and no room is made in its place. */
static void
survives_a_database_that_is_away(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	mucbed_restart(bed);
	fake_store_set_away(bed->runtime.store, true);
	assert_string_equal(mucbed_errors(bed,
					  ENTER("eve@e.example/1", "Eve")),
			    " resource-constraint");
	assert_null(room_find(bed->muc, "r@muc.example"));
	fake_store_set_away(bed->runtime.store, false);
	assert_string_equal(mucbed_errors(bed,
					  ENTER("eve@e.example/1", "Eve")),
			    "");
	assert_int_equal(HASH_COUNT(room_find(bed->muc, "r@muc.example")
				    ->affiliates), 3);
}

/* The process ends in the middle of it. */
static void
may_end_while_loading(void **state)
{
	struct mucbed *bed = *state;

	fill(bed);
	mucbed_restart(bed);
	bed->held = true;
	mucbed_receive(bed, ENTER("ann@a.example/1", "Ann"));
	mucbed_sent(bed);
	mucbed_restart(bed);
	assert_string_equal(mucbed_sent(bed), "");
	assert_null(bed->muc->rooms);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(saves_what_persists_only),
		TEST(saves_what_is_there),
		TEST(gathers),
		TEST(keeps_few_batches),
		TEST(writes_again_what_was_lost),
		TEST(deletes_again_what_was_lost),
		TEST(deletes_what_others_follow),
		TEST(leaves_out_what_is_refused),
		TEST(leaves_nobody_behind),
		TEST(comes_back),
		TEST(goes_on_counting),
		TEST(counts_beyond_what_it_keeps),
		TEST(trims_the_history),
		TEST(forgets_affiliations),
		TEST(waits_for_the_database),
		TEST(survives_a_database_that_is_away),
		TEST(may_end_while_loading),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_roomstore", tests, NULL,
					   NULL);
}
