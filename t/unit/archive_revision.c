#include "components/archive/keep/revision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "components/archive/archive.h"
#include "shared/error.h"
#include "shared/setting.h"
#include "t/lib/tapbed.h"

struct other {
	const char *name;
};

static const struct setting other_settings[] = {
	SETTING(STRING, other, name, "a", "Of others."),
	{ .name = NULL }
};

static const struct setting_section sections[] = {
	{ "archive", archive_settings_table, sizeof(struct archive_settings) },
	{ "archivist", other_settings, sizeof(struct other) },
	{ .name = NULL }
};

static struct settings *
load(const char *text)
{
	static unsigned made;
	char path[300];
	struct settings *settings;
	struct error err = { 0 };
	FILE *file;

	snprintf(path, sizeof(path), "%s/revision%u", database_folder(),
		 ++made);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	if (settings_load(path, sections, &settings, &err) < 0)
		fail_msg("%s", err.text);
	return settings;
}

static void
revise(struct tapbed *bed, const char *was, const char *is)
{
	struct settings *old = load(was), *new = load(is);

	revision_note(bed->archive, old, new);
	settings_free(&old);
	settings_free(&new);
}

#define GIVEN "domain = \"a.example\" secret = "
#define SECRET GIVEN "\"s3same\" "
#define NAMED(users) \
	"compliance \"bank\" { users = { " users " } }"
#define COUNT "SELECT count(*) FROM audit_entry"

static void
notes_what_is_changed(void **state)
{
	struct tapbed *bed = *state;

	revise(bed, "archive { " SECRET NAMED("\"r@example\"") " }",
	       "archive { " GIVEN "\"0ther\" held_for = 1h "
	       "retract = \"keep\" " NAMED("\"j@example\"") " }");
	tapbed_wait(bed, COUNT, 1);
	assert_int_equal(database_ask(bed->db, COUNT " WHERE who = "
		"'configuration' AND action = 'configured' "
		"AND detail LIKE '%{\"setting\":\"archive.held_for\","
		"\"was\":\"0s\",\"is\":\"1h\"}%' "
		"AND detail LIKE '%\"archive.retract\",\"was\":"
		"\"\\\"tombstone\\\"\",\"is\":\"\\\"keep\\\"\","
		"\"restart\":true%' "
		"AND detail LIKE '%archive.compliance \\\"bank\\\".users%"
		"r@example%j@example%' "
		"AND detail LIKE '%archive.secret%' "
		"AND detail NOT LIKE '%s3same%' "
		"AND detail NOT LIKE '%0ther%'"), 1);
}

static void
notes_nothing_else(void **state)
{
	struct tapbed *bed = *state;

	revise(bed, "archive { " SECRET " }", "archive { " SECRET "} "
	       "archivist { name = \"b\" }");
	revise(bed, "archive { " SECRET " }",
	       "archive { " SECRET "held_for = 2h }");
	tapbed_wait(bed, COUNT " WHERE detail LIKE '%held_for%'", 1);
	assert_int_equal(database_ask(bed->db, COUNT), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TAPBED_TEST(notes_what_is_changed),
		TAPBED_TEST(notes_nothing_else),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_revision", tests,
					   tapbed_folder, database_teardown);
}
