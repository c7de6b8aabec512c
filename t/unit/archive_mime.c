#include "components/archive/format/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/str.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define A10 "aaaaaaaaaa"
#define A70 A10 A10 A10 A10 A10 A10 A10

static const struct {
	const char *text, *wanted;
} headers[] = {
	{ "Wherefore art thou", "S: Wherefore art thou\n" },
	{ "", "S: \n" },
	{ "gr\xc3\xbc\xc3\x9f", "S: =?UTF-8?B?Z3LDvMOf?=\n" },
	{ "a\nBcc: x@y", "S: =?UTF-8?B?YQpCY2M6IHhAeQ==?=\n" },
	{ "a\r", "S: =?UTF-8?B?YQ0=?=\n" },
	{ " a", "S: =?UTF-8?B?IGE=?=\n" },
	{ "=?UTF-8?B?YQ==?=", "S: =?UTF-8?B?PT9VVEYtOD9CP1lRPT0/PQ==?=\n" },
	{ A70, "S: " A70 "\n" },
	/* No character is torn apart. */
	{ A10 A10 A10 A10 "aaaa\xc3\xbc" A10,
	  "S: =?UTF-8?B?YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhY"
	  "WFhYWE=?=\n =?UTF-8?B?w7xhYWFhYWFhYWFh?=\n" },
};

static void
encodes_headers_that_need_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		struct str out = { 0 };

		mime_add_header(&out, "S", headers[i].text, "\n");
		assert_string_equal(out.data, headers[i].wanted);
		str_fini(&out);
	}
}

/* As a database may be that somebody else has written to. */
static void
comes_to_an_end_of_what_is_no_utf8(void **state)
{
	char text[200];
	struct str out = { 0 };

	(void)state;
	memset(text, 0x99, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	mime_add_header(&out, "S", text, "\n");
	assert_in_range(out.len, 266, 400);
	str_fini(&out);
}

static void
folds_what_is_long(void **state)
{
	struct str text = { 0 }, out = { 0 };
	const char *line, *end;

	(void)state;
	for (int i = 0; i < 500; i++)
		str_addz(&text, "\xe2\x82\xac");
	mime_add_header(&out, "Subject", text.data, "\r\n");
	for (line = out.data; (end = strstr(line, "\r\n")) != NULL;
	     line = end + 2) {
		assert_true(end - line <= 85);
		assert_true(line == out.data || *line == ' ');
	}
	assert_int_equal(*line, '\0');
	str_fini(&text);
	str_fini(&out);
}

static const struct {
	const char *bytes, *wanted;
} base64[] = {
	{ "", "" },
	{ "f", "Zg==\n" },
	{ "fo", "Zm8=\n" },
	{ "foo", "Zm9v\n" },
	{ "foobar", "Zm9vYmFy\n" },
	{ "\xff\xfe", "//4=\n" },
	{ A10 A10 A10 A10 A10 "aaaaaaab",
	  "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"
	  "YWFhYWFh\nYg==\n" },
};

static void
writes_base64_in_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(base64); i++) {
		struct str out = { 0 };

		str_addz(&out, "");
		mime_add_base64(&out, base64[i].bytes,
				strlen(base64[i].bytes), "\n");
		assert_string_equal(out.data, base64[i].wanted);
		str_fini(&out);
	}
}

static void
knows_what_may_be_a_body(void **state)
{
	char line[1001];

	(void)state;
	assert_true(mime_is_plain(""));
	assert_true(mime_is_plain("a\n\nb"));
	assert_false(mime_is_plain("a\rb"));
	assert_false(mime_is_plain("a\r\nb"));
	memset(line, 'a', 1000);
	line[998] = '\0';
	assert_true(mime_is_plain(line));
	line[998] = 'a';
	line[999] = '\0';
	assert_false(mime_is_plain(line));
}

static void
ends_each_line(void **state)
{
	struct str out = { 0 };

	(void)state;
	mime_add_lines(&out, "a\n\nb", "\r\n");
	assert_string_equal(out.data, "a\r\n\r\nb\r\n");
	str_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_headers_that_need_it),
		cmocka_unit_test(comes_to_an_end_of_what_is_no_utf8),
		cmocka_unit_test(folds_what_is_long),
		cmocka_unit_test(writes_base64_in_lines),
		cmocka_unit_test(knows_what_may_be_a_body),
		cmocka_unit_test(ends_each_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_mime", tests, NULL, NULL);
}
