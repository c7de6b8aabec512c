#include "components/muc/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/template.h"
#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define R "r@muc.example"
#define B_OB "bob@b.example/<'&\">"
/* Nobody may break out of a statement. */
#define EVIL "x'); DELETE FROM muc_room; --"

static void
say(struct mucbed *bed, struct room *room, const char *text)
{
	struct template message;

	template_init(&message, mucbed_xml(bed, arena_printf(bed->arena,
		"<message type='groupchat'><body>%s</body></message>",
		text)));
	history_add(room, &message, 5, NULL, 100);
	template_fini(&message);
}

static struct room *
fill(struct mucbed *bed, const char *jid)
{
	struct room *room = mucbed_room(bed, jid);
	struct session *bob;

	mucbed_enter(room, "Ann");
	bob = mucbed_add(room, "B'ob", B_OB, AFFILIATION_MEMBER,
			 ROLE_VISITOR)->sessions;
	session_set_presence(bob, mucbed_xml(bed,
			     "<presence><status>'</status></presence>"));
	bob->changed = 9;
	affiliation_reserve(room->affiliates, "bob@b.example", "B'ob");
	affiliation_set(&room->affiliates, "bad.example", AFFILIATION_OUTCAST,
			EVIL);
	assert_int_equal(options_set(&room->options, "roomname", EVIL,
				     &bed->err), 0);
	assert_int_equal(options_set(&room->options, "presencebroadcast",
				     "moderator visitor", &bed->err), 0);
	room_set_subject(room, "<subject>" EVIL "</subject>", "O'N", 77);
	say(bed, room, "one");
	say(bed, room, "two");
	return room;
}

static struct store_batch *
begin(struct mucbed *bed)
{
	return store_begin(bed->runtime.store);
}

static void
commit(struct mucbed *bed, struct store_batch *batch)
{
	store_commit(&batch, NULL, NULL);
	fake_store_tell(bed->runtime.store);
}

static void
save(struct mucbed *bed, struct room *room)
{
	struct store_batch *batch = begin(bed);

	rows_add_all(batch, room);
	commit(bed, batch);
}

static void
ask(struct mucbed *bed, const char *sql)
{
	fake_store_ask(bed->runtime.store, sql);
}

static void
assert_count(struct mucbed *bed, const char *what, int count)
{
	const char *sql = arena_printf(bed->arena, "SELECT count(*) FROM %s",
				       what);
	int64_t is = fake_store_ask(bed->runtime.store, sql);

	if (is != count)
		fail_msg("%s: %d", what, (int)is);
}

static const struct {
	const char *what;
	int count;
} written[] = {
	{ "muc_room WHERE jid = '" R "' AND domain = 'muc.example' AND "
	  "created > 0 AND locked = 0", 1 },
	{ "muc_room WHERE subject LIKE '<subject>x''); DELETE%' AND "
	  "subject_nick = 'O''N' AND subject_stamp = 77", 1 },
	{ "muc_room WHERE roomname = 'x''); DELETE FROM muc_room; --' AND "
	  "publicroom = 1 AND moderatedroom = 0 AND whois = 'moderators' AND "
	  "presencebroadcast = 'moderator visitor' AND "
	  "maxhistoryfetch = 20", 1 },
	{ "muc_affiliation", 3 },
	{ "muc_affiliation WHERE jid = 'ann@a.example' AND "
	  "affiliation = 'owner' AND nick IS NULL AND reason IS NULL", 1 },
	{ "muc_affiliation WHERE jid = 'bob@b.example' AND "
	  "affiliation = 'member' AND nick = 'B''ob' AND reason IS NULL", 1 },
	{ "muc_affiliation WHERE jid = 'bad.example' AND "
	  "affiliation = 'outcast' AND reason LIKE 'x''); DELETE%'", 1 },
	{ "muc_history", 2 },
	{ "muc_history WHERE serial = 2 AND stamp = 5 AND "
	  "stanza LIKE '%<body>two</body></message>'", 1 },
	{ "muc_occupant", 2 },
	{ "muc_occupant WHERE serial = 2 AND nick = 'B''ob' AND "
	  "jid = 'bob@b.example/<''&\">' AND role = 'visitor' AND "
	  "presence = '<status>&apos;</status>' AND changed = 9", 1 },
};

