#include "components/ctl/screen.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *text;
	size_t width;
} widths[] = {
	{ "", 0 }, { "abc", 3 }, { "gr\xc3\xbc\xc3\x9f", 4 },
	{ "\xe6\xbc\xa2\xe5\xad\x97", 4 }, { "a\xff", 2 },
};

static void
texts_are_as_wide_as_they_look(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(widths); i++)
		assert_int_equal(screen_measure(widths[i].text),
				 widths[i].width);
}

static void
what_fits_ends_between_characters(void **state)
{
	(void)state;
	assert_int_equal(screen_fit("abc", 5), 3);
	assert_int_equal(screen_fit("abc", 2), 2);
	assert_int_equal(screen_fit("\xe6\xbc\xa2\xe5\xad\x97", 3), 3);
	assert_int_equal(screen_fit("\xe6\xbc\xa2", 1), 0);
}

static const struct {
	const char *text;
	bool lines;
	const char *clean;
} dirty[] = {
	{ "plain", false, "plain" },
	{ "a\nb\tc", false, "a b c" },
	{ "a\nb\tc", true, "a\nb c" },
	{ "\x1b]0;x\x07", false, "?]0;x?" },
	{ "a\xc2\x9b" "31m", false, "a?31m" },
	{ "\xc3\xbc\xc2\xa0", false, "\xc3\xbc\xc2\xa0" },
	{ "\x7f", false, "?" },
};

static void
control_characters_are_not_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dirty); i++) {
		char *clean = screen_clean(dirty[i].text, dirty[i].lines);

		assert_string_equal(clean, dirty[i].clean);
		free(clean);
	}
}

static void
a_file_has_neither_colours_nor_width(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	assert_false(screen_is_terminal(file));
	assert_false(screen_has_colours(file));
	assert_int_equal(screen_width(file), 0);
	fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_as_wide_as_they_look),
		cmocka_unit_test(what_fits_ends_between_characters),
		cmocka_unit_test(control_characters_are_not_shown),
		cmocka_unit_test(a_file_has_neither_colours_nor_width),
	};

	setlocale(LC_ALL, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
