#include "shared/value.h"

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

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/setting.h"
#include "shared/str.h"
#include "t/lib/bed.h"
#include "t/lib/capture.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define SECRET_BYTES 4096

struct shop {
	bool open;
	unsigned seats, port, floors, wait_secs;
	size_t room_bytes;
	const char *name, *mode, *key;
	const char *const *staff;
};

static const struct setting opened = SETTING(BOOL, shop, open, "no", "");
static const struct setting seats = SETTING(UINT, shop, seats, "1", "");
static const struct setting port =
	SETTING_RANGE(UINT, shop, port, "1", 1, 65535, "");
static const struct setting floors =
	SETTING_RANGE(UINT, shop, floors, "5", 5, 0, "");
static const struct setting wait_secs =
	SETTING(SECS, shop, wait_secs, "90", "");
static const struct setting room_bytes =
	SETTING(BYTES, shop, room_bytes, "64K", "");
static const struct setting name = SETTING(STRING, shop, name, "x", "");
static const struct setting mode =
	SETTING_CHOICE(shop, mode, "text", "text json", "");
static const struct setting key = SETTING(SECRET, shop, key, "none", "");

static char folder[64];

/* What text is stored as, printed; or why it is refused. */
static const struct {
	const struct setting *setting;
	const char *text, *printed, *reason;
} texts[] = {
	{ &opened, "yes", "yes", NULL },
	{ &opened, "TRUE", "yes", NULL },
	{ &opened, "On", "yes", NULL },
	{ &opened, "no", "no", NULL },
	{ &opened, "False", "no", NULL },
	{ &opened, "off", "no", NULL },
	{ &opened, "", NULL, "'' is neither yes nor no" },
	{ &opened, "1", NULL, "'1' is neither yes nor no" },
	{ &opened, "yes ", NULL, "'yes ' is neither yes nor no" },
	{ &opened, "maybe", NULL, "'maybe' is neither yes nor no" },

	{ &seats, "0", "0", NULL },
	{ &seats, "007", "7", NULL },
	{ &seats, "4294967295", "4294967295", NULL },
	{ &seats, "4294967296", NULL, "4294967296 is too large" },
	{ &seats, "18446744073709551616", NULL,
	  "18446744073709551616 is too large" },
	{ &seats, "99999999999999999999999", NULL,
	  "99999999999999999999999 is too large" },
	{ &seats, "", NULL, "'' is not a number" },
	{ &seats, " 1", NULL, "' 1' is not a number" },
	{ &seats, "1 ", NULL, "'1 ' is not a number" },
	{ &seats, "+1", NULL, "'+1' is not a number" },
	{ &seats, "-0", NULL, "'-0' is not a number" },
	{ &seats, "0x10", NULL, "'0x10' is not a number" },
	{ &seats, "1e3", NULL, "'1e3' is not a number" },
	{ &seats, "1.0", NULL, "'1.0' is not a number" },
	{ &seats, "5s", NULL, "'5s' is not a number" },
	{ &seats, "\xd9\xa3", NULL, "'\xd9\xa3' is not a number" },
	{ &port, "0", NULL, "must be from 1 to 65535" },
	{ &port, "1", "1", NULL },
	{ &port, "65535", "65535", NULL },
	{ &port, "65536", NULL, "must be from 1 to 65535" },
	{ &floors, "4", NULL, "must be at least 5" },
	{ &floors, "5", "5", NULL },
	{ &floors, "4294967295", "4294967295", NULL },

	{ &wait_secs, "0", "0s", NULL },
	{ &wait_secs, "0d", "0s", NULL },
	{ &wait_secs, "59", "59s", NULL },
	{ &wait_secs, "60s", "1m", NULL },
	{ &wait_secs, "61", "61s", NULL },
	{ &wait_secs, "90m", "90m", NULL },
	{ &wait_secs, "3600", "1h", NULL },
	{ &wait_secs, "48h", "2d", NULL },
	{ &wait_secs, "4294967295s", "4294967295s", NULL },
	{ &wait_secs, "49710d", "49710d", NULL },
	{ &wait_secs, "49711d", NULL, "49711d is too large" },
	{ &wait_secs, "18446744073709551615d", NULL,
	  "18446744073709551615d is too large" },
	{ &wait_secs, "5x", NULL,
	  "'5x' is not a time such as 30s, 5m, 2h or 7d" },
	{ &wait_secs, "5M", NULL,
	  "'5M' is not a time such as 30s, 5m, 2h or 7d" },
	{ &wait_secs, "1h30m", NULL,
	  "'1h30m' is not a time such as 30s, 5m, 2h or 7d" },
	{ &wait_secs, "s", NULL,
	  "'s' is not a time such as 30s, 5m, 2h or 7d" },

	{ &room_bytes, "0G", "0", NULL },
	{ &room_bytes, "1023", "1023", NULL },
	{ &room_bytes, "1024", "1K", NULL },
	{ &room_bytes, "1025", "1025", NULL },
	{ &room_bytes, "1024K", "1M", NULL },
	{ &room_bytes, "1025K", "1025K", NULL },
	{ &room_bytes, "1024M", "1G", NULL },
	{ &room_bytes, "3G", "3G", NULL },
	{ &room_bytes, "17179869184G", NULL,
	  "17179869184G is too large" },
	{ &room_bytes, "4KB", NULL,
	  "'4KB' is not a size such as 4096, 64K, 16M or 1G" },
	{ &room_bytes, "4k", NULL,
	  "'4k' is not a size such as 4096, 64K, 16M or 1G" },
	{ &room_bytes, "-1", NULL,
	  "'-1' is not a size such as 4096, 64K, 16M or 1G" },

	{ &name, "", "\"\"", NULL },
	{ &name, "it's", "\"it's\"", NULL },
	{ &name, "%s\t\xc3\xa9\xff", "\"%s\t\xc3\xa9\xff\"", NULL },
	{ &mode, "text", "\"text\"", NULL },
	{ &mode, "json", "\"json\"", NULL },
	{ &mode, "", NULL, "'' is not one of: text json" },
	{ &mode, " ", NULL, "' ' is not one of: text json" },
	{ &mode, "tex", NULL, "'tex' is not one of: text json" },
	{ &mode, "jsonx", NULL, "'jsonx' is not one of: text json" },
	{ &mode, "JSON", NULL, "'JSON' is not one of: text json" },
	{ &mode, "text json", NULL,
	  "'text json' is not one of: text json" },

	{ &key, "sesame", "(secret)", NULL },
};