static void
writes_a_room(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, R);

	/* All may be done again. */
	for (int again = 0; again < 2; again++) {
		save(bed, room);
		for (size_t i = 0; i < ARRAY_LEN(written); i++)
			assert_count(bed, written[i].what, written[i].count);
	}
}

/* Whatever is there goes, but for another room. */
static void
takes_the_place_of_what_is_there(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, R);

	save(bed, room);
	save(bed, fill(bed, "s@muc.example"));
	ask(bed, "UPDATE muc_room SET created = 3, locked = 1, subject = ''");
	ask(bed, "UPDATE muc_affiliation SET jid = 'x' || jid");
	ask(bed, "UPDATE muc_history SET serial = serial + 50");
	ask(bed, "UPDATE muc_occupant SET serial = serial + 50");
	/* The rest of which is not in memory. */
	ask(bed, "INSERT INTO muc_affiliation VALUES "
	    "('" R "', 'xeve@e.example', 'king', 'Eve', 'so')");
	save(bed, room);
	assert_count(bed, "muc_room WHERE created = 3 AND jid <> '" R "'", 1);
	assert_count(bed, "muc_room WHERE created = 3", 1);
	assert_count(bed, "muc_room WHERE locked = 0 AND subject <> ''", 1);
	assert_count(bed, "muc_affiliation WHERE jid NOT LIKE 'x%'", 3);
	assert_count(bed, "muc_affiliation WHERE affiliation <> 'king'", 6);
	assert_count(bed, "muc_affiliation WHERE jid = 'xeve@e.example' AND "
		     "affiliation = 'king' AND nick = 'Eve' AND "
		     "reason = 'so'", 1);
	assert_count(bed, "muc_history WHERE serial < 50", 2);
	assert_count(bed, "muc_history", 4);
	assert_count(bed, "muc_occupant WHERE serial < 50", 2);
	assert_count(bed, "muc_occupant", 4);
}

static void
writes_pieces(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed, R);
	struct store_batch *batch;

	save(bed, room);
	affiliation_set(&room->affiliates, "ann@a.example", AFFILIATION_ADMIN,
			NULL);
	affiliation_set(&room->affiliates, "bob@b.example", AFFILIATION_NONE,
			NULL);
	say(bed, room, "three");
	say(bed, room, "four");
	history_trim(&room->history, 3);
	for (int again = 0; again < 2; again++) {
		batch = begin(bed);
		rows_add_affiliate(batch, room, "ann@a.example");
		rows_add_affiliate(batch, room, "bob@b.example");
		rows_add_affiliate(batch, room, "nobody@a.example");
		rows_add_messages(batch, room, 3);
		rows_trim_messages(batch, room);
		rows_delete_session(batch, room, 1);
		rows_delete_session(batch, room, 99);
		commit(bed, batch);
		assert_count(bed, "muc_affiliation", 2);
		assert_count(bed, "muc_affiliation WHERE "
			     "affiliation = 'admin'", 1);
		/* The third was not asked for, the first is old. */
		assert_count(bed, "muc_history WHERE serial IN (2, 4)", 2);
		assert_count(bed, "muc_history", 2);
		assert_count(bed, "muc_occupant WHERE serial = 2", 1);
		assert_count(bed, "muc_occupant", 1);
	}
}

static void
deletes_a_room(void **state)
{
	struct mucbed *bed = *state;
	struct store_batch *batch;

	save(bed, fill(bed, R));
	save(bed, fill(bed, "s@muc.example"));
	batch = begin(bed);
	rows_delete_room(batch, R);
	rows_delete_room(batch, R);
	rows_delete_room(batch, "' OR '' = '");
	commit(bed, batch);
	assert_count(bed, "muc_room WHERE jid = 's@muc.example'", 1);
	assert_count(bed, "muc_room", 1);
	assert_count(bed, "muc_affiliation", 3);
	assert_count(bed, "muc_history", 2);
	assert_count(bed, "muc_occupant", 2);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(writes_a_room),
		TEST(takes_the_place_of_what_is_there),
		TEST(writes_pieces),
		TEST(deletes_a_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_rows", tests, NULL, NULL);
}
