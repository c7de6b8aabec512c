#include "shared/setting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/str.h"
#include "t/lib/settingbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* reason is what follows the folder. */
static void
assert_refused(const char *text, const char *reason)
{
	const char *folder = settingbed_folder();
	struct settings *settings = NULL;
	struct error err = { 0 };
	int ret = settingbed_load(text, &settings, &err);

	assert_int_equal(ret, -1);
	assert_null(settings);
	assert_memory_equal(err.text, folder, strlen(folder));
	assert_string_equal(err.text + strlen(folder), reason);
}

static void
values_are_read(void **state)
{
	struct settings *settings = settingbed_load_good(
		"# comment\nshop {\n open = On /* yes */\n seats=4294967295\n"
		" port = 65535 wait_secs = 7d room_bytes = 3G\n"
		" name = 'x y' mode = json key = \"k\"\n"
		" staff = { a, # b\n \"c d\" }\n staff += {e}\n}\n");
	const struct shop *shop = settings_section(settings, "shop");

	(void)state;
	assert_true(shop->open);
	assert_int_equal(shop->seats, 4294967295U);
	assert_int_equal(shop->port, 65535);
	assert_int_equal(shop->wait_secs, 604800);
	assert_int_equal(shop->room_bytes, 3221225472U);
	assert_string_equal(shop->name, "x y");
	assert_string_equal(shop->mode, "json");
	assert_string_equal(shop->key, "k");
	assert_string_equal(shop->staff[0], "a");
	assert_string_equal(shop->staff[1], "c d");
	assert_string_equal(shop->staff[2], "e");
	assert_null(shop->staff[3]);
	settings_free(&settings);
}

static void
titled_sections_are_read(void **state)
{
	struct settings *settings = settingbed_load_good(
		"shop {\n counter \"front {\" { goods = a clerks = 3 }\n"
		" seats = 7\n counter back {\n hands = { x, y } # z\n"
		" till = b goods = \"}\" hands += {z} } }\n"
		"shop { counter 'third' { goods = c\n goods = d } }");
	const struct shop *shop = settings_section(settings, "shop");
	const struct counter *counter = shop->counter[0].values;

	(void)state;
	assert_int_equal(shop->seats, 7);
	assert_string_equal(shop->counter[0].title, "front {");
	assert_string_equal(counter->goods, "a");
	assert_int_equal(counter->clerks, 3);
	assert_string_equal(counter->till, "none");
	assert_string_equal(counter->hands[0], "ann");
	assert_string_equal(shop->counter[1].title, "back");
	counter = shop->counter[1].values;
	assert_string_equal(counter->goods, "}");
	assert_int_equal(counter->clerks, 1);
	assert_string_equal(counter->till, "b");
	assert_string_equal(counter->hands[0], "x");
	assert_string_equal(counter->hands[2], "z");
	assert_null(counter->hands[3]);
	counter = shop->counter[2].values;
	assert_string_equal(shop->counter[2].title, "third");
	assert_string_equal(counter->goods, "d");
	assert_null(shop->counter[3].title);
	settings_free(&settings);
}

static void
later_values_win(void **state)
{
	struct settings *settings = settingbed_load_good(
		"shop { seats = 1 staff = {a} name = b }\n"
		"shop { seats = 2 staff = {} }\n");
	const struct shop *shop = settings_section(settings, "shop");

	(void)state;
	assert_int_equal(shop->seats, 2);
	assert_string_equal(shop->name, "b");
	assert_null(shop->staff[0]);
	settings_free(&settings);
}

