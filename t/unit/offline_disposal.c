#include "components/offline/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define BOUNCED "bounce='service-unavailable'"

/* As many as one sender may leave. */
static void
leave_all(struct offlinebed *bed)
{
	static const char *const ids[] = { "x1", "x2", "x3", "x4", "x5" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		offlineshim_store(bed, USER, ids[i], "a@b/c");
}

static void
removes_all_of_a_user(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, USER, "x2", "c@d/e");
	offlineshim_store(bed, "k@example", "x3", "a@b/c");
	assert_string_equal(OFFLINEBED_COMMAND(bed, "purge", "user=" USER),
			    "Messages of " USER " removed: 2.\n");
	assert_int_equal(offlinebed_stored(bed, "jid = '" USER "'"), 0);
	assert_int_equal(offlinebed_stored(bed, "jid = 'k@example'"), 1);
}

static void
removes_those_of_a_sender(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, USER, "x2", "c@d/e");
	assert_string_equal(OFFLINEBED_COMMAND(bed, "purge", "user=" USER,
					       "sender=a@b"),
			    "Messages of " USER " removed: 1.\n");
	assert_int_equal(offlinebed_stored(bed, "id = 'x2'"), 1);
}

/* Of the same id, one from another sender; and another user's. */
static void
removes_the_one_that_is_named(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, USER, "x2", "a@b/c");
	offlineshim_store(bed, USER, "x2", "c@d/e");
	offlineshim_store(bed, "k@example", "x1", "a@b/c");
	assert_string_equal(OFFLINEBED_COMMAND(bed, "purge", "user=" USER,
					       "id=x1"),
			    "Messages of " USER " removed: 1.\n");
	assert_int_equal(offlinebed_stored(bed, "id = 'x1'"), 1);
	assert_string_equal(OFFLINEBED_COMMAND(bed, "purge", "user=" USER,
					       "sender=c@d", "id=x2"),
			    "Messages of " USER " removed: 1.\n");
	assert_int_equal(offlinebed_stored(bed, "sender = 'a@b' AND "
						"jid = '" USER "'"), 1);
	assert_string_equal(OFFLINEBED_COMMAND(bed, "purge", "user=" USER,
					       "id=x1"),
			    "Messages of " USER " removed: 0.\n");
}

static void
makes_room(void **state)
{
	struct offlinebed *bed = *state;

	leave_all(bed);
	assert_non_null(strstr(offlineshim_store(bed, USER, "y1", "a@b/c"),
			       BOUNCED));
	OFFLINEBED_COMMAND(bed, "purge", "user=" USER);
	assert_null(strstr(offlineshim_store(bed, USER, "y2", "a@b/c"),
			   BOUNCED));
	assert_int_equal(offlinebed_stored(bed, "jid = '" USER "'"), 1);
}

/* The second time finds nothing. */
static void
makes_room_when_it_is_done_twice(void **state)
{
	struct offlinebed *bed = *state;

	leave_all(bed);
	fake_store_set_repeating(bed->store, true);
	OFFLINEBED_COMMAND(bed, "purge", "user=" USER);
	fake_store_set_repeating(bed->store, false);
	assert_null(strstr(offlineshim_store(bed, USER, "y1", "a@b/c"),
			   BOUNCED));
}

static void
says_when_it_was_not_done(void **state)
{
	struct offlinebed *bed = *state;

	leave_all(bed);
	fake_store_set_full(bed->store, true);
	assert_string_equal(OFFLINEBED_COMMAND(bed, "purge", "user=" USER),
			    "error: away\n");
	fake_store_set_full(bed->store, false);
	assert_int_equal(offlinebed_stored(bed, "jid = '" USER "'"), 5);
	assert_non_null(strstr(offlineshim_store(bed, USER, "y1", "a@b/c"),
			       BOUNCED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(removes_all_of_a_user),
		OFFLINEBED_TEST(removes_those_of_a_sender),
		OFFLINEBED_TEST(removes_the_one_that_is_named),
		OFFLINEBED_TEST(makes_room),
		OFFLINEBED_TEST(makes_room_when_it_is_done_twice),
		OFFLINEBED_TEST(says_when_it_was_not_done),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_disposal", tests, NULL,
					   NULL);
}
