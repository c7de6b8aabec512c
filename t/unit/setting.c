#include "shared/setting.h"

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

#include "shared/error.h"
#include "shared/str.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

struct shop {
	bool open;
	unsigned seats;
	unsigned port;
	unsigned wait_secs;
	size_t room_bytes;
	const char *name;
	const char *mode;
	const char *key;
	const char *const *staff;
};

struct door {
	const char *colour;
};

static const struct setting shop_settings[] = {
	SETTING(BOOL, shop, open, "no", "Whether guests come in."),
	SETTING(UINT, shop, seats, "500", "Most people admitted."),
	SETTING_RANGE(UINT, shop, port, "5347", 1, 65535, "Where."),
	SETTING(SECS, shop, wait_secs, "90s", "How long one waits."),
	SETTING(BYTES, shop, room_bytes, "64K", "What fits in."),
	SETTING_FIXED(STRING, shop, name, "a \"$b\" \\c", "What it is called, "
		      "in a sentence of help that is so long that it has to "
		      "be broken into lines."),
	SETTING_CHOICE(shop, mode, "text", "text json", "How it looks."),
	SETTING(SECRET, shop, key, "none", "What opens it."),
	SETTING(LIST, shop, staff, "ann, bob@c/d", "Who works there."),
	{ 0 }
};

static const struct setting door_settings[] = {
	SETTING(STRING, door, colour, NULL, "Needed."),
	{ 0 }
};

static const struct setting_section shop_only[] = {
	{ "shop", shop_settings, sizeof(struct shop) },
	{ 0 }
};

static const struct setting_section sections[] = {
	{ "shop", shop_settings, sizeof(struct shop) },
	{ "door", door_settings, sizeof(struct door) },
	{ 0 }
};

static char folder[64];

static const char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	fclose(file);
	chmod(path_of(name), 0600);
}

static int
load(const char *text, struct settings **settings_r, struct error *err)
{
	write_file("annex.conf", text);
	return settings_load(path_of("annex.conf"), shop_only, settings_r,
			     err);
}

static struct settings *
load_good(const char *text)
{
	struct settings *settings = NULL;
	struct error err = { 0 };
	int ret = load(text, &settings, &err);

	assert_string_equal(err.text, "");
	assert_int_equal(ret, 0);
	return settings;
}

/* reason is what follows the folder. */
static void
assert_refused(const char *text, const char *reason)
{
	struct settings *settings = NULL;
	struct error err = { 0 };
	int ret = load(text, &settings, &err);

	assert_int_equal(ret, -1);
	assert_null(settings);
	assert_memory_equal(err.text, folder, strlen(folder));
	assert_string_equal(err.text + strlen(folder), reason);
}

static void
defaults_apply(void **state)
{
	struct settings *settings = load_good("");
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
	settings_free(&settings);
	assert_null(settings);
	settings_free(&settings);
}