static const struct {
	const char *text;
	const char *reason;
} refused[] = {
	{ "shop {\n seats = -1 }", "/annex.conf:2: shop.seats: "
	  "'-1' is not a number" },
	{ "shop { port = 65536 }", "/annex.conf:1: shop.port: "
	  "must be from 1 to 65535" },
	{ "shop { name = \"\xfc\" }", "/annex.conf:1: shop.name: "
	  "it is not UTF-8" },
	{ "shop {\n staff = { a, \"b\\xfc\" } }", "/annex.conf:2: "
	  "shop.staff: it is not UTF-8" },
	{ "shop { counter \"\xfc\" { goods = a } }", "/annex.conf:1: the "
	  "title of a section 'counter' is not UTF-8" },
	{ "shop { mode = xml }", "/annex.conf:1: shop.mode: "
	  "'xml' is not one of: text json" },

	/* The line is right behind comments of each kind. */
	{ "# a\n// b\n/* c\n d */\nshop {\n # e\n chairs = 1\n}",
	  "/annex.conf:7: no such option 'chairs'" },
	{ "shop {}\n\nshoq {}", "/annex.conf:3: no such option 'shoq'" },
	{ "seats = 1", "/annex.conf:1: no such option 'seats'" },
	{ "shop|seats = 1", "/annex.conf:1: no such option 'seats'" },
	{ "shop = 1", "/annex.conf:1: missing opening brace for section "
	  "'shop'" },
	{ "shop { shop { seats = 1 } }",
	  "/annex.conf:1: no such option 'shop'" },
	{ "shop {\n include(\"x\") }",
	  "/annex.conf:2: no such option 'include'" },
	{ "shop { seats 1 }", "/annex.conf:1: missing equal sign after option "
	  "'seats'" },
	{ "shop { seats = {1} }", "/annex.conf:1: unexpected token '{'" },
	{ "shop { seats += 1 }", "/annex.conf:1: attempt to append to "
	  "non-list option 'seats'" },
	{ "shop { seats =", "/annex.conf:1: this section has no closing "
	  "brace" },
	{ "shop {} shop", "/annex.conf:1: premature end of file" },
	{ "shop { name = \"\n", "/annex.conf:1: this text has no closing "
	  "quote" },
	{ "shop { } }", "/annex.conf:1: unexpected closing brace" },
	{ "shop {\n key = \"${ANNEX_T_UNSET}\" }", "/annex.conf:2: the "
	  "environment has no variable ANNEX_T_UNSET" },
};

static const struct {
	const char *text;
	const char *reason;
} titled_refused[] = {
	{ "shop {\n counter {} }", "/annex.conf:2: missing title for section "
	  "'counter'" },
	{ "shop {\n counter \"\" { goods = a } }", "/annex.conf:2: a section "
	  "'counter' needs a title" },
	{ "shop { counter a { } }", "/annex.conf: shop.counter \"a\".goods "
	  "must be given" },
	{ "shop { counter a { goods = a }\ncounter a {} }",
	  "/annex.conf:2: found duplicate title 'a'" },
	{ "shop { counter a {\n clerks = x } }", "/annex.conf:2: "
	  "counter \"a\".clerks: 'x' is not a number" },
	{ "shop { counter a {\n seats = 1 } }", "/annex.conf:2: no such "
	  "option 'seats'" },
	{ "counter a { goods = a }", "/annex.conf:1: no such option "
	  "'counter'" },
	{ "shop { counter a { goods = a }\ncounter|goods = b }",
	  "/annex.conf:2: no such option 'goods'" },
	{ "shop { counter a { goods = a }", "/annex.conf:1: this section has "
	  "no closing brace" },
};

static void
faults_of_titled_sections_have_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(titled_refused); i++)
		assert_refused(titled_refused[i].text,
			       titled_refused[i].reason);
}

static void
there_are_only_so_many_titles(void **state)
{
	struct str text = { 0 };

	(void)state;
	str_addz(&text, "shop {\n");
	for (int i = 0; i <= 1000; i++)
		str_addf(&text, "counter c%d { goods = a }\n", i);
	str_addz(&text, "}");
	assert_refused(text.data, "/annex.conf:1002: more than 1000 sections "
		       "'counter'");
	str_fini(&text);
}

static void
faults_have_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		assert_refused(refused[i].text, refused[i].reason);
}

