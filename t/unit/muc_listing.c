#include "components/muc/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/muc/room.h"
#include "shared/arena.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *jid;
	size_t before, upto;
} places[] = {
	{ "", 0, 0 },
	{ "a@muc.example", 0, 0 },
	{ "b@muc.example", 0, 1 },
	{ "c@muc.example", 1, 1 },
	{ "d@muc.example", 1, 2 },
	{ "f@muc.example", 2, 3 },
	{ "g@muc.example", 3, 3 },
};

static void
finds_where_a_page_begins(void **state)
{
	struct mucbed *bed = *state;
	struct listing *listing = &bed->muc->listing;

	listing_refresh(listing, bed->muc->rooms, 1);
	assert_int_equal(listing_before(listing, "a"), 0);
	mucbed_room(bed, "f@muc.example");
	mucbed_room(bed, "b@muc.example");
	mucbed_room(bed, "d@muc.example");
	mucbed_room(bed, "c@muc.example")->options.publicroom = false;
	mucbed_room(bed, "e@muc.example")->options.persistentroom = true;
	mucbed_room(bed, "a@muc.example")->state = ROOM_LOCKED;
	listing_refresh(listing, bed->muc->rooms, 1);
	assert_int_equal(listing->count, 3);
	assert_string_equal(listing->rooms[1].jid, "d@muc.example");
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		assert_int_equal(listing_before(listing, places[i].jid),
				 places[i].before);
		assert_int_equal(listing_upto(listing, places[i].jid),
				 places[i].upto);
	}
}

static void
make_rooms(struct mucbed *bed, int from, int to)
{
	for (int i = from; i < to; i++)
		mucbed_room(bed, arena_printf(bed->arena, "r%d@muc.example",
					      i));
}

/* However often somebody asks. */
static void
looks_through_many_once_a_second(void **state)
{
	struct mucbed *bed = *state;
	struct listing *listing = &bed->muc->listing;

	make_rooms(bed, 0, LISTING_FEW);
	listing_refresh(listing, bed->muc->rooms, 5000);
	assert_int_equal(listing->count, LISTING_FEW);
	make_rooms(bed, LISTING_FEW, LISTING_FEW + 1);
	listing_refresh(listing, bed->muc->rooms, 5999);
	assert_int_equal(listing->count, LISTING_FEW);
	listing_refresh(listing, bed->muc->rooms, 6000);
	assert_int_equal(listing->count, LISTING_FEW + 1);
}

static void
counts_many_once_a_minute(void **state)
{
	struct listing listing = { 0 };

	(void)state;
	assert_int_equal(listing_stored(&listing), -1);
	assert_true(listing_count(&listing, 1000));
	/* Meanwhile others do without. */
	assert_false(listing_count(&listing, 1000));
	listing_counted(&listing, -1, 1001);
	assert_int_equal(listing_stored(&listing), -1);
	assert_true(listing_count(&listing, 1001));
	listing_counted(&listing, LISTING_FEW, 1002);
	assert_int_equal(listing_stored(&listing), LISTING_FEW);
	/* Few are counted at any time. */
	assert_true(listing_count(&listing, 1002));
	assert_true(listing_count(&listing, 1002));
	listing_counted(&listing, LISTING_FEW + 1, 1003);
	assert_false(listing_count(&listing, 61002));
	assert_true(listing_count(&listing, 61003));
	assert_false(listing_count(&listing, 61003));
	assert_int_equal(listing_stored(&listing), LISTING_FEW + 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(finds_where_a_page_begins),
		TEST(looks_through_many_once_a_second),
		TEST(counts_many_once_a_minute),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_listing", tests, NULL, NULL);
}
