#include "shared/migrate_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/str.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NAMES_MAX 6

static char folder[64];

static const char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
put(const char *name, const char *text, size_t len)
{
	FILE *out = fopen(path_of(name), "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	fclose(out);
}

/* What is in a folder, and what is found there for each dialect: names with
   a space behind each, or why it is refused, behind the folder's name. */
static const struct {
	const char *names[NAMES_MAX];
	const char *sqlite, *postgresql;
} cases[] = {
	{ { "0001-a.sql" }, "0001-a ", "0001-a " },
	{ { "0003-c.sql", "0001-a.sql", "0002-b.sql" },
	  "0001-a 0002-b 0003-c ", "0001-a 0002-b 0003-c " },
	{ { "0001-a.sql", "0002-b.pg.sql", "0002-b.sqlite.sql" },
	  "0001-a 0002-b ", "0001-a 0002-b " },
	{ { "0001-a.pg.sql", "0001-b.sqlite.sql" }, "0001-b ", "0001-a " },
	{ { "0001-A_9-.sql", ".0002-b.sql", "README", "0002-b.sql~",
	    "0002-b.SQL", "sql" }, "0001-A_9- ", "0001-A_9- " },

	{ { NULL }, " holds no migrations", " holds no migrations" },
	{ { "README" }, " holds no migrations", " holds no migrations" },
	{ { "0001-a.pg.sql" }, " holds no migrations", "0001-a " },
	{ { "0000-a.sql" }, " lacks migration 0001 for sqlite",
	  " lacks migration 0001 for postgresql" },
	{ { "0002-a.sql" }, " lacks migration 0001 for sqlite",
	  " lacks migration 0001 for postgresql" },
	{ { "0001-a.sql", "0003-c.sql" },
	  " lacks migration 0002 for sqlite",
	  " lacks migration 0002 for postgresql" },
	{ { "0001-a.sql", "0002-b.pg.sql" }, "0001-a ",
	  "0001-a 0002-b " },
	{ { "0001-a.sql", "0002-b.pg.sql", "0003-c.sql" },
	  " lacks migration 0002 for sqlite", "0001-a 0002-b 0003-c " },
	{ { "0001-a.sql", "0001-b.sql" }, " has two migrations 0001",
	  " has two migrations 0001" },
	{ { "0001-a.sql", "0001-a.pg.sql" }, "0001-a ",
	  " has two migrations 0001" },
	{ { "0001-a.sql", "0002-b.sql", "0002-c.sql", "0003-d.sql" },
	  " has two migrations 0002", " has two migrations 0002" },

	{ { "0001-a.sql", "a.sql" }, "/a.sql is not named NNNN-what.sql",
	  "/a.sql is not named NNNN-what.sql" },
	{ { "0001.sql" }, "/0001.sql is not named NNNN-what.sql",
	  "/0001.sql is not named NNNN-what.sql" },
	{ { "001-a.sql" }, "/001-a.sql is not named NNNN-what.sql",
	  "/001-a.sql is not named NNNN-what.sql" },
	{ { "00001-a.sql" }, "/00001-a.sql is not named NNNN-what.sql",
	  "/00001-a.sql is not named NNNN-what.sql" },
	{ { "0001-.sql" }, "/0001-.sql is not named NNNN-what.sql",
	  "/0001-.sql is not named NNNN-what.sql" },
	{ { "0001_a.sql" }, "/0001_a.sql is not named NNNN-what.sql",
	  "/0001_a.sql is not named NNNN-what.sql" },
	{ { "0001-a'b.sql" }, "/0001-a'b.sql is not named NNNN-what.sql",
	  "/0001-a'b.sql is not named NNNN-what.sql" },
	{ { "-001-a.sql" }, "/-001-a.sql is not named NNNN-what.sql",
	  "/-001-a.sql is not named NNNN-what.sql" },
	{ { "0001-a.my.sql" },
	  "/0001-a.my.sql is neither .pg.sql nor .sqlite.sql",
	  "/0001-a.my.sql is neither .pg.sql nor .sqlite.sql" },
	{ { "0001-a.pg.sql.sql" },
	  "/0001-a.pg.sql.sql is neither .pg.sql nor .sqlite.sql",
	  "/0001-a.pg.sql.sql is neither .pg.sql nor .sqlite.sql" },
};

static void
assert_found(const char *dialect, const char *expected)
{
	bool refused = strchr(" /", *expected) != NULL;
	struct migrate_files files = { 0 };
	struct error err = { 0 };
	struct str names = { 0 };
	int ret = migrate_files_scan(&files, folder, dialect, &err);

	assert_int_equal(ret, refused ? -1 : 0);
	if (refused) {
		assert_int_equal(err.cond, ERROR_INTERNAL_SERVER_ERROR);
		assert_memory_equal(err.text, folder, strlen(folder));
		assert_string_equal(err.text + strlen(folder), expected);
		migrate_files_fini(&files);
		return;
	}
	for (size_t i = 0; i < files.count; i++) {
		const char *path = path_of(files.list[i].name);

		assert_int_equal(files.list[i].number, i + 1);
		assert_memory_equal(files.list[i].path, path, strlen(path));
		str_addf(&names, "%s ", files.list[i].name);
	}
	assert_string_equal(names.data, expected);
	str_fini(&names);
	migrate_files_fini(&files);
	assert_int_equal(files.count, 0);
	migrate_files_fini(&files);
}

static void
finds_those_of_a_dialect(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = 0;

		for (; n < NAMES_MAX && cases[i].names[n] != NULL; n++)
			put(cases[i].names[n], "", 0);
		assert_found("sqlite", cases[i].sqlite);
		assert_found("postgresql", cases[i].postgresql);
		while (n > 0)
			assert_int_equal(unlink(path_of(cases[i].names[--n])),
					 0);
	}
}