static void
stores_or_refuses(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct shop shop, before;
		struct value_place place = { *state, &shop, folder };
		struct error err = { 0 };
		struct str out = { 0 };
		int ret;

		memset(&before, 0x55, sizeof(before));
		shop = before;
		ret = value_store(&place, texts[i].setting, texts[i].text,
				  &err);
		if (texts[i].reason != NULL) {
			assert_int_equal(ret, -1);
			assert_int_equal(err.cond, ERROR_BAD_REQUEST);
			assert_string_equal(err.text, texts[i].reason);
			assert_memory_equal(&shop, &before, sizeof(shop));
			continue;
		}
		assert_string_equal(err.text, "");
		assert_int_equal(ret, 0);
		value_print(&out, texts[i].setting, &shop);
		assert_string_equal(out.data, texts[i].printed);
		str_fini(&out);
	}
}

static void
numbers_are_what_they_mean(void **state)
{
	struct shop shop = { 0 };
	struct value_place place = { *state, &shop, folder };
	struct error err = { 0 };

	assert_int_equal(value_store(&place, &seats, "010", &err), 0);
	assert_int_equal(shop.seats, 10);
	assert_int_equal(value_store(&place, &wait_secs, "2d", &err), 0);
	assert_int_equal(shop.wait_secs, 172800);
	assert_int_equal(value_store(&place, &room_bytes, "3G", &err), 0);
	assert_int_equal(shop.room_bytes, 3221225472U);
}

static const struct {
	const char *text, *quoted;
} quotes[] = {
	{ "", "\"\"" },
	{ "a'b", "\"a'b\"" },
	{ "\"", "\"\\\"\"" },
	{ "a\\", "\"a\\\\\"" },
	{ "${HOME}", "\"\\${HOME}\"" },
	{ "a\nb\n", "\"a\\nb\\n\"" },
	{ "# // /* {", "\"# // /* {\"" },
};

static void
quotes_what_would_end_or_change(void **state)
{
	struct str out = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
		str_clear(&out);
		value_quote(&out, quotes[i].text);
		assert_string_equal(out.data, quotes[i].quoted);
	}
	str_fini(&out);
}

static const struct {
	const char *def, *printed;
} lists[] = {
	{ "", "{}" },
	{ " , ", "{}" },
	{ "{}", "{}" },
	{ "a", "{ \"a\" }" },
	{ "a,b", "{ \"a\", \"b\" }" },
	{ " ann,, bob@c/d ,", "{ \"ann\", \"bob@c/d\" }" },
	{ "{ \"a\", \"$b\" }", "{ \"a\", \"\\$b\" }" },
	{ "a b c d", "{ \"a\", \"b\", \"c\", \"d\" }" },
};

static void
defaults_of_lists_are_words(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct setting staff =
			SETTING(LIST, shop, staff, lists[i].def, "");
		struct shop shop = { 0 };
		struct value_place place = { *state, &shop, folder };
		struct error err = { 0 };
		struct str out = { 0 };

		assert_int_equal(value_store_default(&place, &staff, &err), 0);
		value_print(&out, &staff, &shop);
		assert_string_equal(out.data, lists[i].printed);
		str_fini(&out);
	}
}

