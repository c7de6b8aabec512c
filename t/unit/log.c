#include "shared/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>
#include <jansson.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* What was written to stderr since capture(). */
static char captured[16384];
static FILE *file;
static int real_stderr;

static void
capture(void)
{
	assert_non_null(file = tmpfile());
	real_stderr = dup(STDERR_FILENO);
	assert_return_code(dup2(fileno(file), STDERR_FILENO), 0);
}

static void
release(void)
{
	size_t len;

	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	rewind(file);
	len = fread(captured, 1, sizeof(captured) - 1, file);
	captured[len] = '\0';
	fclose(file);
}

/* The message as it was written, without time and newline. */
static const char *
text_of(const char *message)
{
	capture();
	log_configure("annex-test", LOG_LEVEL_INFO, false);
	log_info("%s", message);
	release();
	assert_int_equal(captured[strlen(captured) - 1], '\n');
	captured[strlen(captured) - 1] = '\0';
	return captured + strlen("2026-11-22T18:51:02.123Z ");
}

static const struct {
	const char *message;
	const char *text;
} escapes[] = {
	{ "room: opened", "room: opened" },
	{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88",
	  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88" },
	{ "a\nannex-test error forged", "a\\x0aannex-test error forged" },
	{ "tab\there\rback", "tab\\x09here\\x0dback" },
	{ "esc\033[2J del\177", "esc\\x1b[2J del\\x7f" },
	{ "c1\xc2\x9b" "31m", "c1\\xc2\\x9b31m" },
	{ "nbsp\xc2\xa0", "nbsp\xc2\xa0" },
	{ "latin1 \xe9.", "latin1 \\xe9." },
	{ "overlong \xc0\xaf", "overlong \\xc0\\xaf" },
	{ "overlong \xe0\x80\xaf", "overlong \\xe0\\x80\\xaf" },
	{ "surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80" },
	{ "beyond \xf4\x90\x80\x80", "beyond \\xf4\\x90\\x80\\x80" },
	{ "cut \xf0\x9f\x90", "cut \\xf0\\x9f\\x90" },
	{ "say \"hi\" c:\\temp", "say \"hi\" c:\\temp" },
	{ "", "" },
};

static void
no_value_forges_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
		const char *text = text_of(escapes[i].message);

		assert_memory_equal(text, "annex-test info ", 16);
		assert_string_equal(text + 16, escapes[i].text);
	}
}

static void
json_is_one_parsable_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
		json_error_t error;
		json_t *json;

		capture();
		log_configure("annex-test", LOG_LEVEL_DEBUG, true);
		log_error("%s", escapes[i].message);
		release();
		assert_ptr_equal(strchr(captured, '\n'),
				 captured + strlen(captured) - 1);

		json = json_loads(captured, JSON_REJECT_DUPLICATES, &error);
		assert_non_null(json);
		assert_string_equal(escapes[i].text, json_string_value(
				    json_object_get(json, "message")));
		assert_string_equal("error", json_string_value(
				    json_object_get(json, "level")));
		assert_string_equal("annex-test", json_string_value(
				    json_object_get(json, "program")));
		json_decref(json);
	}
}

static void
time_is_utc(void **state)
{
	unsigned year, month, day, hour, minute, second, milli;
	char end;

	(void)state;
	setenv("TZ", "Asia/Kathmandu", 1);
	text_of("now");
	assert_int_equal(sscanf(captured, "%4u-%2u-%2uT%2u:%2u:%2u.%3u%c",
				&year, &month, &day, &hour, &minute, &second,
				&milli, &end), 8);
	assert_int_equal(end, 'Z');
	assert_true(year >= 2024 && month <= 12 && day <= 31);
	unsetenv("TZ");
}

static void
levels_are_filtered(void **state)
{
	(void)state;
	capture();
	log_configure("annex-test", LOG_LEVEL_WARNING, false);
	log_debug("one");
	log_info("two");
	log_warning("three");
	log_error("four");
	release();
	assert_null(strstr(captured, "one"));
	assert_null(strstr(captured, "two"));
	assert_non_null(strstr(captured, "annex-test warning three\n"));
	assert_non_null(strstr(captured, "annex-test error four\n"));
	assert_false(log_enabled(LOG_LEVEL_INFO));
	assert_true(log_enabled(LOG_LEVEL_ERROR));
}

static void
long_messages_are_cut(void **state)
{
	char *long_text = malloc(100001);
	const char *text;

	(void)state;
	assert_non_null(long_text);
	memset(long_text, '\001', 100000);
	long_text[100000] = '\0';
	text = text_of(long_text);
	assert_true(strlen(text) < 10000);
	assert_string_equal(text + strlen(text) - 7, "\\x01...");
	free(long_text);
}

static void
journal_lines_carry_the_priority(void **state)
{
	struct stat st;
	char stream[64];

	(void)state;
	capture();
	assert_return_code(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu",
		 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_configure("annex-test", LOG_LEVEL_DEBUG, false);
	log_debug("a: b");
	log_info("c: d");
	log_warning("e: f");
	log_error("g: h");
	release();
	unsetenv("JOURNAL_STREAM");
	assert_string_equal(captured,
			    "<7>a: b\n<6>c: d\n<4>e: f\n<3>g: h\n");
}

static void
another_stream_is_not_the_journal(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "1:1", 1);
	text_of("x");
	unsetenv("JOURNAL_STREAM");
	assert_int_not_equal(captured[0], '<');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_value_forges_a_line),
		cmocka_unit_test(json_is_one_parsable_line),
		cmocka_unit_test(time_is_utc),
		cmocka_unit_test(levels_are_filtered),
		cmocka_unit_test(long_messages_are_cut),
		cmocka_unit_test(journal_lines_carry_the_priority),
		cmocka_unit_test(another_stream_is_not_the_journal),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