/* A failed load must not spoil the next one: SIGHUP after a typing error. */
static void
the_next_load_works(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct settings *settings = NULL;
		struct error err = { 0 };

		assert_int_equal(settingbed_load(refused[i].text, &settings,
						 &err), -1);
		settings = settingbed_load_good("shop { seats = 3 }");
		settings_free(&settings);
	}
}

static void
what_must_be_given(void **state)
{
	const char *folder = settingbed_folder();
	struct settings *settings = NULL;
	struct error err = { 0 };
	const struct door *door;

	(void)state;
	settingbed_write("annex.conf", "shop {}\n");
	assert_int_equal(settings_load(settingbed_path("annex.conf"),
				       settingbed_sections, &settings,
				       &err), -1);
	assert_string_equal(err.text + strlen(folder),
			    "/annex.conf: door.colour must be given");

	settingbed_write("annex.conf", "door { colour = \"\" }\n");
	assert_int_equal(settings_load(settingbed_path("annex.conf"),
				       settingbed_sections, &settings,
				       &err), 0);
	door = settings_section(settings, "door");
	assert_string_equal(door->colour, "");
	settings_free(&settings);
}

static void
missing_file_is_named(void **state)
{
	struct settings *settings = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(settings_load("/nonexistent/a.conf",
				       settingbed_shop_only, &settings, &err),
			 -1);
	assert_string_equal(err.text,
			    "/nonexistent/a.conf: No such file or directory");
}

static void
includes_are_relative_to_their_file(void **state)
{
	struct settings *settings;
	const struct shop *shop;

	(void)state;
	assert_int_equal(mkdir(settingbed_path("sub"), 0700), 0);
	settingbed_write("sub/one.conf", "shop { seats = 7 }\n"
				   "include('two.conf')\n");
	settingbed_write("sub/two.conf", "shop { key = \"file:key\" }");
	settingbed_write("sub/key", "sesame\n");
	settingbed_write("empty.conf", "");
	settings = settingbed_load_good(
		"include(\"sub/one.conf\")\n"
		"include(\"empty.conf\") shop { port = 8 }\n");
	shop = settings_section(settings, "shop");
	assert_int_equal(shop->seats, 7);
	assert_int_equal(shop->port, 8);
	assert_string_equal(shop->key, "sesame");
	settings_free(&settings);
}

/* No file is deep here, but together they would be 200^5. */
static void
includes_are_counted(void **state)
{
	struct str text = { 0 };
	char name[16];

	(void)state;
	settingbed_write("fan5.conf", "");
	for (int i = 4; i > 0; i--) {
		str_clear(&text);
		for (int n = 0; n < 200; n++)
			str_addf(&text, "include(\"fan%d.conf\")\n", i + 1);
		snprintf(name, sizeof(name), "fan%d.conf", i);
		settingbed_write(name, text.data);
	}
	/* Three above; the first four of the fourth level, and the 200 that
	   each includes; then the fifth, which has 192 left. */
	assert_refused("include(\"fan1.conf\")",
		       "/fan4.conf:193: more than 1000 files are included");
	str_fini(&text);
}

static void
faults_in_includes_have_their_line(void **state)
{
	const char *folder = settingbed_folder();
	char reason[256];

	(void)state;
	settingbed_write("bad.conf", "\n\nshop {\n seats = many }\n");
	assert_refused("# x\ninclude(\"bad.conf\")",
		       "/bad.conf:4: shop.seats: 'many' is not a number");
	settingbed_write("bad.conf", "\nnobody = 3");
	assert_refused("include(\"bad.conf\")",
		       "/bad.conf:2: no such option 'nobody'");
	settingbed_write("bad.conf", "shop {");
	assert_refused("include(\"bad.conf\")",
		       "/bad.conf:1: this section has no closing brace");
	settingbed_write("bad.conf", "include(\"bad.conf\")");
	assert_refused("include(\"bad.conf\")",
		       "/bad.conf:1: too many files include each other");

	/* Behind an include the including file's lines count again. */
	settingbed_write("good.conf", "\n\n\n\n");
	assert_refused("\ninclude(\"good.conf\")\nx = 1",
		       "/annex.conf:3: no such option 'x'");

	snprintf(reason, sizeof(reason), "/annex.conf:2: "
		 "%s/gone.conf: No such file or directory", folder);
	assert_refused("\ninclude(\"gone.conf\")", reason);
}

