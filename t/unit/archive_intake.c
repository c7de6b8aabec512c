#include "components/archive/intake/intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/hook.h"
#include "shared/journal.h"
#include "t/lib/tapbed.h"

#define ALL "SELECT count(*) FROM archive_message"
#define BODY 200000
#define MANY 300

static void
acknowledges_what_is_durable(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	/* Not before. */
	assert_string_equal(tapbed_sent(bed), "");
	tapbed_wait_ack(bed, 1);
	tapbed_wait(bed, ALL, 1);
}

static void
acknowledges_nothing_that_is_not_durable(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	tapbed_sent(bed);
	tapbed_lock_journal(bed);
	tapbed_tap(bed, 2, "x2", "two");
	tapbed_tap(bed, 3, "x3", "three");
	database_run(bed->db, 600);
	assert_string_equal(tapbed_sent(bed), "");
	assert_int_equal(tapbed_metric(bed, "annex_archive_copies_total"
				       "{outcome=\"kept\"}"), 1);
	tapbed_unlock(bed);
	tapbed_wait_ack(bed, 3);
	tapbed_wait(bed, ALL, 3);
}

static void
acknowledges_many_at_once(void **state)
{
	struct tapbed *bed = *state;
	const char *sent;

	for (unsigned i = 1; i <= MANY; i++)
		tapbed_tap(bed, i, arena_printf(bed->hooks->arena, "x%u", i),
			   "hi");
	tapbed_wait_ack(bed, MANY);
	sent = tapbed_sent(bed);
	assert_true(hookbed_count(sent, "<ack ") < MANY / 10);
	tapbed_wait(bed, ALL, MANY);
}

static void
acknowledges_again_what_comes_again(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	tapbed_sent(bed);
	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	assert_int_equal(tapbed_metric(bed, "annex_archive_copies_total"
				       "{outcome=\"kept\"}"), 1);
}

static void
takes_all_again_on_a_new_link(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 7, "x7", "one");
	tapbed_tap(bed, 8, "x8", "two");
	tapbed_link(bed, false);
	tapbed_link(bed, true);
	tapbed_greet(bed, "e1");
	tapbed_tap(bed, 7, "x7", "one");
	tapbed_tap(bed, 8, "x8", "two");
	tapbed_tap(bed, 9, "x9", "three");
	tapbed_wait_ack(bed, 9);
	tapbed_wait(bed, ALL, 3);
}

/* A shim that was started anew counts anew. */
static void
takes_all_again_of_another_epoch(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 7, "x7", "one");
	tapbed_greet(bed, "e2");
	tapbed_tap(bed, 1, "x7", "one");
	tapbed_tap(bed, 2, "x9", "two");
	tapbed_wait_ack(bed, 2);
	assert_null(strstr(tapbed_sent(bed), "seq='7'"));
	tapbed_wait(bed, ALL, 2);
}

/* A hello after a change of the configuration says nothing about copies. */
static void
goes_on_after_the_same_hello(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_greet(bed, "e1");
	tapbed_tap(bed, 2, "x2", "two");
	tapbed_wait_ack(bed, 2);
	tapbed_wait(bed, ALL, 2);
}

static void
holds_what_the_journal_has_no_room_for(void **state)
{
	struct tapbed *bed = *state;
	char *body = calloc(1, BODY + 1);
	unsigned seq = 0;

	assert_non_null(body);
	memset(body, 'x', BODY);
	tapbed_lock_database(bed);
	while (intake_held(bed->archive->intake) == 0) {
		assert_true(seq < 20);
		seq++;
		tapbed_tap(bed, seq, arena_printf(bed->hooks->arena, "x%u",
						  seq), body);
		database_run(bed->db, 10);
	}
	tapbed_wait_ack(bed, seq - 1);
	/* What comes behind waits for it, though it would fit. */
	tapbed_tap(bed, seq + 1, "last", "hi");
	assert_int_equal(intake_held(bed->archive->intake), 2);
	assert_true(journal_has_room(bed->archive->journal, 1000));
	tapbed_sent(bed);
	database_run(bed->db, 600);
	assert_string_equal(tapbed_sent(bed), "");
	tapbed_unlock(bed);
	tapbed_wait_ack(bed, seq + 1);
	assert_int_equal(intake_held(bed->archive->intake), 0);
	tapbed_wait(bed, ALL, seq + 1);
	free(body);
}

