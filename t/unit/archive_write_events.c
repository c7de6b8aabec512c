#include "shared/archive_write-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shared/archive_event.h"
#include "shared/archive_write.h"
#include "shared/clock.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define DAY (24 * 3600LL * CLOCK_SECOND)
#define COUNT "SELECT count(*) FROM archive_event e "
#define ID(jid) "(SELECT id FROM archive_address WHERE jid = '" jid "')"

static int
new_db(void **state)
{
	enum database_kind kind = *(const enum database_kind *)*state;

	*state = archivebed_new(kind);
	return 0;
}

/* The nth microsecond's. */
static struct archive_row
kick(int n, const char *uid)
{
	const int64_t now = ARCHIVEBED_NOW + n;
	const struct archive_event event = {
		.mark = { .serial = serial_first_of(now) + 1, .stamp = now,
			  .uid = uid },
		.kind = ARCHIVE_EVENT_KICK, .sender = "ann@a",
		.resource = "orchard", .recipient = "r@m/7",
		.about = "bob@a", .detail = "{}",
	};

	return archive_event_row(&event);
}

static void
keeps_all_of_an_event(void **state)
{
	struct archive_row row = kick(0, "u1");

	archivebed_write(*state, &row, 1);
	assert_int_equal(database_ask(*state, COUNT "WHERE uid = 'u1' AND "
		"serial = 459770025472000001 AND stamp IS NULL AND kind = 3 "
		"AND sender = " ID("ann@a") " AND resource = 'orchard' "
		"AND recipient = " ID("r@m/7") " AND about = " ID("bob@a")
		" AND detail = '{}'"), 1);
	assert_int_equal(database_ask(*state, "SELECT count(*) FROM "
				      "archive_message"), 0);
}

static void
stores_nothing_of_what_is_not_there(void **state)
{
	struct archive_row row = kick(0, "u1");

	row.resource = "";
	row.id = row.body = NULL;
	row.mark.stamp -= 10 * CLOCK_SECOND;
	archivebed_write(*state, &row, 1);
	assert_int_equal(database_ask(*state, COUNT "WHERE resource IS NULL "
		"AND about IS NULL AND detail IS NULL "
		"AND stamp = 1795976652000000"), 1);
}

static void
stores_once_what_comes_twice(void **state)
{
	struct archive_row rows[] = { kick(0, "u1"), kick(1, "u1") };
	struct archive_row again = kick(2, "u1"), other = kick(3, "u2");

	archivebed_write(*state, rows, 2);
	archivebed_write(*state, &again, 1);
	archivebed_write(*state, &other, 1);
	assert_int_equal(database_ask(*state, COUNT), 2);
	assert_int_equal(database_ask(*state, "SELECT serial FROM "
				      "archive_event WHERE uid = 'u1'"),
			 459770025472000001);
}

/* It is no reason to refuse what comes with it, even where it is found: by
   another clock it came too long ago to be looked for. */
static void
lets_be_what_comes_again_late(void **state)
{
	struct archive_row row = kick(0, "u1");
	struct archive_row rows[] = {
		kick(1, "u1"),
		archivebed_row(2, "m1", "ann@a", "bob@a", ARCHIVE_SENT),
	};

	archivebed_write(*state, &row, 1);
	rows[0].mark.stamp += 40 * DAY;
	rows[0].mark.serial = serial_first_of(rows[0].mark.stamp) + 1;
	archivebed_write(*state, rows, 2);
	assert_int_equal(database_ask(*state, "SELECT count(*) FROM "
				      "archive_message"), 1);
	assert_int_equal(database_ask(*state, COUNT "WHERE serial = "
				      "459770025472000001"), 1);
}

/* In one batch, with addresses that nobody knows, and one that is known. */
static void
goes_with_messages(void **state)
{
	struct archive_row rows[] = {
		archivebed_row(0, "m1", "ann@a", "new@a", ARCHIVE_SENT),
		kick(1, "e1"),
		archivebed_row(2, "m2", "bob@a", "ann@a", ARCHIVE_SENT),
	};

	archivebed_write(*state, rows, 3);
	assert_int_equal(database_ask(*state, COUNT), 1);
	assert_int_equal(database_ask(*state, COUNT "JOIN archive_message m "
		"ON m.sender = e.about AND m.recipient = e.sender"), 1);
	assert_int_equal(database_ask(*state, "SELECT count(*) FROM "
				      "archive_address"), 4);
}

/* Whoever begins anew goes on behind events as well. */
static void
notes_what_its_writer_stored_last(void **state)
{
	struct archive_row row = kick(5, "u1");

	database_do(*state, "INSERT INTO archive_writer (number, name) "
		    "VALUES (1, 'w')");
	archivebed_write(*state, &row, 1);
	assert_int_equal(database_ask(*state, "SELECT last FROM "
				      "archive_writer"), row.mark.serial);
}

static void
makes_the_months_it_needs(void **state)
{
	struct archive_row row = kick(0, "u1");
	const struct database *db = *state;

	archivebed_write(*state, &row, 1);
	if (db->kind != DATABASE_POSTGRES)
		return;
	assert_int_equal(database_ask(*state, "SELECT count(*) FROM "
		"pg_inherits WHERE inhparent = 'archive_event'::regclass"),
		3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_db, database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(keeps_all_of_an_event),
		TEST(stores_nothing_of_what_is_not_there),
		TEST(stores_once_what_comes_twice),
		TEST(lets_be_what_comes_again_late),
		TEST(goes_with_messages),
		TEST(notes_what_its_writer_stored_last),
		TEST(makes_the_months_it_needs),
	};

	return archivebed_run("archive_write_events", tests,
			      ARRAY_LEN(tests));
}
