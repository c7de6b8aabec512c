#include "shared/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define SECS(n) (INT64_C(n) * CLOCK_SECOND)

/* XEP-0082 section 3.2. */
static const struct {
	const char *text;
	int64_t stamp;
} times[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1970-01-01T00:00:01Z", SECS(1) },
	{ "1969-07-21T02:56:15Z", -SECS(14159025) },
	{ "1969-07-20T21:56:15-05:00", -SECS(14159025) },
	{ "2002-10-13T23:58:37Z", SECS(1034553517) },
	{ "2002-10-13T23:58:37.5Z", SECS(1034553517) + 500000 },
	{ "2002-10-13T23:58:37.123456Z", SECS(1034553517) + 123456 },
	{ "2002-10-13T23:58:37.123456789Z", SECS(1034553517) + 123456 },
	{ "2002-10-13T23:58:37+00:00", SECS(1034553517) },
	{ "2002-10-14T01:58:37+02:00", SECS(1034553517) },
	{ "2002-10-14T05:28:37.25+05:30", SECS(1034553517) + 250000 },
	{ "2000-02-29T12:00:00Z", SECS(951825600) },
	{ "2038-01-19T03:14:08Z", SECS(2147483648) },
	{ "9999-12-31T23:59:59Z", SECS(253402300799) },
};

static void
reads_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		int64_t stamp = 1;

		if (clock_parse(times[i].text, &stamp) < 0)
			fail_msg("%s", times[i].text);
		if (stamp != times[i].stamp)
			fail_msg("%s: %lld", times[i].text, (long long)stamp);
	}
}

static const char *const bad[] = {
	"",
	"Z",
	"now",
	"20021013T23:58:37",		/* jabber:x:delay */
	"2002-10-13",
	"2002-10-13T23:58:37",		/* no zone */
	"2002-10-13 23:58:37Z",
	"2002-10-13T23:58Z",
	"2002-13-13T23:58:37Z",
	"2002-10-32T23:58:37Z",
	"2002-10-13T25:58:37Z",
	"2002-10-13T23:61:37Z",
	"2002-10-13T23:58:37Zulu",
	"2002-10-13T23:58:37z",
	"2002-10-13T23:58:37+0200",
	"2002-10-13T23:58:37+02",
	"2002-10-13T23:58:37+2:00",
	"2002-10-13T23:58:37+02:00Z",
	"2002-10-13T23:58:37+24:00",
	"2002-10-13T23:58:37-02:60",
	"2002-10-13T23:58:37+-1:00",
	"2002-10-13T23:58:37,5Z",
	"2002-10-13T23:58:37.5",
	"2002-10-13T23:58:37.Z",
	"2002-10-13T23:58:37+ 2:00",
	" 2002-10-13T23:58:37Z",
	"2002-10-13T 3:58:37Z",
	"2002-02-30T23:58:37Z",
	"2001-02-29T23:58:37Z",
	"+002-10-13T23:58:37Z",
};

static void
refuses_what_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t stamp = 7;

		if (clock_parse(bad[i], &stamp) == 0)
			fail_msg("%s was taken for a time", bad[i]);
		assert_int_equal(stamp, 7);
	}
}

static const struct {
	int64_t stamp;
	const char *text;
} printed[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ 999, "1970-01-01T00:00:00Z" },
	{ 1000, "1970-01-01T00:00:00.001Z" },
	{ SECS(1034553517) + 123456, "2002-10-13T23:58:37.123Z" },
	{ SECS(951825600) + 999999, "2000-02-29T12:00:00.999Z" },
	{ SECS(253402300799), "9999-12-31T23:59:59Z" },
	{ -SECS(14159025), "1969-07-21T02:56:15Z" },
};

static void
prints_times(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(printed); i++) {
		assert_ptr_equal(clock_print(printed[i].stamp, text), text);
		assert_string_equal(text, printed[i].text);
	}
}

/* Whatever the clock says, the text has room and ends. */
static void
prints_the_far_future(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	clock_print(INT64_MAX, text);
	assert_true(strlen(text) < CLOCK_TEXT_SIZE);
	assert_string_equal(text, "294247-01-10T04:00:54.775Z");
}

static void
tells_the_time(void **state)
{
	int64_t before = (int64_t)time(NULL), now = clock_now();
	int64_t after = (int64_t)time(NULL);

	(void)state;
	/* time() may lag behind by a tick of the kernel. */
	assert_true(now / CLOCK_SECOND >= before);
	assert_true(now / CLOCK_SECOND <= after + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_times),
		cmocka_unit_test(refuses_what_is_none),
		cmocka_unit_test(prints_times),
		cmocka_unit_test(prints_the_far_future),
		cmocka_unit_test(tells_the_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
