#include "shared/check.h"

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

#include "shared/component.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/section.h"
#include "t/lib/capture.h"

#define MIGRATION "CREATE TABLE shop_till (id BIGINT PRIMARY KEY, text TEXT);"

struct shop_settings {
	struct component_settings component;
};

static const struct setting settings_table[] = {
	COMPONENT_SETTINGS(shop_settings, "Shop"),
	{ .name = NULL }
};

static const struct component shop = {
	.name = "shop", .stored = true, .settings = settings_table,
	.settings_size = sizeof(struct shop_settings),
};
static const struct component stall = {
	.name = "shop", .settings = settings_table,
	.settings_size = sizeof(struct shop_settings),
};

static struct setting_section sections[SECTION_COUNT];
static char folder[] = "/tmp/annex-check-XXXXXX";
static struct capture said;

static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* With the tests' folder as working directory. */
static int
check(const struct component *component, const char *url, const char *schema)
{
	struct settings *settings;
	struct error err = { 0 };
	char text[300];
	int status;

	snprintf(text, sizeof(text), "shop { domain = a.b secret = s }\n"
		 "store { url = \"%s\" schema = \"%s\" }\n", url, schema);
	write_file("annex.conf", text);
	assert_int_equal(section_load("annex.conf", component, sections,
				      &settings, &err), 0);
	capture_begin(&said);
	status = check_store(component, settings);
	capture_end(&said);
	settings_free(&settings);
	return status;
}

static void
assert_complaint(const char *head, const char *part)
{
	assert_string_equal(said.out, "");
	if (strncmp(said.err, head, strlen(head)) != 0 ||
	    strstr(said.err, part) == NULL)
		fail_msg("wanted %s...%s, got %s", head, part, said.err);
}

/* A check makes nothing. */
static void
counts_migrations(void **state)
{
	(void)state;
	assert_int_equal(check(&shop, "sqlite:annex.sqlite", "schema"), 0);
	assert_string_equal(said.out, "database: ok, 1 migrations to apply\n");
	assert_string_equal(said.err, "");
	assert_int_equal(access("annex.sqlite", F_OK), -1);
}

static void
needs_no_database(void **state)
{
	(void)state;
	assert_int_equal(check(&shop, "none", "schema"), 0);
	assert_string_equal(said.out, "database: ok, 1 migrations to apply\n");
}

static void
leaves_alone_what_has_no_tables(void **state)
{
	(void)state;
	assert_int_equal(check(&stall, "nonsense:", "/nonexistent"), 0);
	assert_string_equal(said.out, "");
	assert_string_equal(said.err, "");
}

static void
refuses_urls_without_sense(void **state)
{
	(void)state;
	assert_int_equal(check(&shop, "nonsense:", "schema"), EXIT_FAILURE);
	assert_complaint("annex.conf:2: store.url: ", "\"sqlite:\"");
}

static void
misses_the_schema(void **state)
{
	(void)state;
	assert_int_equal(check(&shop, "sqlite:annex.sqlite", "/nonexistent"),
			 EXIT_FAILURE);
	assert_complaint("database: ", "/nonexistent/shop");
}

static int
make_folder(void **state)
{
	(void)state;
	log_configure("annex-shop", LOG_LEVEL_ERROR + 1, false);
	section_list(&shop, sections);
	if (mkdtemp(folder) == NULL || chdir(folder) < 0 ||
	    mkdir("schema", 0700) < 0 || mkdir("schema/shop", 0700) < 0)
		return -1;
	write_file("schema/shop/0001-till.sql", MIGRATION);
	return 0;
}

static int
remove_folder(void **state)
{
	static const char *const left[] = {
		"schema/shop/0001-till.sql", "schema/shop", "schema",
		"annex.conf", folder,
	};
	int ret = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++)
		ret |= remove(left[i]);
	return ret;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_migrations),
		cmocka_unit_test(needs_no_database),
		cmocka_unit_test(leaves_alone_what_has_no_tables),
		cmocka_unit_test(refuses_urls_without_sense),
		cmocka_unit_test(misses_the_schema),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
