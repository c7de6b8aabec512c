#include "components/muc/roomload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/template.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define R "r@muc.example"
#define BOB "bob@b.example/<'&\">"
#define BOB2 "bob@b.example/2"

static void
say(struct mucbed *bed, struct room *room, const char *stanza)
{
	struct template message;

	template_init(&message, mucbed_xml(bed, stanza));
	history_add(room, &message, 5, 100);
	template_fini(&message);
}

/* Stored, and out of memory. */
static void
fill(struct mucbed *bed)
{
	struct room *room = mucbed_room(bed, R);

	mucbed_add(room, "Ann", "ann@a.example/1", AFFILIATION_OWNER,
		   ROLE_MODERATOR);
	mucbed_add(room, "B'ob", BOB2, AFFILIATION_MEMBER, ROLE_VISITOR);
	mucbed_add(room, "B'ob", BOB, AFFILIATION_MEMBER, ROLE_VISITOR);
	session_set_presence(session_find(room, BOB), mucbed_xml(bed,
			     "<presence><status>'</status></presence>"));
	session_find(room, BOB)->changed = 9;
	session_find(room, BOB2)->changed = 10;
	affiliation_reserve(room->affiliates, "bob@b.example", "B'ob");
	affiliation_set(&room->affiliates, "bad.example", AFFILIATION_OUTCAST,
			"'spam'");
	assert_int_equal(options_set(&room->options, "roomname", "A & B",
				     &bed->err), 0);
	room_set_subject(room, "<subject>S</subject>", "O'N", 77);
	say(bed, room, "<message><body>one</body></message>");
	say(bed, room, "<message><body>two</body></message>");
	roomstore_save(room);
	mucbed_save(bed);
	room_free(&room);
}

static struct {
	int calls;
	bool found, failed;
} loaded;

static void
on_loaded(struct room *room, bool found, const struct error *err)
{
	(void)room;
	loaded.calls++;
	loaded.found = found;
	loaded.failed = err != NULL;
}

static struct room *
load(struct mucbed *bed, bool lost)
{
	struct room *room = room_new(bed->muc, R, ROOM_LOADING);

	memset(&loaded, 0, sizeof(loaded));
	roomload(room, on_loaded);
	/* The connection breaks after the first answer. */
	fake_store_set_away(bed->runtime.store, lost);
	assert_int_equal(loaded.calls, 0);
	fake_store_tell(bed->runtime.store);
	assert_int_equal(loaded.calls, 1);
	return room;
}

/* What a room looks like after its tables were edited. */
static const struct {
	const char *edit;
	enum room_state state;
	unsigned affiliates, messages, people;
	bool faulty;
} edits[] = {
	{ "SELECT 1", ROOM_OPEN, 3, 2, 3, false },
	{ "UPDATE muc_room SET locked = 1", ROOM_LOCKED, 3, 2, 3, false },
	{ "UPDATE muc_room SET whois = 'x', maxusers = -1, lang = ''",
	  ROOM_OPEN, 3, 2, 3, false },
	{ "UPDATE muc_affiliation SET affiliation = 'king' "
	  "WHERE jid = 'bad.example'", ROOM_OPEN, 2, 2, 3, false },
	{ "UPDATE muc_affiliation SET affiliation = 'none'",
	  ROOM_OPEN, 0, 2, 3, false },
	{ "UPDATE muc_history SET stanza = '' WHERE serial = 1",
	  ROOM_OPEN, 3, 1, 3, false },
	{ "UPDATE muc_history SET stanza = '' WHERE serial = 2",
	  ROOM_OPEN, 3, 1, 3, false },
	{ "UPDATE muc_occupant SET role = 'none' WHERE serial = 1",
	  ROOM_OPEN, 3, 2, 2, true },
	{ "UPDATE muc_occupant SET role = 'king'", ROOM_OPEN, 3, 2, 0, true },
	{ "UPDATE muc_occupant SET nick = ''", ROOM_OPEN, 3, 2, 0, true },
	{ "UPDATE muc_occupant SET jid = '@'", ROOM_OPEN, 3, 2, 0, true },
	/* The first of two accounts by one nick, or of two equal clients. */
	{ "UPDATE muc_occupant SET nick = 'Ann', changed = serial",
	  ROOM_OPEN, 3, 2, 1, true },
	{ "UPDATE muc_occupant SET jid = 'ann@a.example/1', nick = 'Ann'",
	  ROOM_OPEN, 3, 2, 1, true },
};

static void
loads_what_makes_sense(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		struct room *room;

		fill(bed);
		fake_store_ask(bed->runtime.store, edits[i].edit);
		room = load(bed, false);
		assert_true(loaded.found && !loaded.failed);
		assert_int_equal(room->state, edits[i].state);
		assert_int_equal(HASH_COUNT(room->affiliates),
				 edits[i].affiliates);
		assert_int_equal(room->history.count, edits[i].messages);
		assert_int_equal(room->history.serial, 2);
		assert_int_equal(HASH_COUNT(room->sessions), edits[i].people);
		assert_int_equal(room->unsaved.all, edits[i].faulty);
		assert_true(room->unsaved.stored);
		room_free(&room);
	}
}

static void
loads_what_was_written(void **state)
{
	struct mucbed *bed = *state;
	struct session *bob;
	struct room *room;

	fill(bed);
	bed->settings.history = 1;
	room = load(bed, false);
	assert_string_equal(room->options.roomname, "A & B");
	assert_string_equal(room->subject.text, "<subject>S</subject>");
	assert_string_equal(room->subject.nick, "O'N");
	assert_int_equal(room->subject.stamp, 77);
	assert_string_equal(affiliate_find(room->affiliates,
					   "bad.example")->reason, "'spam'");
	assert_string_equal(affiliate_find(room->affiliates,
					   "bob@b.example")->nick, "B'ob");
	/* The newest, of more than are kept. */
	assert_int_equal(room->history.count, 1);
	assert_non_null(strstr(room->history.first->text, "two"));
	bob = session_find(room, BOB);
	assert_string_equal(bob->occupant->nick, "B'ob");
	assert_string_equal(bob->presence, "<status>&apos;</status>");
	assert_int_equal(bob->occupant->role, ROLE_VISITOR);
	assert_int_equal(bob->occupant->affiliation, AFFILIATION_MEMBER);
	assert_int_equal(bob->serial, 3);
	assert_int_equal(bob->changed, 9);
	/* No newcomer gets a serial that is taken. */
	assert_true(room->serial >= 3);
	/* Others see the client whose presence changed last. */
	assert_string_equal(bob->occupant->sessions->jid, BOB2);
}

static void
tells_why_there_is_nothing(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = load(bed, false);

	assert_false(loaded.found || loaded.failed);
	assert_int_equal(room->state, ROOM_LOADING);
	room_free(&room);

	fill(bed);
	room = load(bed, true);
	assert_true(loaded.failed);
	assert_int_equal(room->state, ROOM_LOADING);
	room_free(&room);

	/* Now it is away from the first. */
	room = load(bed, true);
	assert_true(loaded.failed);
	assert_false(loaded.found);
	fake_store_set_away(bed->runtime.store, false);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(loads_what_makes_sense),
		TEST(loads_what_was_written),
		TEST(tells_why_there_is_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_roomload", tests, NULL, NULL);
}
