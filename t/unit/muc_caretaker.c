#include "components/muc/caretaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/queue.h"
#include "components/muc/room.h"
#include "shared/metric.h"
#include "shared/str.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define R "r@muc.example"
#define GOING(nick, to) \
	"<presence from='r@muc.example/" nick "' to='" to "' " \
	"type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>" \
	"<item affiliation='owner' role='none' jid='" to "'/>" \
	"<status code='332'/><status code='110'/></x></presence>\n"

static struct room *
add_room(struct mucbed *bed, const char *jid, bool persistent)
{
	struct room *room = mucbed_room(bed, jid);

	room->options.persistentroom = persistent;
	roomstore_save(room);
	mucbed_save(bed);
	return room;
}

static void
enter(struct room *room, const char *nick, const char *jid)
{
	mucbed_add(room, nick, jid, AFFILIATION_OWNER, ROLE_MODERATOR);
}

static void
sweeps_idle_rooms_out(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = add_room(bed, R, true);
	uint64_t idle = room->idle_ms + 300000;

	caretaker_sweep(bed->muc, idle - 1);
	assert_ptr_equal(room_find(bed->muc, R), room);
	caretaker_sweep(bed->muc, idle);
	assert_null(bed->muc->rooms);
	assert_int_equal(fake_store_ask(bed->runtime.store,
			 "SELECT count(*) FROM muc_room"), 1);
	assert_string_equal(mucbed_sent(bed), "");
}

/* With somebody in it, something to be written, or its rows on the way. */
static void
leaves_rooms_in_use(void **state)
{
	struct mucbed *bed = *state;
	struct room *inhabited = add_room(bed, R, true);
	struct room *unsaved = add_room(bed, "s@muc.example", true);
	struct room *loading = room_new(bed->muc, "t@muc.example",
					ROOM_LOADING);

	enter(inhabited, "Ann", ANN);
	mucbed_save(bed);
	roomstore_save(unsaved);
	caretaker_sweep(bed->muc, UINT64_MAX / 2);
	assert_int_equal(HASH_COUNT(bed->muc->rooms), 3);
	assert_int_equal(HASH_COUNT(inhabited->sessions), 1);
	mucbed_save(bed);
	caretaker_sweep(bed->muc, UINT64_MAX / 2);
	assert_int_equal(HASH_COUNT(bed->muc->rooms), 2);
	assert_null(room_find(bed->muc, "s@muc.example"));
	room_free(&loading);
}

/* What is said in it is on its way into the journal, and comes back. */
static void
leaves_rooms_that_are_held(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = add_room(bed, R, true);

	queue_hold(room);
	caretaker_sweep(bed->muc, UINT64_MAX / 2);
	assert_ptr_equal(room_find(bed->muc, R), room);
	queue_let_go(room);
	caretaker_sweep(bed->muc, UINT64_MAX / 2);
	assert_null(bed->muc->rooms);
}

static void
forgets_who_did_nothing_lately(void **state)
{
	struct mucbed *bed = *state;

	assert_int_equal(quota_take(bed->muc, "ann@a.example", QUOTA_MESSAGE,
				    &bed->err), 0);
	invitation_note(&bed->muc->invitations, &(struct invited){
			R, mucbed_jid(bed, ANN), "bob@b.example", NULL },
			uv_now(&bed->loop));
	caretaker_sweep(bed->muc, uv_now(&bed->loop) + 60000);
	assert_null(bed->muc->quotas.all);
	assert_int_equal(bed->muc->invitations.count, 1);
	caretaker_sweep(bed->muc, uv_now(&bed->loop) +
			INVITATION_SECS * UINT64_C(1000));
	assert_int_equal(bed->muc->invitations.count, 0);
}

/* Section 11.2; each is told of himself. */
static void
tells_all_that_it_stops(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = add_room(bed, R, true);

	enter(room, "Ann", ANN);
	enter(room, "Bob", "bob@b.example/1");
	add_room(bed, "s@muc.example", false);
	mucbed_restart(bed);
	assert_string_equal(mucbed_sent(bed),
			    GOING("Ann", ANN) GOING("Bob", "bob@b.example/1"));
	assert_null(bed->muc->rooms);
	assert_int_equal(fake_store_ask(bed->runtime.store,
			 "SELECT count(*) FROM muc_room WHERE jid = '" R "'"),
			 1);
	assert_int_equal(fake_store_ask(bed->runtime.store,
			 "SELECT count(*) FROM muc_room"), 1);
	assert_int_equal(fake_store_ask(bed->runtime.store,
			 "SELECT count(*) FROM muc_occupant"), 0);
}

static void
asks_who_is_there_when_the_link_is_back(void **state)
{
	struct mucbed *bed = *state;

	enter(mucbed_room(bed, R), "Ann", ANN);
	caretaker_link(bed->muc, false);
	assert_string_equal(mucbed_sent(bed), "");
	caretaker_link(bed->muc, true);
	assert_non_null(strstr(mucbed_sent(bed), "urn:xmpp:ping"));
}

static void
counts_rooms_and_people(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, R);
	struct str text = { 0 };

	enter(room, "Ann", ANN);
	enter(room, "Bob", "bob@b.example/1");
	enter(room, "Bob", "bob@b.example/2");
	enter(mucbed_room(bed, "s@muc.example"), "Ann", ANN);
	metrics_print(bed->runtime.metrics, &text);
	assert_non_null(strstr(text.data, "\nannex_muc_rooms 2\n"));
	assert_non_null(strstr(text.data, "\nannex_muc_occupants 3\n"));
	str_fini(&text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(sweeps_idle_rooms_out),
		TEST(leaves_rooms_in_use),
		TEST(leaves_rooms_that_are_held),
		TEST(forgets_who_did_nothing_lately),
		TEST(tells_all_that_it_stops),
		TEST(asks_who_is_there_when_the_link_is_back),
		TEST(counts_rooms_and_people),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_caretaker", tests, NULL, NULL);
}
