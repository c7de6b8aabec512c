#include "shared/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/commands.h"
#include "shared/error.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"

#define MANY 20

static const struct audit_event event = {
	"a@b/c", "search", "{\"text\":\"gr\xc3\xbc\xc3\x9f\"}",
};

static int
new_bed(void **state)
{
	*state = callbed_new(*(const enum database_kind *)*state,
			     archive_commands, NULL);
	return 0;
}

static int
free_bed(void **state)
{
	struct callbed *bed = *state;

	callbed_free(&bed);
	return 0;
}

/* The hashes were made by sha256sum. */
static void
hashes_what_comes_before_as_well(void **state)
{
	struct audit_entry entry = { 1, 1795976662000000, event };
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	assert_string_equal(audit_hash(&entry, "", text),
			    "10fdd5c86b0ab15e4d826fa8876b4e5f"
			    "5623bfdf6fa4695152a2eb1be84a9bee");
	entry.number = 2;
	assert_string_equal(audit_hash(&entry, text, text),
			    "8a15fba225962a966a582022cd3f0b39"
			    "21fa026b9a942871e73e70180a0c3ee7");
}

struct notes {
	size_t count;
	bool done;		/* all of them */
};

static void
on_noted(void *ctx, const struct error *err)
{
	struct notes *notes = ctx;

	if (err != NULL)
		fail_msg("%s", err->text);
	notes->done = ++notes->count == MANY;
}

static void
on_closed(void *ctx, size_t lost)
{
	bool *closed = ctx;

	assert_int_equal(lost, 0);
	*closed = true;
}

/* Both links of a store have what the other adds in between. */
static void
numbers_those_of_two_processes_without_gaps(void **state)
{
	struct callbed *bed = *state;
	struct store_settings settings = bed->db->settings;
	struct notes notes = { 0 };
	bool closed = false;
	struct store *other;
	struct error err;

	assert_int_equal(store_new(&bed->db->loop, &settings, NULL, &other,
				   &err), 0);
	for (size_t i = 0; i < MANY; i++)
		audit_note(i % 2 == 0 ? bed->db->store : other, &event,
			   on_noted, &notes);
	assert_int_equal(notes.count, 0);
	database_wait(bed->db, &notes.done);
	assert_int_equal(database_ask(bed->db, "SELECT max(number) FROM "
				      "audit_entry"), MANY);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "audit_entry"), MANY);
	assert_non_null(strstr(CALLBED_COMMAND(bed, "audit", "what=verify"),
			       "Entries: 20, all as they were written."));
	store_close(&other, 0, on_closed, &closed);
	database_wait(bed->db, &closed);
}

static void
on_refused(void *ctx, const struct error *err)
{
	struct notes *notes = ctx;

	assert_non_null(err);
	notes->done = true;
}

static void
tells_that_it_could_not_be_written(void **state)
{
	struct callbed *bed = *state;
	struct notes notes = { 0 };

	database_do(bed->db, "DROP TABLE audit_entry");
	audit_note(bed->db->store, &event, on_refused, &notes);
	database_wait(bed->db, &notes.done);
}

static void
refused(void *ctx, const struct store_result *result, const struct error *err)
{
	bool *done = ctx;

	assert_null(result);
	assert_non_null(err);
	*done = true;
}

/* What holds against accidents. */
static void
keeps_entries_as_they_are(void **state)
{
	static const char *const statements[] = {
		"UPDATE audit_entry SET who = 'x'",
		"DELETE FROM audit_entry",
		"DELETE FROM audit_entry WHERE number = 20",
		"TRUNCATE audit_entry",
	};
	struct callbed *bed = *state;
	struct notes notes = { 0 };

	for (size_t i = 0; i < MANY; i++)
		audit_note(bed->db->store, &event, on_noted, &notes);
	database_wait(bed->db, &notes.done);
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		bool done = false;

		store_write(bed->db->store, statements[i], NULL, 0, refused,
			    &done);
		database_wait(bed->db, &done);
	}
	if (bed->db->kind == DATABASE_SQLITE)
		database_do(bed->db, "INSERT OR REPLACE INTO audit_entry "
			    "VALUES (1, 2, 'x', 'x', '{}', 'x')");
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "audit_entry WHERE who = 'a@b/c'"),
			 MANY);
}

/* Not even one that looks like two. */
static void
keeps_who_in_one_line(void **state)
{
	static const struct audit_event odd = { "a\nb", "c\td", "{}" };
	struct callbed *bed = *state;
	struct notes notes = { MANY - 1, false };

	audit_note(bed->db->store, &odd, on_noted, &notes);
	database_wait(bed->db, &notes.done);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "audit_entry WHERE who = 'a b' AND "
				      "action = 'c d'"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			hashes_what_comes_before_as_well, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			numbers_those_of_two_processes_without_gaps, new_bed,
			free_bed),
		cmocka_unit_test_setup_teardown(
			tells_that_it_could_not_be_written, new_bed,
			free_bed),
		cmocka_unit_test_setup_teardown(
			keeps_entries_as_they_are, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			keeps_who_in_one_line, new_bed, free_bed),
	};

	return archivebed_run("audit", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
