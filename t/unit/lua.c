#include "shared/lua.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"
#include "shared/term.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static void
show(struct str *out, const struct term *term)
{
	if (term->key != NULL) {
		show(out, term->key);
		str_addc(out, '=');
	}
	if (term->kind == TERM_TEXT)
		str_addf(out, "'%s'%zu", term->text, term->len);
	else
		str_addz(out, term->text);
	if (term->kind != TERM_LIST)
		return;
	str_addc(out, '{');
	for (term = term->first; term != NULL; term = term->next) {
		show(out, term);
		str_addc(out, ' ');
	}
	str_addc(out, '}');
}

static const struct {
	const char *text, *shown;
} good[] = {
	{ "item(nil);", "nil" },
	{ "item(-1.5e+20);", "-1.5e+20" },
	{ "item((1/0));", "(1/0)" },
	{ "item((-1/0));", "(-1/0)" },
	{ "item((0/0));", "(0/0)" },
	{ "item(\"\");", "''0" },
	{ "item(\"a\\\"\\'\\\\b\");", "'a\"'\\b'5" },
	{ "item('a\"b');", "'a\"b'3" },
	{ "item(\"\\a\\b\\f\\n\\r\\t\\v\");", "'\a\b\f\n\r\t\v'7" },
	/* As string.format("%q") writes it. */
	{ "item(\"a\\\nb\");", "'a\nb'3" },
	{ "item(\"\\195\\1699\\0001\");", "'\xc3\xa9" "9'5" },
	{ "item({});", "{}" },
	{ "item( { } ) ;", "{}" },
	{ "item({\n\t[\"a\"] = 1;\n\tb = 'c', [2] = true; {}; x\n});",
	  "{'a'1=1 'b'1='c'1 2=true {} x }" },
	{ "item({ [{}] = 1 });", "{{}=1 }" },
};

static void
reads_items(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct str shown = { 0 };
		struct error err = { 0 };
		struct term *term;
		size_t used, len = strlen(good[i].text);

		assert_int_equal(lua_read_item(arena, good[i].text, len,
					       &term, &used, &err), 0);
		assert_int_equal(used, len);
		show(&shown, term);
		assert_string_equal(shown.data, good[i].shown);
		str_fini(&shown);
	}
}

/* Wherever the text ends, more of it is wanted. */
static void
wants_more(void **state)
{
	struct arena *arena = *state;
	struct error err = { 0 };
	struct term *term;
	size_t used;

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		for (size_t len = 0; len < strlen(good[i].text); len++)
			assert_int_equal(
				lua_read_item(arena, good[i].text, len,
					      &term, &used, &err),
				TERM_SHORT);
}

static const struct {
	const char *text, *why;
} bad[] = {
	{ "local x = 1; item(1);", "byte 1 of the item: there is no item" },
	{ "item(os.exit());", "byte 8 of the item: ')' is missing" },
	{ "item({ f() });", "byte 9 of the item: ';' is missing" },
	{ "item(1) ", "" },
	{ "item(1), ", "byte 8 of the item: ';' is missing" },
	{ "item({ ~ });", "byte 8 of the item: no value" },
	{ "item({ [1] 2 });", "byte 12 of the item: '=' is missing" },
	{ "item({ [1 = 2 });", "byte 11 of the item: ']' is missing" },
	{ "item(\"a\nb\");", "byte 8 of the item: a text without an end" },
	{ "item(\"\\256....\");",
	  "byte 11 of the item: no such character" },
	{ "item(\"\\q....\");", "byte 8 of the item: no such escape" },
	{ "item((2/3)+1);", "byte 6 of the item: no value" },
	{ "item((1/0/1/1/1));", "byte 6 of the item: no value" },
};

static void
refuses_what_is_no_item(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct error err = { 0 };
		struct term *term;
		size_t used;
		int ret = lua_read_item(arena, bad[i].text,
					strlen(bad[i].text), &term, &used,
					&err);

		assert_int_equal(ret, *bad[i].why == '\0' ? TERM_SHORT : -1);
		assert_string_equal(err.text, bad[i].why);
	}
}

static void
refuses_what_is_beyond_bounds(void **state)
{
	struct arena *arena = *state;
	struct error err = { 0 };
	struct str text = { 0 };
	struct term *term;
	size_t used;

	str_addz(&text, "item(");
	for (int i = 0; i <= TERM_DEPTH; i++)
		str_addc(&text, '{');
	assert_int_equal(lua_read_item(arena, text.data, text.len, &term,
				       &used, &err), -1);
	assert_non_null(strstr(err.text, "too deep"));
	str_clear(&text);
	str_addz(&text, "item({");
	for (int i = 0; i <= TERM_PARTS; i++)
		str_addz(&text, "1;");
	assert_int_equal(lua_read_item(arena, text.data, text.len, &term,
				       &used, &err), -1);
	assert_non_null(strstr(err.text, "too many parts"));
	str_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(reads_items),
		BED_ARENA_TEST(wants_more),
		BED_ARENA_TEST(refuses_what_is_no_item),
		BED_ARENA_TEST(refuses_what_is_beyond_bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
