#include "shared/prosody_item.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/lua.h"
#include "shared/spool.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define SECOND 1000000

static int
read_item(struct arena *arena, const char *text, struct spool_record *record,
	  struct error *err)
{
	struct term *item;
	size_t used;

	memset(record, 0, sizeof(*record));
	record->key = "1";
	assert_int_equal(lua_read_item(arena, text, strlen(text), &item,
				       &used, err), 0);
	return prosody_item_read(arena, item, record, err);
}

static const struct {
	const char *item, *stanza, *key;
	int64_t stamp;
} good[] = {
	/* Prosody 0.12 and 13. */
	{ "item({ [\"when\"] = 1795976662; [\"with\"] = \"\"; "
	  "[\"key\"] = \"k1\"; [\"name\"] = \"message\"; [\"attr\"] = { "
	  "[\"stamp\"] = \"2026-11-29T18:24:22Z\"; [\"to\"] = \"j@a\" }; "
	  "{ [\"name\"] = \"body\"; [\"attr\"] = {}; \"a<b\"; } });",
	  "<message to='j@a'><body>a&lt;b</body></message>", "k1",
	  1795976662ll * SECOND },
	/* Children in the order of their numbers. */
	{ "item({ [3] = \"c\"; \"a\"; name = \"message\"; [2] = \"b\"; "
	  "attr = { stamp = \"2026-11-29T18:24:22.5Z\" } });",
	  "<message>abc</message>", "1", 1795976662ll * SECOND + 500000 },
	/* The oldest. */
	{ "item({ name = \"message\"; attr = { "
	  "stamp_legacy = \"20261129T18:24:22\" } });",
	  "<message></message>", "1", 1795976662ll * SECOND },
	/* Namespaces of attributes; those within keep their stamp. */
	{ "item({ name = \"message\"; attr = { [\"xml:lang\"] = \"en\"; "
	  "[\"urn:a\\1b\"] = \"1\"; [\"urn:c|d\"] = \"2\" }; "
	  "{ name = \"x\"; attr = { xmlns = \"urn:x\"; stamp = \"now\" } } "
	  "});",
	  "<message xml:lang='en' xmlns:a1='urn:a' a1:b='1' "
	  "xmlns:a2='urn:c' a2:d='2'><x xmlns='urn:x' stamp='now'></x>"
	  "</message>", "1", 0 },
};

static void
prints_stanzas(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct spool_record record;
		struct error err = { 0 };

		assert_int_equal(read_item(arena, good[i].item, &record,
					   &err), 0);
		assert_string_equal(record.stanza, good[i].stanza);
		assert_string_equal(record.key, good[i].key);
		assert_true(record.stamp == good[i].stamp);
	}
}

static const struct {
	const char *item, *why;
} bad[] = {
	{ "item(1);", "no stanza: an element's name" },
	{ "item({ name = 1 });", "no stanza: an element's name" },
	{ "item({ name = \"a b\" });", "no stanza: an element's name" },
	{ "item({ name = \"a><b\" });", "no stanza: an element's name" },
	{ "item({ name = \"a\"; attr = { [\"b='c\"] = \"\" } });",
	  "no stanza: an attribute's name" },
	{ "item({ name = \"a\"; attr = { [\"urn:a\\1b:c\"] = \"\" } });",
	  "no stanza: an attribute's name" },
	{ "item({ name = \"a\"; attr = { b = 1 } });",
	  "no stanza: an attribute that is no text" },
	{ "item({ name = \"a\"; attr = { 1 } });",
	  "no stanza: an attribute that is no text" },
	{ "item({ name = \"a\"; \"b\\0c\" });",
	  "no stanza: a child that is neither element nor text" },
	{ "item({ name = \"a\"; true });",
	  "no stanza: a child that is neither element nor text" },
};

static void
refuses_what_is_no_stanza(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct spool_record record;
		struct error err = { 0 };

		assert_int_equal(read_item(arena, bad[i].item, &record, &err),
				 -1);
		assert_string_equal(err.text, bad[i].why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(prints_stanzas),
		BED_ARENA_TEST(refuses_what_is_no_stanza),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
