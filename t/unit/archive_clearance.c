#include "components/archive/retention/clearance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "components/archive/retention/tenure.h"
#include "shared/archive_event.h"
#include "shared/archive_row.h"
#include "shared/clock.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define BOTH (ARCHIVE_SENT | ARCHIVE_RECEIVED)
#define MESSAGES "SELECT count(*) FROM archive_message"
#define TEXT(x) #x
#define NUMBER(x) TEXT(x)
#define EVENTS "SELECT count(*) FROM archive_event"

struct bed {
	struct database *db;
	struct clearance *clearance;
	bool done;
	unsigned found, held;
	size_t kind;	/* of the last one */
	struct error err;
};

static void
on_found(void *ctx, size_t kind, int64_t serial, bool held)
{
	struct bed *bed = ctx;

	assert_true(serial > 0);
	bed->kind = kind;
	bed->found++;
	bed->held += held;
}

static void
on_done(void *ctx, const struct error *err)
{
	struct bed *bed = ctx;

	assert_false(bed->done);
	bed->done = true;
	if (err != NULL)
		bed->err = *err;
}

static void
begin(struct bed *bed, bool dry)
{
	bed->clearance = clearance_new(&(struct clearance_plan){
		.loop = &bed->db->loop, .store = bed->db->store, .dry = dry,
		.found = on_found, .done = on_done, .ctx = bed,
	});
}

static int
new_bed(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->db = archivebed_new(*(const enum database_kind *)*state);
	*state = bed;
	return 0;
}

static int
drop_bed(void **state)
{
	struct bed *bed = *state;

	if (bed->clearance != NULL)
		clearance_free(&bed->clearance);
	database_free(&bed->db);
	free(bed);
	return 0;
}

/* Of r@a's archive all is over but for the last message. */
static struct copies_place
write_some(struct bed *bed)
{
	const struct archive_row rows[] = {
		archivebed_row(0, "u1", "r@a", "j@b", BOTH),
		archivebed_row(CLOCK_SECOND, "u2", "j@b", "r@a",
			       ARCHIVE_RECEIVED),
		archivebed_row(3 * CLOCK_SECOND, "u3", "r@a", "j@b", BOTH),
		archivebed_event(0, "e1", ARCHIVE_EVENT_PRESENCE, "r@a", "r@a"),
	};
	int64_t before = serial_first_of(ARCHIVEBED_NOW + 2 * CLOCK_SECOND);

	archivebed_write(bed->db, rows, ARRAY_LEN(rows));
	return (struct copies_place){
		.owner = database_ask(bed->db, "SELECT id FROM "
				      "archive_address WHERE jid = 'r@a'"),
		.before = { before },
	};
}

static void
clear(struct bed *bed, const struct copies_place *place)
{
	bed->done = false;
	clearance_begin(bed->clearance, place);
	assert_false(bed->done);
	database_wait(bed->db, &bed->done);
	assert_string_equal(bed->err.text, "");
}

static void
takes_out_what_is_over(void **state)
{
	struct bed *bed = *state;
	const struct copies_place place = write_some(bed);

	begin(bed, false);
	clear(bed, &place);
	assert_int_equal(bed->found, 2);
	assert_int_equal(bed->held, 0);
	assert_int_equal(bed->kind, 0);
	/* The other one has the first still. */
	assert_int_equal(clearance_messages(bed->clearance), 1);
	assert_int_equal(clearance_events(bed->clearance), 1);
	assert_int_equal(database_ask(bed->db, MESSAGES), 2);
	assert_int_equal(database_ask(bed->db, EVENTS), 0);
	clear(bed, &place);
	assert_int_equal(bed->found, 2);
	assert_int_equal(clearance_messages(bed->clearance), 1);
}