static void
a_folder_must_be_there(void **state)
{
	struct migrate_files files = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(migrate_files_scan(&files, "/nonexistent/schema",
					    "sqlite", &err), -1);
	assert_string_equal(err.text, "/nonexistent/schema: "
			    "No such file or directory");
	assert_int_equal(files.count, 0);
}

/* As many as fill several buffers, and one byte about their edges. */
static void
reads_texts_of_any_length(void **state)
{
	static const size_t sizes[] = {
		0, 1, 4094, 4095, 4096, 4097, 8190, 8191, 100000
	};
	struct migrate_file file = { .number = 1 };
	struct error err = { 0 };
	char *text = malloc(100001), *got;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		for (size_t n = 0; n < sizes[i]; n++)
			text[n] = (char)('a' + n % 26);
		text[sizes[i]] = '\0';
		put("0001-a.sql", text, sizes[i]);
		file.path = (char *)path_of("0001-a.sql");
		assert_int_equal(migrate_file_read(&file, &got, &err), 0);
		assert_string_equal(got, text);
		free(got);
	}
	free(text);
	assert_int_equal(unlink(path_of("0001-a.sql")), 0);
}

static void
reads_nothing_but_text(void **state)
{
	struct migrate_file file = { .number = 1, .path = folder };
	struct error err = { 0 };
	char *got = NULL;

	(void)state;
	assert_int_equal(migrate_file_read(&file, &got, &err), -1);
	assert_non_null(strstr(err.text, " cannot be read as text"));

	put("0001-a.sql", "SELECT 1;\0DROP", 14);
	file.path = (char *)path_of("0001-a.sql");
	assert_int_equal(migrate_file_read(&file, &got, &err), -1);
	assert_non_null(strstr(err.text, " cannot be read as text"));
	assert_int_equal(unlink(file.path), 0);

	assert_int_equal(migrate_file_read(&file, &got, &err), -1);
	assert_non_null(strstr(err.text, "/0001-a.sql: No such file"));
	assert_null(got);
}

static int
make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/annex-files-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_those_of_a_dialect),
		cmocka_unit_test(a_folder_must_be_there),
		cmocka_unit_test(reads_texts_of_any_length),
		cmocka_unit_test(reads_nothing_but_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("migrate_files", tests,
					   make_folder, remove_folder);
}
