#include "components/archive/rules/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/error.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define LONG 200000

/* 1, 0, or -1 where it cannot be known. */
static int
find(const struct pattern *pattern, const char *text, struct error *err)
{
	bool found;

	if (pattern_find(pattern, text, pattern_clock_ns() + PATTERN_TIME_NS,
			 &found, err) < 0)
		return -1;
	return found;
}

static struct pattern *
make(const char *text)
{
	struct pattern *pattern;
	struct error err = { 0 };

	if (pattern_new(text, &pattern, &err) < 0)
		fail_msg("%s", err.text);
	return pattern;
}

static const struct {
	const char *pattern, *text;
	bool found;
} cases[] = {
	{ "secret", "a secret one", true },
	{ "secret", "a SECRET one", false },
	{ "(?i)secret", "a SECRET one", true },
	{ "^b", "a\nb", false },
	{ "(?m)^b", "a\nb", true },
	{ "\\b\\d{4}-\\d{4}\\b", "1234-5678.", true },
	{ "\\bstra\xc3\x9f" "e\\b", "die stra\xc3\x9f" "e", true },
	{ "(?i)\xc3\x84", "\xc3\xa4", true },
	{ "\\bgr\\b", "gr\xc3\xbcn", false },
	{ "^$", "", true },
	{ "a", "", false },
	{ "(?<=x)y", "xy", true },
};

static void
is_found_in_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pattern *pattern = make(cases[i].pattern);
		struct error err = { 0 };

		if (find(pattern, cases[i].text, &err) != cases[i].found)
			fail_msg("%s: %s", cases[i].pattern, err.text);
		pattern_free(&pattern);
		assert_null(pattern);
	}
}

/* At each place of a long text, of characters of two bytes, and over the edge
   of what is tried at a time. */
static void
is_found_wherever_it_stands(void **state)
{
	struct pattern *pattern = make("b\xc3\xa4" "c");
	struct error err = { 0 };

	(void)state;
	for (size_t place = 0; place < 1000; place++) {
		char text[2100] = "";

		for (size_t i = 0; i < place; i++)
			memcpy(text + 2 * i, "\xc3\xa4", 2);
		assert_int_equal(find(pattern, text, &err), 0);
		memcpy(text + 2 * place, "b\xc3\xa4" "c", 4);
		assert_int_equal(find(pattern, text, &err), 1);
	}
	pattern_free(&pattern);
}

static const struct {
	const char *pattern;
	const char *fill, *end;
} heavy[] = {
	{ "(a+)+$", "a", "b" },
	{ "(a+a+)+[xy]", "a", "" },
	{ "(?:a.*)+[yz]", "ab", "" },
	{ "a[^x]*+[bc]", "a", "" },
	{ "(a(?1)?b)+[cd]", "a", "b" },
};

/* Not known in the end, but that soon, whatever the machine has to do
   besides. */
static void
takes_no_long_time(void **state)
{
	static char text[LONG + 10];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(heavy); i++) {
		struct pattern *pattern = make(heavy[i].pattern);
		size_t len = strlen(heavy[i].fill);
		uint64_t start = pattern_clock_ns();
		struct error err = { 0 };

		for (size_t n = 0; n < LONG; n += len)
			memcpy(text + n, heavy[i].fill, len + 1);
		memcpy(text + LONG, heavy[i].end, strlen(heavy[i].end) + 1);
		if (find(pattern, text, &err) >= 0)
			fail_msg("%s is known", heavy[i].pattern);
		assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
		assert_string_not_equal(err.text, "");
		if (pattern_clock_ns() - start > 20 * PATTERN_TIME_NS)
			fail_msg("%s takes too long", heavy[i].pattern);
		pattern_free(&pattern);
	}
}

static void
gives_up_when_the_time_is_over(void **state)
{
	struct pattern *pattern = make("a");
	struct error err = { 0 };
	bool found;

	(void)state;
	assert_int_equal(pattern_find(pattern, "a", pattern_clock_ns(),
				      &found, &err), -1);
	assert_string_equal(err.text, "it takes too long");
	pattern_free(&pattern);
}

static void
refuses_what_is_no_text(void **state)
{
	struct pattern *pattern = make("a");
	struct error err = { 0 };

	(void)state;
	assert_int_equal(find(pattern, "a\xff", &err), -1);
	assert_int_equal(find(pattern, "\xc3", &err), -1);
	pattern_free(&pattern);
}

static const char *const words[] = {
	"secret", "project  x", "c++", "\xc3\x84rger", "a|b",
	"gr", "gru", NULL
};

static const struct {
	const char *text;
	bool found;
} spoken[] = {
	{ "a Secret!", true },
	{ "secrets", false },
	{ "_secret_", true },
	{ "my_secret", true },
	{ "secret7", false },
	{ "gr\xc3\xbcn", false },
	{ "gru\xcc\x88n", false },
	{ "a gr, b", true },
	{ "Project\n X.", true },
	{ "projectx", false },
	{ "in C++, of course", true },
	{ "ccc", false },
	{ "\xc3\xa4rger", true },
	{ "a|B", true },
	{ "a", false },
};

static void
is_made_of_words(void **state)
{
	struct pattern *pattern;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(pattern_new_of_words(words, &pattern, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(spoken); i++)
		if (find(pattern, spoken[i].text, &err) != spoken[i].found)
			fail_msg("%s", spoken[i].text);
	pattern_free(&pattern);
}

static const char *const wrong[] = { "(", "a{2,1}", "[z-a]", "\\C",
				     "(?<n>a)(?<n>b)", "*" };

static void
refuses_what_makes_no_sense(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct pattern *pattern;
		struct error err = { 0 };

		assert_int_equal(pattern_new(wrong[i], &pattern, &err), -1);
		assert_null(pattern);
		assert_non_null(strstr(err.text, "at character "));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_found_in_texts),
		cmocka_unit_test(is_found_wherever_it_stands),
		cmocka_unit_test(takes_no_long_time),
		cmocka_unit_test(gives_up_when_the_time_is_over),
		cmocka_unit_test(refuses_what_is_no_text),
		cmocka_unit_test(is_made_of_words),
		cmocka_unit_test(refuses_what_makes_no_sense),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_pattern", tests, NULL,
					   NULL);
}