static void
forgets_what_it_holds_with_the_link(void **state)
{
	struct tapbed *bed = *state;
	char *body = calloc(1, BODY + 1);
	unsigned seq = 0;

	assert_non_null(body);
	memset(body, 'x', BODY);
	tapbed_lock_database(bed);
	while (intake_held(bed->archive->intake) == 0) {
		seq++;
		tapbed_tap(bed, seq, arena_printf(bed->hooks->arena, "x%u",
						  seq), body);
		database_run(bed->db, 10);
	}
	tapbed_wait_ack(bed, seq - 1);
	tapbed_link(bed, false);
	assert_int_equal(intake_held(bed->archive->intake), 0);
	tapbed_link(bed, true);
	tapbed_greet(bed, "e1");
	tapbed_tap(bed, seq, arena_printf(bed->hooks->arena, "x%u", seq),
		   body);
	tapbed_unlock(bed);
	tapbed_wait_ack(bed, seq);
	tapbed_wait(bed, ALL, seq);
	free(body);
}

#define LARGE 4000000	/* of which some are more than may wait */

static void
tap_large(struct tapbed *bed, unsigned seq, const char *body)
{
	struct arena *arena = arena_new();

	tapbed_receive(bed, arena_printf(arena, "seq='%u' id='x%u' dir='both' "
					 "origin='local'", seq, seq),
		       arena_printf(arena, "<message xmlns='jabber:client' "
				    "type='chat' from='r@example/o' "
				    "to='j@example'><body>%s</body>"
				    "</message>", body));
	arena_free(&arena);
}

/* A window that was full is empty some time, and then stands still. */
static void
has_come_again_what_could_not_wait(void **state)
{
	struct tapbed *bed = *state;
	struct router *router = bed->hooks->runtime.router;
	char *body = calloc(1, LARGE + 1);
	unsigned seq = 0;

	assert_non_null(body);
	memset(body, 'x', LARGE);
	tapbed_stop(bed);
	bed->settings.journal_bytes = (size_t)1 << 30;
	tapbed_start(bed);
	tapbed_greet(bed, "e2");
	tap_large(bed, ++seq, "small");
	tapbed_wait_ack(bed, seq);
	tapbed_lock_journal(bed);
	while (!intake_is_full(bed->archive->intake))
		tap_large(bed, ++seq, body);
	assert_in_range(seq, 30, 40);
	tap_large(bed, seq + 1, body);
	assert_int_equal(fake_router_renewals(router), 0);
	tapbed_unlock(bed);
	tapbed_wait_ack(bed, seq - 1);
	assert_int_equal(fake_router_renewals(router), 1);
	tapbed_link(bed, false);
	tapbed_link(bed, true);
	tapbed_greet(bed, "e2");
	tap_large(bed, seq, body);
	tapbed_wait_ack(bed, seq);
	assert_false(intake_is_full(bed->archive->intake));
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TAPBED_TEST(acknowledges_what_is_durable),
		TAPBED_TEST(acknowledges_nothing_that_is_not_durable),
		TAPBED_TEST(acknowledges_many_at_once),
		TAPBED_TEST(acknowledges_again_what_comes_again),
		TAPBED_TEST(takes_all_again_on_a_new_link),
		TAPBED_TEST(takes_all_again_of_another_epoch),
		TAPBED_TEST(goes_on_after_the_same_hello),
		TAPBED_TEST(holds_what_the_journal_has_no_room_for),
		TAPBED_TEST(forgets_what_it_holds_with_the_link),
		TAPBED_TEST(has_come_again_what_could_not_wait),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_intake", tests,
					   tapbed_folder, database_teardown);
}
