#include "components/archive/archivist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"
#include "t/lib/tapbed.h"

#define LATE_ROUNDS 6000	/* of 10 ms */
#define ALL "SELECT count(*) FROM archive_message"

static void
wants_a_file(void **state)
{
	static const char *const nobody[] = { NULL };
	static const struct setting_titled none[] = { { .title = NULL } };
	struct archive_settings settings = {
		.journal = "", .auditors = nobody, .reviewers = nobody,
		.group = none, .rule = none, .policy = none, .events = none,
		.disclosure = none, .journaling = none, .compliance = none,
		.retention = nobody,
	};
	const char *which = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(archivist_check(&settings, &which, &err), -1);
	assert_string_equal(which, "journal");
	settings.journal = "/tmp/journal";
	assert_int_equal(archivist_check(&settings, &which, &err), 0);
}

static void
wants_auditors_as_they_are_compared(void **state)
{
	static const char *const odd[] = { "a@b", "A@b", NULL };
	struct archive_settings settings = {
		.journal = "/tmp/journal", .auditors = odd,
	};
	const char *which = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(archivist_check(&settings, &which, &err), -1);
	assert_string_equal(which, "auditors");
	assert_string_equal(err.text, "write 'a@b' instead of 'A@b'");
}

static void
wants_rules_that_make_sense(void **state)
{
	static const char *const nobody[] = { NULL };
	static const struct setting_titled none[] = { { .title = NULL } };
	static const char *const rules[] = { "all 1d", "all", NULL };
	const struct archive_settings settings = {
		.journal = "/tmp/journal", .auditors = nobody, .group = none,
		.reviewers = nobody, .events = none, .disclosure = none,
		.journaling = none, .compliance = none, .retention = rules,
	};
	const char *which = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(archivist_check(&settings, &which, &err), -1);
	assert_string_equal(which, "retention");
}

static void
stops_once_what_came_is_acknowledged(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	tapbed_tap(bed, 2, "x2", "two");
	tapbed_tap(bed, 3, "x3", "three");
	tapbed_stop(bed);
	assert_non_null(strstr(tapbed_sent(bed), "seq='3'"));
	tapbed_start(bed);
	tapbed_wait(bed, ALL, 3);
}

/* The router has it still. */
static void
leaves_alone_what_comes_while_it_stops(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	tapbed_tap(bed, 2, "x2", "two");
	archivist_stop(bed->archive);
	tapbed_tap(bed, 3, "x3", "three");
	tapbed_wait_ack(bed, 2);
	while (!bed->archive->closed)
		database_run(bed->db, 10);
	assert_null(strstr(tapbed_sent(bed), "seq='3'"));
	database_close(bed->db, 0);
	archivist_free(bed->archive);
	bed->archive = NULL;
	database_open(bed->db);
}

static void
keeps_what_the_database_does_not_have(void **state)
{
	struct tapbed *bed = *state;

	database_do(bed->db, "CREATE TRIGGER away BEFORE INSERT ON "
		    "archive_message BEGIN SELECT RAISE(ABORT, 'away'); END");
	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	tapbed_stop(bed);
	assert_int_equal(database_ask(bed->db, ALL), 0);
	database_do(bed->db, "DROP TRIGGER away");
	tapbed_start(bed);
	tapbed_wait(bed, ALL, 1);
}

/* It was killed when a hold was removed. */
static void
lets_go_of_texts_that_are_held_no_more(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_tap(bed, 2, "x2", "two");
	tapbed_wait(bed, ALL, 2);
	tapbed_stop(bed);
	database_do(bed->db, "UPDATE archive_message SET flags = 128 "
		    "WHERE uid = 'x1'");
	tapbed_start(bed);
	tapbed_wait(bed, ALL " WHERE body IS NULL AND uid = 'x1'", 1);
	assert_int_equal(database_ask(bed->db, ALL " WHERE body = 'two'"), 1);
}

#define OLDEST "annex_journal_oldest_seconds"

/* Those who ask are there until all else has ended. */
static void
tells_its_metrics_until_the_end(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait(bed, ALL, 1);
	tapbed_tap(bed, 2, "x2", "two");
	archivist_stop(bed->archive);
	assert_int_equal(tapbed_metric(bed, OLDEST), 0);
	while (!bed->archive->closed) {
		database_run(bed->db, 10);
		assert_int_equal(tapbed_metric(bed, OLDEST), 0);
	}
	assert_int_equal(tapbed_metric(bed, "annex_journal_high"), 0);
	database_close(bed->db, 0);
	assert_int_equal(tapbed_metric(bed, OLDEST), 0);
	archivist_free(bed->archive);
	bed->archive = NULL;
	database_open(bed->db);
}

static const char *
missing(struct tapbed *bed)
{
	struct str out = { 0 };
	const char *text;

	archivist_add_missing(bed->archive, &out);
	text = arena_dup(bed->hooks->arena, out.len > 0 ? out.data : "",
			 out.len);
	str_fini(&out);
	return text;
}

static void
says_that_there_is_no_journal(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	assert_string_equal(missing(bed), "");
	tapbed_stop(bed);
	bed->settings.journal = "/nonexistent/journal";
	tapbed_start(bed);
	tapbed_greet(bed, "e2");
	database_run(bed->db, 100);
	assert_string_equal(missing(bed), "the journal is not open, see the "
			    "log\n");
	/* Nor does that hinder its end. */
	tapbed_tap(bed, 1, "x2", "two");
	tapbed_stop(bed);
	assert_string_equal(tapbed_sent(bed), "");
}

static void
says_that_the_disk_of_the_journal_fails(void **state)
{
	struct tapbed *bed = *state;

	tapbed_tap(bed, 1, "x1", "one");
	tapbed_wait_ack(bed, 1);
	tapbed_lock_journal(bed);
	tapbed_tap(bed, 2, "x2", "two");
	for (int i = 0; i < LATE_ROUNDS && *missing(bed) == '\0'; i++)
		database_run(bed->db, 10);
	assert_string_equal(missing(bed), "the journal's disk fails, see the "
			    "log\n");
	assert_int_equal(tapbed_metric(bed, "annex_journal_up"), 0);
	tapbed_unlock(bed);
	tapbed_wait_ack(bed, 2);
	assert_string_equal(missing(bed), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wants_a_file),
		cmocka_unit_test(wants_auditors_as_they_are_compared),
		cmocka_unit_test(wants_rules_that_make_sense),
		TAPBED_TEST(stops_once_what_came_is_acknowledged),
		TAPBED_TEST(leaves_alone_what_comes_while_it_stops),
		TAPBED_TEST(keeps_what_the_database_does_not_have),
		TAPBED_TEST(lets_go_of_texts_that_are_held_no_more),
		TAPBED_TEST(tells_its_metrics_until_the_end),
		TAPBED_TEST(says_that_there_is_no_journal),
		TAPBED_TEST(says_that_the_disk_of_the_journal_fails),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_archivist", tests,
					   tapbed_folder, database_teardown);
}
