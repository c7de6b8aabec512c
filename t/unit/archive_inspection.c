#include "components/archive/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/audit.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"

#define COMMAND CALLBED_COMMAND
#define LAST "The last has the hash "

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

static void
on_noted(void *ctx, const struct error *err)
{
	bool *done = ctx;

	assert_null(err);
	*done = true;
}

/* By "u1" and so on. */
static void
note(struct callbed *bed, size_t count)
{
	for (size_t i = 1; i <= count; i++) {
		bool done = false;

		audit_note(bed->db->store, &(struct audit_event){
				   arena_printf(bed->arena, "u%zu", i),
				   "search", "{}" },
			   on_noted, &done);
		database_wait(bed->db, &done);
	}
}

/* As somebody may who owns the tables. */
static void
tamper(struct callbed *bed, const char *sql)
{
	if (bed->db->kind == DATABASE_SQLITE) {
		database_do(bed->db, "DROP TRIGGER audit_entry_changed");
		database_do(bed->db, "DROP TRIGGER audit_entry_removed");
	} else {
		database_do(bed->db, "DROP TRIGGER audit_entry_stays ON "
			    "audit_entry");
	}
	database_do(bed->db, sql);
}

static const char *
verify(struct callbed *bed)
{
	return COMMAND(bed, "audit", "what=verify");
}

static void
follows_the_chain_over_pages(void **state)
{
	struct callbed *bed = *state;

	assert_string_equal(verify(bed), "There are no entries.\n");
	note(bed, 501);
	assert_non_null(strstr(verify(bed), "Entries: 501, all as they were "
			       "written.  " LAST));
}

static const struct {
	const char *sql, *said;
} harms[] = {
	{ "UPDATE audit_entry SET who = 'u9' WHERE number = 2",
	  "entry 2 is not what was written" },
	{ "UPDATE audit_entry SET stamp = stamp + 1 WHERE number = 1",
	  "entry 1 is not what was written" },
	{ "UPDATE audit_entry SET detail = '{\"a\":1}' WHERE number = 3",
	  "entry 3 is not what was written" },
	{ "UPDATE audit_entry SET hash = 'x' WHERE number = 2",
	  "entry 2 is not what was written" },
	{ "DELETE FROM audit_entry WHERE number = 2",
	  "entry 2 is missing" },
	{ "DELETE FROM audit_entry WHERE number = 1",
	  "entry 1 is missing" },
};

static void
finds_what_was_changed(void **state)
{
	enum database_kind kind = ((struct callbed *)*state)->db->kind;

	for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++) {
		struct callbed *bed = callbed_new(kind, archive_commands,
						  NULL);

		note(bed, 3);
		tamper(bed, harms[i].sql);
		if (strstr(verify(bed), harms[i].said) == NULL)
			fail_msg("%s: %s", harms[i].sql, verify(bed));
		callbed_free(&bed);
	}
}

/* That alone shows when the last ones are gone, or all were written anew. */
static void
finds_a_hash_that_was_told_before(void **state)
{
	struct callbed *bed = *state;
	const char *said, *given;

	note(bed, 2);
	said = strstr(verify(bed), LAST) + strlen(LAST);
	given = arena_printf(bed->arena, "hash=%.64s", said);
	note(bed, 1);
	assert_non_null(strstr(COMMAND(bed, "audit", "what=verify", given),
			       "Entries: 3, all as they were written."));
	tamper(bed, "DELETE FROM audit_entry WHERE number >= 2");
	assert_non_null(strstr(verify(bed), "Entries: 1, all"));
	assert_non_null(strstr(COMMAND(bed, "audit", "what=verify", given),
			       "some were removed, or written anew"));
}

static void
lists_the_latest_first(void **state)
{
	struct callbed *bed = *state;
	const char *text;

	note(bed, 3);
	text = COMMAND(bed, "audit", "what=list", "limit=3");
	assert_ptr_equal(strstr(text, "4|"), text);
	assert_non_null(strstr(text, "|the operator|audit|"
			       "{\"what\":\"list\",\"limit\":\"3\"}|"));
	assert_non_null(strstr(text, "\n3|"));
	assert_non_null(strstr(text, "|u3|search|{}|"));
	assert_non_null(strstr(text, "\n2|"));
	assert_non_null(strstr(text, "\nThere are more: go on with --before "
			       "2.\n"));
	text = COMMAND(bed, "audit", "what=list", "before=2");
	assert_ptr_equal(strstr(text, "1|"), text);
	assert_non_null(strstr(text, "\n1 entry.\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			follows_the_chain_over_pages, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			finds_what_was_changed, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			finds_a_hash_that_was_told_before, new_bed,
			free_bed),
		cmocka_unit_test_setup_teardown(
			lists_the_latest_first, new_bed, free_bed),
	};

	return archivebed_run("archive_inspection", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
