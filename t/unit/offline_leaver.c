#include "components/offline/leaver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define ACK(seq) "<ack xmlns='urn:x-annex:0' seq='" #seq "'/>"

static const char *
removal(struct offlinebed *bed, unsigned seq, const char *id, const char *jid)
{
	return arena_printf(bed->hooks->arena, "<message from='example' "
			    "to='comp.example'><tap xmlns='urn:x-annex:0' "
			    "seq='%u' id='%s' dir='removed' user='%s'/>"
			    "</message>", seq, id, jid);
}

static const char *
leave(struct offlinebed *bed, unsigned seq, const char *id)
{
	return offlinebed_receive(bed, removal(bed, seq, id, USER));
}

static void
drops_what_waits_for_him_alone(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, USER, "x2", "d@b/c");
	offlineshim_store(bed, "k@example", "x3", "a@b/c");
	assert_non_null(strstr(leave(bed, 1, "r1"), ACK(1)));
	assert_int_equal(offlinebed_stored(bed, "jid = '" USER "'"), 0);
	assert_int_equal(offlinebed_stored(bed, "1"), 1);
}

static void
makes_room(void **state)
{
	struct offlinebed *bed = *state;

	for (const char *id = "12345"; *id != '\0'; id++)
		offlineshim_store(bed, USER, (const char[]){ *id, '\0' },
				  "a@b/c");
	leave(bed, 1, "r1");
	assert_null(strstr(offlineshim_store(bed, USER, "y", "a@b/c"),
			   "bounce="));
}

/* The module tells it again where it heard no ack. */
static void
leaves_the_next_one_what_is_his(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	leave(bed, 1, "r1");
	offlineshim_store(bed, USER, "x2", "a@b/c");
	assert_non_null(strstr(leave(bed, 1, "r1"), ACK(1)));
	assert_int_equal(offlinebed_stored(bed, "id = 'x2'"), 1);
	leave(bed, 2, "r2");
	assert_int_equal(offlinebed_stored(bed, "1"), 0);
}

/* The shim is told that it is taken over, as of those before it. */
static void
drops_what_waits_to_be_judged(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	hookbed_receive(bed->hooks, offlineshim_store_text(bed, USER, "x1",
							   "a@b/c"));
	sent = hookbed_receive(bed->hooks, removal(bed, 1, "r1", USER));
	assert_int_equal(offlineshim_times(sent, "type='result'"), 1);
	hookbed_receive(bed->hooks, offlineshim_store_text(bed, USER, "x2",
							   "a@b/c"));
	fake_store_tell(bed->store);
	assert_int_equal(offlinebed_stored(bed, "1"), 1);
	assert_int_equal(offlinebed_stored(bed, "id = 'x2'"), 1);
}

static void
is_told_again_of_what_it_could_not_drop(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	fake_store_set_full(bed->store, true);
	assert_string_equal(leave(bed, 1, "r1"), "");
	fake_store_set_full(bed->store, false);
	assert_int_equal(offlinebed_stored(bed, "1"), 1);
	assert_non_null(strstr(leave(bed, 1, "r1"), ACK(1)));
	assert_int_equal(offlinebed_stored(bed, "1"), 0);
}

/* Those behind it would wait. */
static void
acknowledges_what_it_does_not_know(void **state)
{
	struct offlinebed *bed = *state;

	assert_non_null(strstr(offlinebed_receive(bed, removal(
				bed, 1, "r1", "j@elsewhere")), ACK(1)));
	assert_non_null(strstr(offlinebed_receive(
				bed, "<message from='example' "
				"to='comp.example'><tap "
				"xmlns='urn:x-annex:0' seq='2' dir='up'/>"
				"</message>"), ACK(2)));
}

static void
forgets_it_after_some_time(void **state)
{
	struct offlinebed *bed = *state;

	leave(bed, 1, "r1");
	fake_store_ask(bed->store, "UPDATE offline_account SET stamp = 1");
	offlinebed_receive(bed, removal(bed, 2, "r2", "k@example"));
	assert_int_equal(fake_store_ask(bed->store, "SELECT count(*) FROM "
					"offline_account WHERE id = 'r1'"),
			 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(drops_what_waits_for_him_alone),
		OFFLINEBED_TEST(makes_room),
		OFFLINEBED_TEST(leaves_the_next_one_what_is_his),
		OFFLINEBED_TEST(drops_what_waits_to_be_judged),
		OFFLINEBED_TEST(is_told_again_of_what_it_could_not_drop),
		OFFLINEBED_TEST(acknowledges_what_it_does_not_know),
		OFFLINEBED_TEST(forgets_it_after_some_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_leaver", tests, NULL,
					   NULL);
}
