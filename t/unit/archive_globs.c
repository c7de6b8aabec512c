#include "components/archive/rules/globs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/rules/pattern.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *glob, *text;
	bool fits;
} cases[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "a.exe", "A.EXE", true },
	{ "a.exe", "a.exe.txt", false },
	{ "*.exe", "a.exe", true },
	{ "*.exe", "a.exe.exe", true },
	{ "*.exe", "exe", false },
	{ "image/*", "image/png", true },
	{ "image/*", "video/png", false },
	{ "*a*b*", "xxaxxbxx", true },
	{ "*a*b*", "xxbxxaxx", false },
	{ "*aab", "aaaaaaaab", true },
	{ "a**c", "abc", true },
	{ "a?c", "abc", false },
};

static void
fit_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (globs_fits(cases[i].glob, cases[i].text) != cases[i].fits)
			fail_msg("%s %s", cases[i].glob, cases[i].text);
}

/* Many stars, and what nearly fits. */
static void
take_no_long_time(void **state)
{
	static char text[100001];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_false(globs_fits("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab", text));
}

/* Where there are many of them, and the text is long. */
static void
are_looked_for_until_a_time(void **state)
{
	static const char *globs[1001];
	static char text[100001];
	struct globs_watch watch = { .until_ns = pattern_clock_ns() + 1000000 };

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	for (size_t i = 0; i < ARRAY_LEN(globs) - 1; i++)
		globs[i] = "*aaab*";
	assert_false(globs_have(globs, NULL, text, &watch));
	assert_true(watch.late);
	assert_true(pattern_clock_ns() < watch.until_ns + 1000000000);
	/* That is known at once. */
	watch = (struct globs_watch){ 0 };
	assert_true(globs_have(globs, NULL, "aaab", &watch));
	assert_false(watch.late);
}

static bool
is_short(const char *glob)
{
	return strlen(glob) < 4;
}

static void
except_what_begins_with_a_mark(void **state)
{
	static const char *const some[] = { "*.exe", "a*", "!b.*", NULL };
	static const char *const others[] = { "!*.png", NULL };
	struct globs_watch watch = { .until_ns = UINT64_MAX };

	(void)state;
	assert_true(globs_have(some, NULL, "b.exe", &watch));
	assert_false(globs_have(some, is_short, "b.exe", &watch));
	assert_true(globs_have(some, is_short, "a.exe", &watch));
	assert_false(globs_have(some, NULL, "!b.c", &watch));
	assert_true(globs_except(some, NULL, "b.exe", &watch));
	assert_true(globs_except(some, is_short, "b.exe", &watch));
	assert_false(globs_except(others, is_short, "b.png", &watch));
	assert_false(globs_except(some, NULL, "a.exe", &watch));
	assert_false(globs_only_except(some));
	assert_true(globs_only_except(others));
	assert_true(globs_only_except(others + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fit_texts),
		cmocka_unit_test(take_no_long_time),
		cmocka_unit_test(are_looked_for_until_a_time),
		cmocka_unit_test(except_what_begins_with_a_mark),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_globs", tests, NULL,
					   NULL);
}
