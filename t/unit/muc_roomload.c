#include "components/muc/roomload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/memo.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/template.h"
#include "shared/arena.h"
#include "t/lib/capture.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define R "r@muc.example"
#define B_OB "bob@b.example/<'&\">"

static void
say(struct mucbed *bed, struct room *room, const char *stanza)
{
	struct template message;

	template_init(&message, mucbed_xml(bed, stanza));
	history_add(room, &message, 5, NULL, 100);
	template_fini(&message);
}

/* Stored, and out of memory. */
static void
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann");

	mucbed_add(room, "B'ob", BOB2, AFFILIATION_MEMBER, ROLE_VISITOR);
	mucbed_add(room, "B'ob", B_OB, AFFILIATION_MEMBER, ROLE_VISITOR);
	session_set_presence(session_find(room, B_OB), mucbed_xml(bed,
			     "<presence><status>'</status></presence>"));
	session_find(room, B_OB)->changed = 9;
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
	int told;		/* of rows that make no sense */
} edits[] = {
	{ "SELECT 1", ROOM_OPEN, 3, 2, 3, 0 },
	{ "UPDATE muc_room SET locked = 1", ROOM_LOCKED, 3, 2, 3, 0 },
	{ "UPDATE muc_room SET whois = 'x', maxusers = -1, lang = ''",
	  ROOM_OPEN, 3, 2, 3, 0 },
	{ "UPDATE muc_affiliation SET affiliation = 'king' "
	  "WHERE jid = 'bad.example'", ROOM_OPEN, 2, 2, 3, 1 },
	{ "UPDATE muc_affiliation SET affiliation = 'none'",
	  ROOM_OPEN, 0, 2, 3, 3 },
	{ "UPDATE muc_history SET stanza = '' WHERE serial = 1",
	  ROOM_OPEN, 3, 1, 3, 0 },
	{ "UPDATE muc_history SET stanza = '' WHERE serial = 2",
	  ROOM_OPEN, 3, 1, 3, 0 },
	{ "UPDATE muc_occupant SET role = 'none' WHERE serial = 1",
	  ROOM_OPEN, 3, 2, 2, 1 },
	{ "UPDATE muc_occupant SET role = 'king'", ROOM_OPEN, 3, 2, 0, 3 },
	{ "UPDATE muc_occupant SET nick = ''", ROOM_OPEN, 3, 2, 0, 3 },
	{ "UPDATE muc_occupant SET jid = '@'", ROOM_OPEN, 3, 2, 0, 3 },
	/* The first of two accounts by one nick, or of two equal clients. */
	{ "UPDATE muc_occupant SET nick = 'Ann', changed = serial",
	  ROOM_OPEN, 3, 2, 1, 2 },
	{ "UPDATE muc_occupant SET jid = 'ann@a.example/1', nick = 'Ann'",
	  ROOM_OPEN, 3, 2, 1, 2 },
};

/* The same, and how many lines were logged meanwhile. */
static struct room *
load_told(struct mucbed *bed, int *told_r)
{
	struct capture log;
	struct room *room;

	capture_begin(&log);
	room = load(bed, false);
	capture_end(&log);
	*told_r = 0;
	for (const char *at = strchr(log.err, '\n'); at != NULL;
	     at = strchr(at + 1, '\n'))
		++*told_r;
	return room;
}

static int
count(struct mucbed *bed, const char *table)
{
	return (int)fake_store_ask(bed->runtime.store, arena_printf(bed->arena,
				   "SELECT count(*) FROM %s", table));
}