static void
lists_are_copied_and_compared_item_by_item(void **state)
{
	static const struct setting staff =
		SETTING(LIST, shop, staff, "", "");
	char text[] = "a";
	const char *const one[] = { text, "b" };
	const char *const two[] = { "a\", \"b" };
	struct shop a = { 0 }, b = { 0 };
	struct value_place at_a = { *state, &a, folder };
	struct value_place at_b = { *state, &b, folder };

	value_store_list(&at_a, &staff, one, 2);
	text[0] = 'x';
	assert_string_equal(a.staff[0], "a");
	assert_string_equal(a.staff[1], "b");
	assert_null(a.staff[2]);

	value_store_list(&at_b, &staff, two, 1);
	assert_false(value_equal(&staff, &a, &b));
	value_store_list(&at_b, &staff, a.staff, 2);
	assert_true(value_equal(&staff, &a, &b));
	value_store_list(&at_b, &staff, NULL, 0);
	assert_null(b.staff[0]);
	assert_false(value_equal(&staff, &a, &b));
}

static void
compares_what_is_meant(void **state)
{
	struct shop a = { .wait_secs = 60, .key = "one", .name = "n" };
	struct shop b = { .wait_secs = 61, .key = "two", .name = "n" };
	char same[] = "one";

	(void)state;
	assert_true(value_equal(&name, &a, &b));
	assert_false(value_equal(&wait_secs, &a, &b));
	/* Both are printed alike. */
	assert_false(value_equal(&key, &a, &b));
	b.key = same;
	assert_true(value_equal(&key, &a, &b));
}

/* In a file of its own, and the folder's name behind it in a reason. */
static const struct {
	const char *file;
	size_t len;
	const char *value, *reason;
} secrets[] = {
	{ "abc", 3, "abc", NULL },
	{ "abc\n", 4, "abc", NULL },
	{ "abc\n\n", 5, "abc\n", NULL },
	{ " a b\r\n", 6, " a b\r", NULL },
	{ "file:key", 8, "file:key", NULL },
	{ "", 0, NULL, "/key: is empty" },
	{ "\n", 1, NULL, "/key: is empty" },
	{ "a\0b", 3, NULL, "/key: contains a NUL byte" },
};

static void
write_key(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
	assert_int_equal(chmod(path, 0600), 0);
}

static void
secrets_are_read_from_files(void **state)
{
	const char *path = arena_printf(*state, "%s/key", folder);
	const char *absolute = arena_printf(*state, "file:%s", path);

	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		struct shop shop = { 0 };
		struct value_place place = { *state, &shop, folder };
		struct error err = { 0 };
		int ret;

		write_key(path, secrets[i].file, secrets[i].len);
		ret = value_store(&place, &key, "file:key", &err);
		if (secrets[i].reason != NULL) {
			assert_int_equal(ret, -1);
			assert_null(shop.key);
			assert_memory_equal(err.text, folder, strlen(folder));
			assert_string_equal(err.text + strlen(folder),
					    secrets[i].reason);
			continue;
		}
		assert_int_equal(ret, 0);
		assert_string_equal(shop.key, secrets[i].value);
		place.folder = "/nonexistent";
		shop.key = NULL;
		assert_int_equal(value_store(&place, &key, absolute, &err),
				 0);
		assert_string_equal(shop.key, secrets[i].value);
	}
}

static void
a_secret_is_a_small_file_of_its_own(void **state)
{
	const char *path = arena_printf(*state, "%s/key", folder);
	struct shop shop = { 0 };
	struct value_place place = { *state, &shop, folder };
	struct error err = { 0 };
	struct capture capture;
	char text[SECRET_BYTES + 1];
	int ret;

	memset(text, 'x', sizeof(text));
	write_key(path, text, SECRET_BYTES);
	assert_int_equal(value_store(&place, &key, "file:key", &err), 0);
	assert_int_equal(strlen(shop.key), SECRET_BYTES);
	write_key(path, text, SECRET_BYTES + 1);
	assert_int_equal(value_store(&place, &key, "file:key", &err), -1);
	assert_non_null(strstr(err.text, "/key: File too large"));
	assert_int_equal(value_store(&place, &key, "file:", &err), -1);
	assert_non_null(strstr(err.text, "/: not a regular file"));
	assert_int_equal(value_store(&place, &key, "file:gone", &err), -1);
	assert_non_null(strstr(err.text, "/gone: No such file"));

	write_key(path, text, 4);
	assert_int_equal(chmod(path, 0604), 0);
	capture_begin(&capture);
	ret = value_store(&place, &key, "file:key", &err);
	capture_end(&capture);
	assert_int_equal(ret, 0);
	assert_non_null(strstr(capture.err, "every user can read the secret"));
	assert_null(strstr(capture.err, "xxxx"));
}

static int
make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/annex-value-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	char path[80];

	(void)state;
	snprintf(path, sizeof(path), "%s/key", folder);
	unlink(path);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(stores_or_refuses),
		BED_ARENA_TEST(numbers_are_what_they_mean),
		cmocka_unit_test(quotes_what_would_end_or_change),
		BED_ARENA_TEST(defaults_of_lists_are_words),
		BED_ARENA_TEST(lists_are_copied_and_compared_item_by_item),
		cmocka_unit_test(compares_what_is_meant),
		BED_ARENA_TEST(secrets_are_read_from_files),
		BED_ARENA_TEST(a_secret_is_a_small_file_of_its_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("value", tests, make_folder,
					   remove_folder);
}