static void
secrets_come_from_files_and_environment(void **state)
{
	const char *folder = settingbed_folder();
	static const char *const texts[] = {
		"shop { key = \"file:key\" }",
		"shop { key = \"file:${ANNEX_T_DIRECTORY}/key\" }",
	};
	char text[256];

	(void)state;
	setenv("ANNEX_T_DIRECTORY", folder, 1);
	settingbed_write("key", "abc\n");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct settings *settings = settingbed_load_good(texts[i]);
		const struct shop *shop = settings_section(settings, "shop");

		assert_string_equal(shop->key, "abc");
		settings_free(&settings);
	}

	settingbed_write("key", "\n");
	snprintf(text, sizeof(text), "/annex.conf:2: shop.key: %s/key: "
		 "is empty", folder);
	assert_refused("\nshop { key = \"file:key\" }", text);
	snprintf(text, sizeof(text), "/annex.conf:1: shop.key: %s/gone: "
		 "No such file or directory", folder);
	assert_refused("shop { key = \"file:gone\" }", text);
}

static void
variables_are_replaced(void **state)
{
	struct settings *settings;
	const struct shop *shop;

	(void)state;
	setenv("ANNEX_T_KEY", "a\"b } #c ${X}", 1);
	settings = settingbed_load_good(
		"shop { key = ${ANNEX_T_KEY} "
		"name = \"<${ANNEX_T_KEY}>\" "
		"mode = \"${ANNEX_T_UNSET:-json}\" "
		"staff = { '${ANNEX_T_KEY}' } }");
	shop = settings_section(settings, "shop");
	assert_string_equal(shop->key, "a\"b } #c ${X}");
	assert_string_equal(shop->name, "<a\"b } #c ${X}>");
	assert_string_equal(shop->mode, "json");
	assert_string_equal(shop->staff[0], "${ANNEX_T_KEY}");
	settings_free(&settings);
}

#ifdef ANNEX_COMPONENTS
static void
other_components_are_skipped(void **state)
{
	struct settings *settings;
	const char *name = ANNEX_COMPONENTS;
	struct str text = { 0 };

	(void)state;
	name += strspn(name, " ,");
	str_addf(&text, "%.*s { a = {1, 2} b { key = ${ANNEX_T_UNSET} } }\n"
		 "shop { seats = 4 }", (int)strcspn(name, " ,"), name);
	settings = settingbed_load_good(text.data);
	assert_int_equal(((const struct shop *)
			  settings_section(settings, "shop"))->seats, 4);
	settings_free(&settings);
	str_fini(&text);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(titled_sections_are_read),
		cmocka_unit_test(later_values_win),
		cmocka_unit_test(faults_of_titled_sections_have_a_line),
		cmocka_unit_test(there_are_only_so_many_titles),
		cmocka_unit_test(faults_have_a_line),
		cmocka_unit_test(the_next_load_works),
		cmocka_unit_test(what_must_be_given),
		cmocka_unit_test(missing_file_is_named),
		cmocka_unit_test(includes_are_relative_to_their_file),
		cmocka_unit_test(includes_are_counted),
		cmocka_unit_test(faults_in_includes_have_their_line),
		cmocka_unit_test(secrets_come_from_files_and_environment),
		cmocka_unit_test(variables_are_replaced),
#ifdef ANNEX_COMPONENTS
		cmocka_unit_test(other_components_are_skipped),
#endif
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("setting_load", tests,
					   settingbed_setup,
					   settingbed_teardown);
}
