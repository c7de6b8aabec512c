#include "components/muc/unsaved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/template.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define HISTORY 2

static void
say(struct mucbed *bed, struct room *room)
{
	struct template message;

	template_init(&message, mucbed_xml(bed,
		"<message from='r@muc.example/Ann' type='groupchat'>"
		"<body>hi</body></message>"));
	history_add(room, &message, 1, NULL, HISTORY);
	template_fini(&message);
}

/* Two of everything, nothing of which is written. */
static struct room *
fill(struct mucbed *bed)
{
	struct room *room = mucbed_cast(bed, "Ann");

	mucbed_add(room, "Bob", BOB, AFFILIATION_MEMBER, ROLE_PARTICIPANT);
	say(bed, room);
	say(bed, room);
	return room;
}

/* Returns how many bytes there were to write. */
static size_t
save(struct mucbed *bed, struct room *room)
{
	struct store_batch *batch = store_begin(bed->runtime.store);
	size_t bytes;

	unsaved_write(room, batch);
	bytes = store_batch_bytes(batch);
	store_commit(&batch, NULL, NULL);
	fake_store_tell(bed->runtime.store);
	return bytes;
}

static void
assert_rows(struct mucbed *bed, int affiliates, int messages, int people)
{
	struct store *store = bed->runtime.store;

	assert_int_equal(fake_store_ask(store,
			 "SELECT count(*) FROM muc_affiliation"), affiliates);
	assert_int_equal(fake_store_ask(store,
			 "SELECT count(*) FROM muc_history"), messages);
	assert_int_equal(fake_store_ask(store,
			 "SELECT count(*) FROM muc_occupant"), people);
}

static void
writes_all_of_a_new_room(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	assert_false(room->unsaved.stored);
	assert_true(save(bed, room) > 0);
	assert_rows(bed, 2, 2, 2);
	assert_true(room->unsaved.stored);
	/* Once. */
	assert_int_equal(save(bed, room), 0);
}

static const struct {
	bool row, all;
	unsigned affiliate, message, session;	/* how often each changed */
	int affiliates, messages, people;	/* rows that are written */
} changes[] = {
	{ .row = true },
	{ .affiliate = 1, .affiliates = 1 },
	{ .affiliate = 3, .affiliates = 1 },
	{ .message = 1, .messages = 1 },
	/* No more than those who enter would be shown. */
	{ .message = 9, .messages = HISTORY },
	{ .session = 1, .people = 1 },
	{ .session = 9, .people = 1 },
	{ .row = true, .affiliate = 1, .message = 1, .session = 1,
	  .affiliates = 1, .messages = 1, .people = 1 },
	{ .all = true, .affiliates = 2, .messages = 2, .people = 2 },
	{ .all = true, .affiliate = 1, .message = 1, .session = 1,
	  .affiliates = 2, .messages = 2, .people = 2 },
};

/* What the tables then hold is what was written. */
static void
empty_tables(struct mucbed *bed)
{
	struct store *store = bed->runtime.store;

	fake_store_ask(store, "UPDATE muc_room SET subject_nick = '?'");
	fake_store_ask(store, "DELETE FROM muc_affiliation");
	fake_store_ask(store, "DELETE FROM muc_history");
	fake_store_ask(store, "DELETE FROM muc_occupant");
}

static void
writes_what_has_changed(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	save(bed, room);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		empty_tables(bed);
		room->unsaved.row = changes[i].row;
		room->unsaved.all = changes[i].all;
		for (unsigned n = 0; n < changes[i].affiliate; n++)
			unsaved_add_affiliate(room, "bob@b.example");
		for (unsigned n = 0; n < changes[i].message; n++)
			say(bed, room);
		for (unsigned n = 0; n < changes[i].session; n++)
			unsaved_add_session(session_find(room, BOB));
		assert_true(save(bed, room) > 0);
		assert_rows(bed, changes[i].affiliates, changes[i].messages,
			    changes[i].people);
		assert_int_equal(fake_store_ask(bed->runtime.store,
			"SELECT count(*) FROM muc_room "
			"WHERE subject_nick = ''"),
			changes[i].row || changes[i].all);
		assert_int_equal(save(bed, room), 0);
	}
}

/* A session that has a row is deleted, be it as it was written or not; of one
   that has none nobody needs to know. */
static void
deletes_who_has_gone(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = session_find(room, BOB), *eve;

	save(bed, room);
	eve = session_new(room, "Eve", mucbed_jid(bed, "eve@e.example/1"));
	session_free(&eve);
	assert_null(room->unsaved.gone);
	assert_int_equal(save(bed, room), 0);
	unsaved_add_session(bob);
	session_free(&bob);
	assert_true(save(bed, room) > 0);
	assert_rows(bed, 2, 2, 1);
	assert_int_equal(fake_store_ask(bed->runtime.store,
			 "SELECT count(*) FROM muc_occupant "
			 "WHERE nick = 'Ann'"), 1);
	assert_int_equal(save(bed, room), 0);
}

/* However many have changed, they take so much memory and no more. */
static void
bounds_what_it_knows(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	save(bed, room);
	for (unsigned i = 0; i < 1000; i++)
		unsaved_add_affiliate(room, "bob@b.example");
	assert_false(room->unsaved.all);
	for (unsigned i = 0; i < 1000; i++)
		unsaved_add_affiliate(room, "eve@e.example");
	assert_true(room->unsaved.all);
	assert_int_equal(room->unsaved.affiliate_count, 1000);
	save(bed, room);
	assert_rows(bed, 2, 2, 2);
	assert_int_equal(room->unsaved.affiliate_count, 0);
	assert_false(room->unsaved.all);
}

/* Old messages are deleted sixteen at a time. */
static void
trims_now_and_then(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	save(bed, room);
	for (int i = 1; i < 16; i++) {
		say(bed, room);
		save(bed, room);
		assert_rows(bed, 2, HISTORY + i, 2);
	}
	say(bed, room);
	save(bed, room);
	assert_rows(bed, 2, HISTORY, 2);
	say(bed, room);
	save(bed, room);
	assert_rows(bed, 2, HISTORY + 1, 2);
}

static void
leaves_what_was_loaded(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = session_find(room, BOB);

	unsaved_mark_saved(room);
	assert_true(room->unsaved.stored);
	assert_int_equal(save(bed, room), 0);
	/* It has a row, which goes with it. */
	session_free(&bob);
	assert_true(save(bed, room) > 0);
}

/* A database that ends with the process has no use for them. */
static void
keeps_no_people_in_memory_alone(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = session_find(room, BOB);

	fake_store_set_lasting(bed->runtime.store, false);
	save(bed, room);
	assert_rows(bed, 2, 2, 0);
	session_free(&bob);
	assert_int_equal(save(bed, room), 0);
}

static void
forgets(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct session *bob = session_find(room, BOB);

	save(bed, room);
	unsaved_add_affiliate(room, "bob@b.example");
	session_free(&bob);
	assert_non_null(room->unsaved.affiliates);
	assert_non_null(room->unsaved.gone);
	for (int i = 0; i < 2; i++) {
		unsaved_clear(room);
		assert_null(room->unsaved.affiliates);
		assert_null(room->unsaved.gone);
		assert_int_equal(save(bed, room), 0);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(writes_all_of_a_new_room),
		TEST(writes_what_has_changed),
		TEST(deletes_who_has_gone),
		TEST(bounds_what_it_knows),
		TEST(trims_now_and_then),
		TEST(leaves_what_was_loaded),
		TEST(keeps_no_people_in_memory_alone),
		TEST(forgets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_unsaved", tests, NULL, NULL);
}
