#include "components/ctl/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct bed {
	char top[32];
	char path[64];
	struct folder *folder;
};

static int
new_bed(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	snprintf(bed->top, sizeof(bed->top), "/tmp/annex-XXXXXX");
	assert_non_null(mkdtemp(bed->top));
	snprintf(bed->path, sizeof(bed->path), "%s/new", bed->top);
	bed->folder = folder_new(bed->path);
	assert_non_null(bed->folder);
	*state = bed;
	return 0;
}

static int
free_bed(void **state)
{
	struct bed *bed = *state;
	char command[64];

	folder_free(&bed->folder);
	assert_null(bed->folder);
	snprintf(command, sizeof(command), "rm -rf %s", bed->top);
	assert_int_equal(system(command), 0);
	free(bed);
	return 0;
}

static void
assert_holds(struct bed *bed, const char *name, const char *wanted)
{
	char path[128], text[64];
	struct stat info;
	FILE *in;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", bed->path, name);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	in = fopen(path, "re");
	assert_non_null(in);
	len = fread(text, 1, sizeof(text) - 1, in);
	text[len] = '\0';
	fclose(in);
	assert_string_equal(text, wanted);
}

static void
adds_to_files_by_turns(void **state)
{
	struct bed *bed = *state;
	struct stat info;

	assert_true(folder_add(bed->folder, "a.txt", "one "));
	assert_true(folder_add(bed->folder, "SUMS", ""));
	assert_true(folder_add(bed->folder, "a.txt", "two"));
	assert_true(folder_add(bed->folder, "2026-11-30/1.eml", "x"));
	assert_true(folder_add(bed->folder, "2026-11-30/2.eml", "y"));
	assert_true(folder_sync(bed->folder));
	assert_holds(bed, "a.txt", "one two");
	assert_holds(bed, "SUMS", "");
	assert_holds(bed, "2026-11-30/1.eml", "x");
	assert_holds(bed, "2026-11-30/2.eml", "y");
	assert_int_equal(stat(bed->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
}

static void
is_not_one_that_is_there(void **state)
{
	struct bed *bed = *state;

	assert_null(folder_new(bed->path));
	assert_null(folder_new("/nowhere/at/all"));
}

static const char *const bad[] = {
	"", "/etc/passwd", "../x", "a/../../x", "a/..", ".", "a//b", "a/",
	".profile", "a/.b", "a b", "a\nb", "a\033[1m", "\xc3\xbc",
};

static void
takes_no_name_that_leads_elsewhere(void **state)
{
	struct bed *bed = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (folder_add(bed->folder, bad[i], "x"))
			fail_msg("'%s' was taken", bad[i]);
	assert_true(folder_add(bed->folder, "a..b", "x"));
}

/* Somebody else may have put it there meanwhile. */
static void
follows_no_link(void **state)
{
	struct bed *bed = *state;
	char link[128], target[128];

	snprintf(link, sizeof(link), "%s/a", bed->path);
	snprintf(target, sizeof(target), "%s/target", bed->top);
	assert_int_equal(symlink(target, link), 0);
	assert_false(folder_add(bed->folder, "a", "x"));
	assert_int_equal(access(target, F_OK), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			adds_to_files_by_turns, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			is_not_one_that_is_there, new_bed, free_bed),
		cmocka_unit_test_setup_teardown(
			takes_no_name_that_leads_elsewhere, new_bed,
			free_bed),
		cmocka_unit_test_setup_teardown(
			follows_no_link, new_bed, free_bed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ctl_folder", tests, NULL, NULL);
}
