#include "shared/tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/component.h"
#include "shared/log.h"
#include "shared/section.h"
#include "shared/setting.h"
#include "t/lib/database.h"

struct shop_settings {
	struct component_settings component;
	bool archive;
};

static const struct setting settings_table[] = {
	COMPONENT_SETTINGS(shop_settings, "Shop"),
	SETTING(BOOL, shop_settings, archive, "no", "Keeps all receipts."),
	{ .name = NULL }
};

static bool
archives(const void *settings)
{
	const struct shop_settings *own = settings;

	return own->archive;
}

static const struct component shop = {
	.name = "shop", .stored = true, .archives = archives,
	.settings = settings_table,
	.settings_size = sizeof(struct shop_settings),
};
static const struct component stall = {
	.name = "shop", .archives = archives, .settings = settings_table,
	.settings_size = sizeof(struct shop_settings),
};

static struct setting_section sections[SECTION_COUNT];

static void
write_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", database_folder(), name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static struct settings *
load(const struct component *component, const char *archive)
{
	struct settings *settings;
	struct error err = { 0 };
	char text[600], path[256];

	snprintf(text, sizeof(text), "shop { domain = a.b secret = s "
		 "archive = %s }\nstore { url = \"sqlite:x\" schema = "
		 "\"%s/schema\" }\n", archive, database_folder());
	write_file("annex.conf", text);
	snprintf(path, sizeof(path), "%s/annex.conf", database_folder());
	if (section_load(path, component, sections, &settings, &err) < 0)
		fail_msg("%s", err.text);
	return settings;
}

static struct {
	bool done;
	unsigned calls, applied;
	char text[240];
} end;

static void
on_end(void *ctx, unsigned applied, const struct error *err)
{
	(void)ctx;
	end.done = true;
	end.calls++;
	end.applied = applied;
	snprintf(end.text, sizeof(end.text), "%s", err ? err->text : "");
}

/* What settings are needed for ends with the call. */
static void
prepare(struct database *db, const struct component *component,
	const char *archive)
{
	struct settings *settings = load(component, archive);
	const struct tables_plan plan = { db->store, component, settings,
					  false };

	memset(&end, 0, sizeof(end));
	assert_true(tables_are_used(component, settings));
	tables_prepare(&plan, on_end, NULL);
	settings_free(&settings);
	database_wait(db, &end.done);
	assert_int_equal(end.calls, 1);
}

static void
brings_its_own_up_to_date(void **state)
{
	struct database *db = *state;

	prepare(db, &shop, "no");
	assert_string_equal(end.text, "");
	assert_int_equal(end.applied, 1);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM shop_till"),
			 0);
	prepare(db, &shop, "yes");
	assert_string_equal(end.text, "");
	assert_int_equal(end.applied, 2);
	assert_int_equal(database_ask(db, "SELECT count(*) FROM "
				      "annex_migration WHERE component = "
				      "'archive'"), 2);
	prepare(db, &shop, "yes");
	assert_int_equal(end.applied, 0);
}

static void
may_use_the_archives_alone(void **state)
{
	struct database *db = *state;
	struct settings *settings = load(&stall, "no");

	assert_false(tables_are_used(&stall, settings));
	settings_free(&settings);
	prepare(db, &stall, "yes");
	assert_int_equal(end.applied, 2);
}

static void
ends_with_the_first_that_fails(void **state)
{
	struct database *db = *state;

	database_do(db, "CREATE TABLE shop_till (id BIGINT)");
	prepare(db, &shop, "yes");
	assert_non_null(strstr(end.text, "0001-till.sql"));
	assert_int_equal(end.applied, 0);
}

static int
make_bed(void **state)
{
	struct database *db = database_new(DATABASE_SQLITE);

	database_open(db);
	*state = db;
	return 0;
}

static int
make_folder(void **state)
{
	static const char *const folders[] = {
		"schema", "schema/shop", "schema/archive",
	};
	char path[256];

	(void)state;
	log_configure("annex-shop", LOG_LEVEL_ERROR + 1, false);
	section_list(&shop, sections);
	if (database_folder_new() < 0)
		return -1;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", database_folder(),
			 folders[i]);
		if (mkdir(path, 0700) < 0)
			return -1;
	}
	write_file("schema/shop/0001-till.sql",
		   "CREATE TABLE shop_till (id BIGINT PRIMARY KEY);");
	write_file("schema/archive/0001-receipts.sql",
		   "CREATE TABLE archive_receipt (id BIGINT);");
	write_file("schema/archive/0002-more.sql",
		   "CREATE TABLE archive_more (id BIGINT);");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_bed, \
						    database_drop)
		TEST(brings_its_own_up_to_date),
		TEST(may_use_the_archives_alone),
		TEST(ends_with_the_first_that_fails),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tables", tests, make_folder,
					   database_teardown);
}
