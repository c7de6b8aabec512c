#include "shared/setting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/str.h"
#include "t/lib/settingbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static void
defaults_apply(void **state)
{
	struct settings *settings = settingbed_load_good("");
	const struct shop *shop = settings_section(settings, "shop");

	(void)state;
	assert_false(shop->open);
	assert_int_equal(shop->seats, 500);
	assert_int_equal(shop->port, 5347);
	assert_int_equal(shop->wait_secs, 90);
	assert_int_equal(shop->room_bytes, 65536);
	assert_string_equal(shop->name, "a \"$b\" \\c");
	assert_string_equal(shop->mode, "text");
	assert_string_equal(shop->key, "none");
	assert_string_equal(shop->staff[0], "ann");
	assert_string_equal(shop->staff[1], "bob@c/d");
	assert_null(shop->staff[2]);
	assert_null(shop->counter[0].title);
	settings_free(&settings);
	assert_null(settings);
	settings_free(&settings);
}

/* What --settings says and what a file holds is the same. */
static void
the_sample_loads(void **state)
{
	struct settings *settings = NULL;
	struct error err = { 0 };
	char text[4096] = "";
	FILE *file = fmemopen(text, sizeof(text) - 1, "w");

	(void)state;
	settings_print(settingbed_sections, file);
	fclose(file);
	assert_non_null(strstr(text, "\t# What it is called, in a sentence of "
			       "help that is so long that it has\n"
			       "\t# to be broken into lines.\n"));
	assert_non_null(strstr(text, "\t# A change needs a restart.\n"
			       "\tname = \"a \\\"\\$b\\\" \\\\c\"\n"));
	assert_non_null(strstr(text, "\t# One of: text json.\n"
			       "\tmode = \"text\"\n"));
	assert_non_null(strstr(text, "\t# From 1 to 65535.\n"
			       "\tport = 5347\n"));
	assert_non_null(strstr(text, "\t# Must be given.\n"
			       "\t#colour = \"\"\n"));
	assert_non_null(strstr(text, "\n\n\t# Where things are sold.\n"
			       "\t#counter \"NAME\" {\n"
			       "\t#\t# What is sold.\n"
			       "\t#\t# Must be given.\n"
			       "\t#\t#goods = \"\"\n"
			       "\t#\n"
			       "\t#\t# How many stand behind it.\n"
			       "\t#\tclerks = 1\n"));
	assert_non_null(strstr(text, "\t#\thands = {ann}\n\t#}\n}\n"));

	settingbed_write("sample.conf", text);
	assert_int_equal(settings_load(settingbed_path("sample.conf"),
				       settingbed_sections, &settings,
				       &err), -1);
	*strstr(text, "#colour") = ' ';
	settingbed_write("sample.conf", text);
	assert_int_equal(settings_load(settingbed_path("sample.conf"),
				       settingbed_sections, &settings,
				       &err), 0);
	settings_free(&settings);

	*strstr(text, "door {") = '\0';
	settings = settingbed_load_good(text);
	defaults_apply(NULL);
	assert_string_equal(((const struct shop *)
			     settings_section(settings, "shop"))->name,
			    "a \"$b\" \\c");
	settings_free(&settings);
}

/* Behind the folder: the file that gave it last, its line, or just where it
   could have been given. */
static const struct {
	const char *name, *where;
} wheres[] = {
	{ "seats", "/good.conf:3" },
	{ "staff", "/good.conf:5" },
	{ "port", "/annex.conf:3" },
	{ "key", "/annex.conf:2" },
	{ "open", "/annex.conf" },
	{ "mode", "/annex.conf:3" },
	{ "counter", "/annex.conf" },
};

static void
each_is_known_to_be_somewhere(void **state)
{
	const char *folder = settingbed_folder();
	struct settings *settings;

	(void)state;
	settingbed_write("good.conf", "shop {\nport = 4\nseats = 1\n"
				"staff = { x,\n y }\n}\n");
	settings = settingbed_load_good(
		"include(\"good.conf\")\n"
		"shop { key = a key = b\nport = 5 mode = text "
		"counter \"x\" { goods = y } }");
	for (size_t i = 0; i < ARRAY_LEN(wheres); i++) {
		const char *where = settings_where(settings, "shop",
						   wheres[i].name);

		assert_memory_equal(where, folder, strlen(folder));
		assert_string_equal(where + strlen(folder), wheres[i].where);
	}
	settings_free(&settings);
}

static void
note_change(void *ctx, const char *section, const struct setting *setting,
	    const char *was, const char *is)
{
	str_addf(ctx, "%s.%s%s: %s -> %s\n", section, setting->name,
		 setting->restart ? "!" : "", was, is);
}

static void
changes_are_told(void **state)
{
	struct settings *was = settingbed_load_good(
		"shop { wait_secs = 60 key = a }");
	struct settings *is = settingbed_load_good(
		"shop { open = yes seats = 501 wait_secs = 7205 "
		"room_bytes = 1M name = \"n\\\"$\" mode = json key = b "
		"staff = {x,\"y z\"} }");
	struct settings *same = settingbed_load_good(
		"shop { wait_secs = 1m key = a }");
	struct str text = { 0 };

	(void)state;
	settings_compare(was, is, note_change, &text);
	assert_string_equal(text.data,
		"shop.open: no -> yes\n"
		"shop.seats: 500 -> 501\n"
		"shop.wait_secs: 1m -> 7205s\n"
		"shop.room_bytes: 64K -> 1M\n"
		"shop.name!: \"a \\\"\\$b\\\" \\\\c\" -> \"n\\\"\\$\"\n"
		"shop.mode: \"text\" -> \"json\"\n"
		"shop.key: (secret) -> (secret)\n"
		"shop.staff: { \"ann\", \"bob@c/d\" } -> { \"x\", \"y z\" }\n");
	str_clear(&text);
	settings_compare(was, same, note_change, &text);
	assert_int_equal(text.len, 0);
	str_fini(&text);
	settings_free(&was);
	settings_free(&is);
	settings_free(&same);
}

#define COUNTERS(text) settingbed_load_good("shop {" text "}")

static void
changes_of_what_is_titled_are_told(void **state)
{
	struct settings *was = COUNTERS("counter a { goods = x till = y } "
					"counter b { goods = x }");
	struct settings *is = COUNTERS("counter b { goods = x } counter a { "
				       "goods = z clerks = 2 till = z "
				       "hands = {} }");
	struct settings *fewer = COUNTERS("counter a { goods = x till = y }");
	struct str text = { 0 };

	(void)state;
	settings_compare(was, is, note_change, &text);
	assert_string_equal(text.data,
		"shop.counter: { \"a\", \"b\" } -> { \"b\", \"a\" }\n"
		"shop.counter \"a\".goods: \"x\" -> \"z\"\n"
		"shop.counter \"a\".clerks: 1 -> 2\n"
		"shop.counter \"a\".till: (secret) -> (secret)\n"
		"shop.counter \"a\".hands: { \"ann\" } -> {}\n");
	str_clear(&text);
	settings_compare(was, fewer, note_change, &text);
	assert_string_equal(text.data, "shop.counter: { \"a\", \"b\" } -> "
			    "{ \"a\" }\n");
	str_fini(&text);
	settings_free(&was);
	settings_free(&is);
	settings_free(&fewer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_apply),
		cmocka_unit_test(the_sample_loads),
		cmocka_unit_test(each_is_known_to_be_somewhere),
		cmocka_unit_test(changes_are_told),
		cmocka_unit_test(changes_of_what_is_titled_are_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("setting", tests, settingbed_setup,
					   settingbed_teardown);
}
