#include "components/archive/journaling/post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/commands.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"

#define WAITING "SELECT count(*) FROM archive_post"
#define BOTH (ARCHIVE_SENT | ARCHIVE_RECEIVED)

static void
on_done(void *ctx, const struct store_result *result, const struct error *err)
{
	(void)result;
	assert_null(err);
	*(bool *)ctx = true;
}

/* Two messages wait, and the first is set aside. */
static int
new_bed(void **state)
{
	struct callbed *bed = callbed_new(*(const enum database_kind *)*state,
					  archive_commands, NULL);
	const struct archive_row rows[] = {
		archivebed_row(0, "one", "r@a", "j@b", BOTH),
		archivebed_row(1, "two", "r@a", "j@b", BOTH),
	};
	struct store_batch *batch;
	bool done = false;
	int64_t id;

	bed->runtime.domain = "archive.example";
	post_open(bed->db->store, "archive.example", "office", on_done,
		  &done);
	database_wait(bed->db, &done);
	archivebed_write(bed->db, rows, 2);
	id = database_ask(bed->db, "SELECT id FROM archive_journaling");
	batch = store_begin(bed->db->store);
	post_set_aside(batch, id, rows[0].mark.serial, "554 no");
	store_commit(&batch, NULL, NULL);
	*state = bed;
	return 0;
}

static int
free_bed(void **state)
{
	struct callbed *bed = *state;

	callbed_free(&bed);
	return 0;
}

static void
lists_what_was_set_aside(void **state)
{
	struct callbed *bed = *state;
	const char *said = CALLBED_COMMAND(bed, "journal", "what=list");
	char wanted[200];

	snprintf(wanted, sizeof(wanted), "office|%lld|2026-11-29T",
		 (long long)database_ask(bed->db, "SELECT serial FROM "
					 "archive_post_aside"));
	assert_ptr_equal(strstr(said, wanted), said);
	assert_non_null(strstr(said, "|r@a|j@b|"));
	assert_non_null(strstr(said, "|554 no\n"));
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "audit_entry WHERE action = 'journal'"),
			 1);
}

static void
goes_on_behind_what_it_listed(void **state)
{
	struct callbed *bed = *state;
	const char *said;
	bool done = false;
	char after[60];

	post_open(bed->db->store, "archive.example", "vault", on_done, &done);
	database_wait(bed->db, &done);
	database_do(bed->db, "INSERT INTO archive_post_aside SELECT "
		    "(SELECT id FROM archive_journaling WHERE title = "
		    "'vault'), serial, sender, one, other, stamp, reason "
		    "FROM archive_post_aside");
	said = CALLBED_COMMAND(bed, "journal", "what=list", "limit=1");
	assert_non_null(strstr(said, "office|"));
	assert_null(strstr(said, "vault|"));
	snprintf(after, sizeof(after), "after=%lld office",
		 (long long)database_ask(bed->db, "SELECT min(serial) "
					 "FROM archive_post_aside"));
	assert_non_null(strstr(said, "There is more: go on with --after \""));
	assert_non_null(strstr(said, after + strlen("after=")));
	said = CALLBED_COMMAND(bed, "journal", "what=list", "limit=1", after);
	assert_null(strstr(said, "office|"));
	assert_non_null(strstr(said, "vault|"));
	assert_null(strstr(said, "There is more"));
}

static void
has_it_tried_again(void **state)
{
	struct callbed *bed = *state;
	char serial[60];

	assert_string_equal(CALLBED_COMMAND(bed, "journal", "what=retry",
					    "serial=1"),
			    "Messages that are mailed again: 0.\n");
	assert_string_equal(CALLBED_COMMAND(bed, "journal", "what=retry",
					    "serial=x"),
			    "error: serial: x is none\n");
	snprintf(serial, sizeof(serial), "serial=%lld",
		 (long long)database_ask(bed->db, "SELECT serial FROM "
					 "archive_post_aside"));
	assert_string_equal(CALLBED_COMMAND(bed, "journal", "what=retry",
					    serial),
			    "Messages that are mailed again: 1.\n");
	assert_int_equal(database_ask(bed->db, WAITING), 2);
	assert_string_equal(CALLBED_COMMAND(bed, "journal", "what=list"), "");
}

static void
forgets_where_there_is_no_section(void **state)
{
	static const char *const none[] = { NULL };
	struct callbed *bed = *state;

	assert_string_equal(CALLBED_COMMAND(bed, "journal", "what=forget"),
			    "error: title: which section is missing\n");
	CALLBED_COMMAND(bed, "journal", "what=forget", "title=office");
	assert_int_equal(database_ask(bed->db, WAITING), 1);
	post_close_others(bed->db->store, "archive.example", none);
	assert_non_null(strstr(CALLBED_COMMAND(bed, "journal", "what=list"),
			       "There is no section journaling \"office\" "
			       "of archive.example any more, for which 1 "
			       "messages wait."));
	CALLBED_COMMAND(bed, "journal", "what=forget", "title=office");
	assert_int_equal(database_ask(bed->db, WAITING), 0);
	assert_string_equal(CALLBED_COMMAND(bed, "journal", "what=list"), "");
}

/* Of a daemon that has another domain now. */
static void
forgets_where_there_is_no_daemon(void **state)
{
	struct callbed *bed = *state;

	bed->runtime.domain = "other.example";
	assert_string_equal(CALLBED_COMMAND(bed, "journal", "what=list"), "");
	CALLBED_COMMAND(bed, "journal", "what=forget", "title=office",
			"domain=archive.example");
	assert_int_equal(database_ask(bed->db, WAITING), 1);
	database_do(bed->db, "UPDATE archive_journaling SET seen = 1");
	assert_non_null(strstr(CALLBED_COMMAND(bed, "journal", "what=list"),
			       "\"office\" of archive.example any more, for "
			       "which 1 messages wait."));
	CALLBED_COMMAND(bed, "journal", "what=forget", "title=office");
	assert_int_equal(database_ask(bed->db, WAITING), 1);
	CALLBED_COMMAND(bed, "journal", "what=forget", "title=office",
			"domain=archive.example");
	assert_int_equal(database_ask(bed->db, WAITING), 0);
	assert_string_equal(CALLBED_COMMAND(bed, "journal", "what=list"), "");
}

#define BED_TEST(name) \
	cmocka_unit_test_setup_teardown(name, new_bed, free_bed)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(lists_what_was_set_aside),
		BED_TEST(goes_on_behind_what_it_listed),
		BED_TEST(has_it_tried_again),
		BED_TEST(forgets_where_there_is_no_section),
		BED_TEST(forgets_where_there_is_no_daemon),
	};

	return archivebed_run("archive_posting", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