static void
takes_nothing_out_where_it_is_dry(void **state)
{
	struct bed *bed = *state;
	const struct copies_place place = write_some(bed);

	begin(bed, true);
	clear(bed, &place);
	assert_int_equal(bed->found, 2);
	assert_int_equal(clearance_messages(bed->clearance), 0);
	assert_int_equal(database_ask(bed->db, MESSAGES), 3);
	assert_int_equal(database_ask(bed->db, EVENTS), 1);
}

static void
tells_what_is_held(void **state)
{
	struct bed *bed = *state;
	const struct copies_place place = write_some(bed);

	database_do(bed->db, "INSERT INTO archive_hold VALUES ('m', 'r@a', 0, "
		    "9223372036854775807, 'w', 0, NULL)");
	begin(bed, false);
	clear(bed, &place);
	assert_int_equal(bed->found, 2);
	assert_int_equal(bed->held, 2);
	assert_int_equal(database_ask(bed->db, MESSAGES), 3);
	assert_int_equal(database_ask(bed->db, EVENTS), 1);
}

#define VISITS "SELECT count(*) FROM archive_attendance"
#define STAY 1200

/* More than are looked at in one go, of which those alone are over that are
   before and behind the others. */
static void
looks_at_visits_in_parts(void **state)
{
	struct bed *bed = *state;
	struct archive_row row = archivebed_row(0, "u1", "r@a", "hall@c/1",
						ARCHIVE_RECEIVED);
	struct copies_place place = { .before = {
		[TENURE_GROUPCHAT | TENURE_ENCRYPTED] = serial_first_of(
			ARCHIVEBED_NOW + CLOCK_SECOND),
	} };

	row.type = ARCHIVE_GROUPCHAT;
	archivebed_write(bed->db, &row, 1);
	place.owner = database_ask(bed->db, "SELECT recipient FROM "
				   "archive_message");
	database_do(bed->db, "INSERT INTO archive_attendance (room, first, "
		    "owner, last) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
		    "SELECT i + 1 FROM n WHERE i < " NUMBER(STAY) ") "
		    "SELECT recipient, serial - 1, i, serial + 1 "
		    "FROM archive_message, n");
	database_do(bed->db, "INSERT INTO archive_attendance (room, first, "
		    "owner, last) SELECT recipient, serial - 3, 1, serial - 2 "
		    "FROM archive_message");
	database_do(bed->db, "INSERT INTO archive_attendance (room, first, "
		    "owner, last) SELECT recipient, serial + 2, 1, serial + 3 "
		    "FROM archive_message");
	begin(bed, false);
	clear(bed, &place);
	assert_int_equal(database_ask(bed->db, VISITS), STAY);
	assert_int_equal(database_ask(bed->db, VISITS " WHERE last > first + "
				      "1"), STAY);
	assert_int_equal(database_ask(bed->db, MESSAGES), 1);
}

static void
says_what_the_database_says(void **state)
{
	struct bed *bed = *state;
	const struct copies_place place = write_some(bed);

	database_do(bed->db, "DROP TABLE archive_hold");
	begin(bed, false);
	clearance_begin(bed->clearance, &place);
	database_wait(bed->db, &bed->done);
	assert_int_equal(bed->err.cond, ERROR_INTERNAL_SERVER_ERROR);
}

/* Before the store has answered. */
static void
goes_at_any_time(void **state)
{
	struct bed *bed = *state;
	const struct copies_place place = write_some(bed);

	begin(bed, false);
	clearance_begin(bed->clearance, &place);
	clearance_free(&bed->clearance);
	assert_null(bed->clearance);
	database_ask(bed->db, "SELECT 1");
	assert_false(bed->done);
	assert_int_equal(bed->found, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, drop_bed)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_out_what_is_over),
		TEST(takes_nothing_out_where_it_is_dry),
		TEST(tells_what_is_held),
		TEST(looks_at_visits_in_parts),
		TEST(says_what_the_database_says),
		TEST(goes_at_any_time),
	};

	return archivebed_run("archive_clearance", tests, ARRAY_LEN(tests));
}
