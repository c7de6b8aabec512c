#include "components/muc/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/loading.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/error.h"
#include "t/lib/gist.h"
#include "t/lib/mucbed.h"

#define SAY(jid, text) \
	"<message from='" jid "' to='r@muc.example' type='groupchat'>" \
	"<body>" text "</body></message>"
#define LEAVE(jid, nick) \
	"<presence from='" jid "' to='r@muc.example/" nick "' " \
	"type='unavailable'/>"

static void
keeps_all_in_order_until_it_is_let_go(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob Cid");

	queue_hold(room);
	assert_string_equal(mucbed_receive(bed, SAY(BOB, "hello")), "");
	assert_string_equal(mucbed_receive(bed, LEAVE(BOB, "Bob")), "");
	assert_int_equal(room->waiting_count, 2);
	queue_let_go(room);
	assert_string_equal(gist_of(bed, mucbed_sent(bed), ANN),
			    " message Bob!");
	assert_int_equal(room->waiting_count, 0);
	assert_int_equal(bed->muc->loading.count, 0);
	assert_int_equal(bed->muc->loading.bytes, 0);
}

static void
goes_on_once_nothing_holds(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob");

	queue_hold(room);
	queue_hold(room);
	mucbed_receive(bed, SAY(BOB, "hello"));
	queue_let_go(room);
	assert_string_equal(mucbed_sent(bed), "");
	queue_let_go(room);
	assert_string_equal(gist_of(bed, mucbed_sent(bed), ANN), " message");
	assert_string_equal(gist_of(bed, mucbed_receive(bed, SAY(ANN, "so")),
				    BOB), " message");
}

static void
hold(void *ctx, const struct error *err)
{
	struct mucbed *bed = ctx;

	assert_null(err);
	queue_hold(room_find(bed->muc, "r@muc.example"));
}

/* Though it waited for the room itself. */
static void
waits_for_what_came_before_the_room(void **state)
{
	struct mucbed *bed = *state;
	struct room *room;

	mucbed_cast_lasting(bed, "Ann Bob Cid");
	mucbed_save(bed);
	bed->held = true;
	mucbed_crash(bed);
	loading_wait(bed->muc, "r@muc.example", hold, bed);
	mucbed_receive(bed, LEAVE(BOB, "Bob"));
	mucbed_receive(bed, LEAVE(CID, "Cid"));
	bed->held = false;
	mucbed_save(bed);
	room = room_find(bed->muc, "r@muc.example");
	assert_int_equal(HASH_COUNT(room->sessions), 3);
	assert_int_equal(room->waiting_count, 2);
	assert_int_equal(bed->muc->loading.count, 2);
	mucbed_sent(bed);
	queue_let_go(room);
	assert_string_equal(gist_of(bed, mucbed_sent(bed), ANN), " Bob! Cid!");
	assert_int_equal(bed->muc->loading.count, 0);
	assert_int_equal(bed->muc->loading.bytes, 0);
}

/* What waits for a room that goes is answered. */
static void
gives_up_with_the_room(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob");
	const char *sent;

	queue_hold(room);
	mucbed_receive(bed, SAY(BOB, "hello"));
	room_destroy(&room, bed->arena, NULL, NULL, NULL);
	sent = mucbed_sent(bed);
	assert_non_null(strstr(sent, "item-not-found"));
	assert_null(room_find(bed->muc, "r@muc.example"));
	assert_int_equal(bed->muc->loading.count, 0);
}

static void
limits_how_much_waits(void **state)
{
	struct loading many = { .count = 10000 };
	struct loading large = { .count = 1, .bytes = 16 << 20 };
	struct loading none = { 0 };
	struct room busy = { .waiting_count = 5000 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(queue_check(&none, NULL, SIZE_MAX, &err), 0);
	assert_int_equal(queue_check(&none, &busy, 1, &err), -1);
	assert_int_equal(queue_check(&many, NULL, 1, &err), -1);
	assert_int_equal(queue_check(&large, NULL, 1, &err), -1);
	assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(err.type, ERROR_TYPE_WAIT);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(keeps_all_in_order_until_it_is_let_go),
		TEST(goes_on_once_nothing_holds),
		TEST(waits_for_what_came_before_the_room),
		TEST(gives_up_with_the_room),
		cmocka_unit_test(limits_how_much_waits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_queue", tests, NULL, NULL);
}