static void
values_are_read(void **state)
{
	struct settings *settings = load_good(
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
later_values_win(void **state)
{
	struct settings *settings = load_good(
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

		assert_int_equal(load(refused[i].text, &settings, &err), -1);
		settings = load_good("shop { seats = 3 }");
		settings_free(&settings);
	}
}

static void
what_must_be_given(void **state)
{
	struct settings *settings = NULL;
	struct error err = { 0 };
	const struct door *door;

	(void)state;
	write_file("annex.conf", "shop {}\n");
	assert_int_equal(settings_load(path_of("annex.conf"), sections,
				       &settings, &err), -1);
	assert_string_equal(err.text + strlen(folder),
			    "/annex.conf: door.colour must be given");

	write_file("annex.conf", "door { colour = \"\" }\n");
	assert_int_equal(settings_load(path_of("annex.conf"), sections,
				       &settings, &err), 0);
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
	assert_int_equal(settings_load("/nonexistent/a.conf", shop_only,
				       &settings, &err), -1);
	assert_string_equal(err.text,
			    "/nonexistent/a.conf: No such file or directory");
}

static void
includes_are_relative_to_their_file(void **state)
{
	struct settings *settings;
	const struct shop *shop;

	(void)state;
	assert_int_equal(mkdir(path_of("sub"), 0700), 0);
	write_file("sub/one.conf", "shop { seats = 7 }\n"
				   "include('two.conf')\n");
	write_file("sub/two.conf", "shop { key = \"file:key\" }");
	write_file("sub/key", "sesame\n");
	write_file("empty.conf", "");
	settings = load_good("include(\"sub/one.conf\")\n"
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
	write_file("fan5.conf", "");
	for (int i = 4; i > 0; i--) {
		str_clear(&text);
		for (int n = 0; n < 200; n++)
			str_addf(&text, "include(\"fan%d.conf\")\n", i + 1);
		snprintf(name, sizeof(name), "fan%d.conf", i);
		write_file(name, text.data);
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
	char reason[256];

	(void)state;
	write_file("bad.conf", "\n\nshop {\n seats = many }\n");
	assert_refused("# x\ninclude(\"bad.conf\")",
		       "/bad.conf:4: shop.seats: 'many' is not a number");
	write_file("bad.conf", "\nnobody = 3");
	assert_refused("include(\"bad.conf\")",
		       "/bad.conf:2: no such option 'nobody'");
	write_file("bad.conf", "shop {");
	assert_refused("include(\"bad.conf\")",
		       "/bad.conf:1: this section has no closing brace");
	write_file("bad.conf", "include(\"bad.conf\")");
	assert_refused("include(\"bad.conf\")",
		       "/bad.conf:1: too many files include each other");

	/* Behind an include the including file's lines count again. */
	write_file("good.conf", "\n\n\n\n");
	assert_refused("\ninclude(\"good.conf\")\nx = 1",
		       "/annex.conf:3: no such option 'x'");

	snprintf(reason, sizeof(reason), "/annex.conf:2: "
		 "%s/gone.conf: No such file or directory", folder);
	assert_refused("\ninclude(\"gone.conf\")", reason);
}

static void
secrets_come_from_files_and_environment(void **state)
{
	static const char *const texts[] = {
		"shop { key = \"file:key\" }",
		"shop { key = \"file:${ANNEX_T_DIRECTORY}/key\" }",
	};
	char text[256];

	(void)state;
	setenv("ANNEX_T_DIRECTORY", folder, 1);
	write_file("key", "abc\n");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct settings *settings = load_good(texts[i]);
		const struct shop *shop = settings_section(settings, "shop");

		assert_string_equal(shop->key, "abc");
		settings_free(&settings);
	}

	write_file("key", "\n");
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
	settings = load_good("shop { key = ${ANNEX_T_KEY} "
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

/* What --settings says and what a file holds is the same. */
static void
the_sample_loads(void **state)
{
	struct settings *settings = NULL;
	struct error err = { 0 };
	char text[4096] = "";
	FILE *file = fmemopen(text, sizeof(text) - 1, "w");

	(void)state;
	settings_print(sections, file);
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

	write_file("sample.conf", text);
	assert_int_equal(settings_load(path_of("sample.conf"), sections,
				       &settings, &err), -1);
	*strstr(text, "#colour") = ' ';
	write_file("sample.conf", text);
	assert_int_equal(settings_load(path_of("sample.conf"), sections,
				       &settings, &err), 0);
	settings_free(&settings);

	*strstr(text, "door {") = '\0';
	settings = load_good(text);
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
};

static void
each_is_known_to_be_somewhere(void **state)
{
	struct settings *settings;

	(void)state;
	write_file("good.conf", "shop {\nport = 4\nseats = 1\n"
				"staff = { x,\n y }\n}\n");
	settings = load_good("include(\"good.conf\")\n"
			     "shop { key = a key = b\nport = 5 mode = text }");
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
	struct settings *was = load_good("shop { wait_secs = 60 key = a }");
	struct settings *is = load_good(
		"shop { open = yes seats = 501 wait_secs = 7205 "
		"room_bytes = 1M name = \"n\\\"$\" mode = json key = b "
		"staff = {x,\"y z\"} }");
	struct settings *same = load_good("shop { wait_secs = 1m key = a }");
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
	settings = load_good(text.data);
	assert_int_equal(((const struct shop *)
			  settings_section(settings, "shop"))->seats, 4);
	settings_free(&settings);
	str_fini(&text);
}
#endif

static int
make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/annex-setting-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	static const char *const names[] = {
		"annex.conf", "bad.conf", "good.conf", "empty.conf", "key",
		"sample.conf", "sub/one.conf", "sub/two.conf", "sub/key",
		"fan1.conf", "fan2.conf", "fan3.conf", "fan4.conf",
		"fan5.conf"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unlink(path_of(names[i]));
	rmdir(path_of("sub"));
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_apply),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(later_values_win),
		cmocka_unit_test(faults_have_a_line),
		cmocka_unit_test(the_next_load_works),
		cmocka_unit_test(what_must_be_given),
		cmocka_unit_test(missing_file_is_named),
		cmocka_unit_test(includes_are_relative_to_their_file),
		cmocka_unit_test(includes_are_counted),
		cmocka_unit_test(faults_in_includes_have_their_line),
		cmocka_unit_test(secrets_come_from_files_and_environment),
		cmocka_unit_test(variables_are_replaced),
		cmocka_unit_test(the_sample_loads),
		cmocka_unit_test(each_is_known_to_be_somewhere),
		cmocka_unit_test(changes_are_told),
#ifdef ANNEX_COMPONENTS
		cmocka_unit_test(other_components_are_skipped),
#endif
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
