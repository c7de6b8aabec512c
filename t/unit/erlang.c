#include "shared/erlang.h"

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
	{ "never.", "never" },
	{ "'a b\\'c'.", "a b'c" },
	{ "-17.", "-17" },
	{ "{1.5e10}.", "{1.5e10 }" },
	{ "16#ff.", "" },
	{ "\"abc\".", "'abc'3" },
	{ "\"ab\"\n  \"cd\" .", "'abcd'4" },
	{ "<<>>.", "''0" },
	{ "<<\"a\\n\\t\\\"\\\\\\e\">>.", "'a\n\t\"\\\033'6" },
	{ "<<\"\\303\\xa9\\x{20ac}\\^a\">>.",
	  "'\xc3\xa9\xe2\x82\xac\x01'6" },
	{ "<<\"\\x{1f600}\\x{7ff}\"/utf8>>.",
	  "'\xf0\x9f\x98\x80\xdf\xbf'6" },
	{ "<<195,169, 0>>.", "'\xc3\xa9'3" },
	{ "<<\"ab\"\n  \"c\",100>>.", "'abcd'4" },
	{ "{}.", "{}" },
	{ "[].", "{}" },
	{ "{a,[1,<<\"b\">>],\n {}}.", "{a {1 'b'1 } {} }" },
};

static void
reads_terms(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct str shown = { 0 };
		struct error err = { 0 };
		struct term *term;
		size_t used, len = strlen(good[i].text);
		int ret = erlang_read_term(arena, good[i].text, len, &term,
					   &used, &err);

		if (*good[i].shown == '\0') {
			assert_int_equal(ret, -1);
			continue;
		}
		assert_int_equal(ret, 0);
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
		for (size_t len = 0; *good[i].shown != '\0' &&
		     len < strlen(good[i].text); len++)
			if (erlang_read_term(arena, good[i].text, len, &term,
					     &used, &err) != TERM_SHORT)
				fail_msg("%.*s: %s", (int)len, good[i].text,
					 err.text);
}

static const struct {
	const char *text, *why;
} bad[] = {
	{ "Abc.", "byte 1 of the term: no term" },
	{ "#Fun<a.1>.", "byte 1 of the term: no term" },
	{ "<0.1.2>.", "byte 2 of the term: '<' is missing" },
	{ "a b", "byte 3 of the term: '.' is missing" },
	{ "{a b}.", "byte 4 of the term: ',' is missing" },
	{ "[a|b].", "byte 3 of the term: ',' is missing" },
	{ "{a].", "byte 3 of the term: ',' is missing" },
	{ "<<256>>.", "byte 6 of the term: no byte" },
	{ "<<a>>.", "byte 3 of the term: no byte" },
	{ "<<1 2>>.", "byte 5 of the term: '>' is missing" },
	{ "<<\"a\"/binary>>.", "byte 6 of the term: no such type" },
	{ "\"\\x{110000}\".", "byte 12 of the term: no such character" },
	{ "\"\\xg\".", "byte 4 of the term: no such escape" },
	{ "\"\\x{41\".", "byte 7 of the term: no such escape" },
};

static void
refuses_what_is_no_term(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct error err = { 0 };
		struct term *term;
		size_t used;

		if (erlang_read_term(arena, bad[i].text, strlen(bad[i].text),
				     &term, &used, &err) != -1)
			fail_msg("%s", bad[i].text);
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

	for (int i = 0; i <= TERM_DEPTH; i++)
		str_addc(&text, '{');
	assert_int_equal(erlang_read_term(arena, text.data, text.len, &term,
					  &used, &err), -1);
	assert_non_null(strstr(err.text, "too deep"));
	str_clear(&text);
	str_addz(&text, "[1");
	for (int i = 0; i <= TERM_PARTS; i++)
		str_addz(&text, ",1");
	assert_int_equal(erlang_read_term(arena, text.data, text.len, &term,
					  &used, &err), -1);
	assert_non_null(strstr(err.text, "too many parts"));
	str_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(reads_terms),
		BED_ARENA_TEST(wants_more),
		BED_ARENA_TEST(refuses_what_is_no_term),
		BED_ARENA_TEST(refuses_what_is_beyond_bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