static void
loads_what_makes_sense(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		struct room *room;
		int told;

		fake_store_clear(bed->runtime.store);
		memo_clear(&bed->muc->faulty);
		fill(bed);
		fake_store_ask(bed->runtime.store, edits[i].edit);
		room = load_told(bed, &told);
		assert_int_equal(told, edits[i].told);
		assert_true(loaded.found && !loaded.failed);
		assert_int_equal(room->state, edits[i].state);
		assert_int_equal(HASH_COUNT(room->affiliates),
				 edits[i].affiliates);
		assert_int_equal(room->history.count, edits[i].messages);
		assert_int_equal(room->history.serial, 2);
		assert_int_equal(HASH_COUNT(room->sessions), edits[i].people);
		assert_true(room->serial >= 3);
		/* All is left as it is. */
		assert_true(room->unsaved.stored && !room->unsaved.all);
		room_free(&room);
		mucbed_save(bed);
		assert_int_equal(count(bed, "muc_affiliation"), 3);
		assert_int_equal(count(bed, "muc_occupant"), 3);
	}
}

/* Until they are put right. */
static void
tells_once_of_what_makes_no_sense(void **state)
{
	static const struct {
		const char *edit;
		int told;
	} loads[] = {
		{ "UPDATE muc_affiliation SET affiliation = 'king' "
		  "WHERE jid = 'bad.example'", 1 },
		{ "SELECT 1", 0 },
		{ "UPDATE muc_occupant SET role = 'king'", 0 },
		{ "UPDATE muc_affiliation SET affiliation = 'outcast' "
		  "WHERE jid = 'bad.example'", 0 },
		{ "UPDATE muc_occupant SET role = 'visitor'", 0 },
		{ "UPDATE muc_occupant SET role = 'king'", 3 },
	};
	struct mucbed *bed = *state;

	fill(bed);
	for (size_t i = 0; i < ARRAY_LEN(loads); i++) {
		struct room *room;
		int told;

		fake_store_ask(bed->runtime.store, loads[i].edit);
		room = load_told(bed, &told);
		if (told != loads[i].told)
			fail_msg("case %zu: %d", i, told);
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
	fake_store_ask(bed->runtime.store,
		       "INSERT INTO muc_occupant VALUES ('" R "', 77, "
		       "'admin@example/1', 'Adm', 'moderator', '', 0)");
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
	bob = session_find(room, B_OB);
	assert_string_equal(bob->occupant->nick, "B'ob");
	assert_string_equal(bob->presence, "<status>&apos;</status>");
	assert_int_equal(bob->occupant->role, ROLE_VISITOR);
	assert_int_equal(bob->occupant->affiliation, AFFILIATION_MEMBER);
	assert_int_equal(bob->serial, 3);
	assert_int_equal(bob->changed, 9);
	/* An administrator of the service owns the room. */
	assert_int_equal(occupant_find(room, "Adm")->affiliation,
			 AFFILIATION_OWNER);
	/* No newcomer gets a serial that is taken. */
	assert_true(room->serial >= 77);
	/* Others see the client whose presence changed last. */
	assert_string_equal(bob->occupant->sessions->jid, BOB2);
}

/* One that was stored before rooms had keys keeps from now on the one it
   gets. */
static void
keeps_its_key(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;
	char *key;
	int64_t created;

	fill(bed);
	room = load(bed, false);
	key = strdup(room->key);
	created = room->created;
	assert_int_equal(strlen(key), 64);
	room_free(&room);
	room = load(bed, false);
	assert_string_equal(room->key, key);
	assert_int_equal(room->created, created);
	assert_false(room->unsaved.listed);
	room_free(&room);

	fake_store_ask(bed->runtime.store,
		       "UPDATE muc_room SET occupant_key = ''");
	room = load(bed, false);
	assert_string_not_equal(room->key, key);
	free(key);
	key = strdup(room->key);
	mucbed_save(bed);
	room_free(&room);
	room = load(bed, false);
	assert_string_equal(room->key, key);
	free(key);
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
		TEST(tells_once_of_what_makes_no_sense),
		TEST(loads_what_was_written),
		TEST(keeps_its_key),
		TEST(tells_why_there_is_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_roomload", tests, NULL, NULL);
}
