#include "components/offline/expiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/office.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define BOUNCED "bounce='service-unavailable'"

/* As many as one sender may leave, of which it is said when they arrived. */
static void
leave_all(struct offlinebed *bed, const char *arrived)
{
	static const char *const ids[] = { "x1", "x2", "x3", "x4", "x5" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		offlineshim_store(bed, USER, ids[i], "a@b/c");
	fake_store_ask(bed->store, arrived);
}

#define LONG_AGO "UPDATE offline_message SET arrived = 1"
#define PARTLY LONG_AGO " WHERE id IN ('x1', 'x2')"

/* It looks at once. */
static void
set_expire(struct offlinebed *bed, unsigned secs)
{
	bed->settings.expire = secs;
	office_reload(bed->offline, &bed->settings);
	uv_run(&bed->hooks->loop, UV_RUN_NOWAIT);
	fake_store_tell(bed->store);
}

static void
removes_what_is_too_old(void **state)
{
	struct offlinebed *bed = *state;

	leave_all(bed, PARTLY);
	set_expire(bed, 3600);
	assert_int_equal(offlinebed_stored(bed, "id IN ('x1', 'x2')"), 0);
	assert_int_equal(offlinebed_stored(bed, "jid = '" USER "'"), 3);
}

static void
keeps_all_for_ever_unless_told(void **state)
{
	struct offlinebed *bed = *state;

	leave_all(bed, LONG_AGO);
	set_expire(bed, 0);
	assert_int_equal(offlinebed_stored(bed, "jid = '" USER "'"), 5);
}

static void
makes_room(void **state)
{
	struct offlinebed *bed = *state;

	leave_all(bed, PARTLY);
	set_expire(bed, 3600);
	for (int i = 0; i < 2; i++)
		assert_null(strstr(offlineshim_store(bed, USER,
				i == 0 ? "y1" : "y2", "a@b/c"), BOUNCED));
	assert_non_null(strstr(offlineshim_store(bed, USER, "y3", "a@b/c"),
			       BOUNCED));
}

/* The second time finds nothing, and nobody knows whose they were. */
static void
makes_room_when_it_is_done_twice(void **state)
{
	struct offlinebed *bed = *state;

	leave_all(bed, PARTLY);
	fake_store_set_repeating(bed->store, true);
	set_expire(bed, 3600);
	fake_store_set_repeating(bed->store, false);
	assert_null(strstr(offlineshim_store(bed, USER, "y1", "a@b/c"),
			   BOUNCED));
}

static void
looks_again_when_there_may_be_more(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_fill(bed, USER, 2500, "a@b");
	set_expire(bed, 3600);
	assert_int_equal(offlinebed_stored(bed, "1"), 0);
}

static void
tries_again_when_it_failed(void **state)
{
	struct offlinebed *bed = *state;

	leave_all(bed, LONG_AGO);
	fake_store_set_full(bed->store, true);
	set_expire(bed, 3600);
	assert_int_equal(offlinebed_stored(bed, "1"), 5);
	fake_store_set_full(bed->store, false);
	set_expire(bed, 3600);
	assert_int_equal(offlinebed_stored(bed, "1"), 0);
}

/* What the database answers then finds nobody. */
static void
ends_while_the_database_is_asked(void **state)
{
	struct offlinebed *bed = *state;

	leave_all(bed, LONG_AGO);
	bed->settings.expire = 3600;
	office_reload(bed->offline, &bed->settings);
	uv_run(&bed->hooks->loop, UV_RUN_NOWAIT);
	office_stop(bed->offline);
	expiry_free(&bed->offline->expiry);
	fake_store_tell(bed->store);
	bed->offline->expiry = expiry_new(bed->offline);
}

static void
does_nothing_once_it_stops(void **state)
{
	struct offlinebed *bed = *state;

	leave_all(bed, LONG_AGO);
	office_stop(bed->offline);
	set_expire(bed, 3600);
	assert_int_equal(offlinebed_stored(bed, "1"), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(removes_what_is_too_old),
		OFFLINEBED_TEST(keeps_all_for_ever_unless_told),
		OFFLINEBED_TEST(makes_room),
		OFFLINEBED_TEST(makes_room_when_it_is_done_twice),
		OFFLINEBED_TEST(looks_again_when_there_may_be_more),
		OFFLINEBED_TEST(tries_again_when_it_failed),
		OFFLINEBED_TEST(ends_while_the_database_is_asked),
		OFFLINEBED_TEST(does_nothing_once_it_stops),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_expiry", tests, NULL,
					   NULL);
}
