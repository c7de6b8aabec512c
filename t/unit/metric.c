#include "shared/metric.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "shared/str.h"

static void
assert_prints(const struct metrics *metrics, const char *expected)
{
	struct str out = { 0 };

	metrics_print(metrics, &out);
	assert_string_equal(out.data ? out.data : "", expected);
	str_fini(&out);
}

static void
nothing_prints_nothing(void **state)
{
	struct metrics *metrics = metrics_new();

	(void)state;
	assert_prints(metrics, "");
	metrics_free(&metrics);
	assert_null(metrics);
	metrics_free(&metrics);
}

static void
counts_and_sets(void **state)
{
	struct metrics *metrics = metrics_new();
	struct metric *rooms, *sent;

	(void)state;
	rooms = metric_gauge(metrics, "annex_t_rooms", "", "Rooms in memory.");
	sent = metric_counter(metrics, "annex_t_sent_total", "", "Sent.");
	metric_set(rooms, 7);
	metric_add(sent, 1);
	metric_add(sent, UINT64_C(18446744073709551614));
	assert_prints(metrics,
		      "# HELP annex_t_rooms Rooms in memory.\n"
		      "# TYPE annex_t_rooms gauge\n"
		      "annex_t_rooms 7\n"
		      "# HELP annex_t_sent_total Sent.\n"
		      "# TYPE annex_t_sent_total counter\n"
		      "annex_t_sent_total 18446744073709551615\n");
	metrics_free(&metrics);
}

/* The format wants all lines of one name in one group. */
static void
labels_share_a_family(void **state)
{
	struct metrics *metrics = metrics_new();
	struct metric *chat, *iq;

	(void)state;
	chat = metric_counter(metrics, "a_total", "kind=\"chat\"", "A.");
	metric_counter(metrics, "b_total", "", "B.");
	iq = metric_counter(metrics, "a_total", "kind=\"iq\"", "A.");
	metric_add(chat, 2);
	metric_add(iq, 3);
	assert_prints(metrics,
		      "# HELP a_total A.\n# TYPE a_total counter\n"
		      "a_total{kind=\"chat\"} 2\na_total{kind=\"iq\"} 3\n"
		      "# HELP b_total B.\n# TYPE b_total counter\n"
		      "b_total 0\n");
	metrics_free(&metrics);
}

static void
the_same_metric_twice_is_one(void **state)
{
	struct metrics *metrics = metrics_new();
	struct metric *one, *two;

	(void)state;
	one = metric_counter(metrics, "a_total", "x=\"y\"", "A.");
	two = metric_counter(metrics, "a_total", "x=\"y\"", "A.");
	assert_ptr_equal(one, two);
	metrics_free(&metrics);
}

static double
read_double(void *ctx)
{
	return *(double *)ctx;
}

static void
functions_are_asked(void **state)
{
	static double values[] = { 0.25, 1e9, NAN, INFINITY, -INFINITY, -3 };
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
	struct metrics *metrics = metrics_new();
	struct str out = { 0 };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		metric_gauge_fn(metrics, names[i], "", "", read_double,
				&values[i]);
	metric_counter_fn(metrics, "f", "l=\"1\"", "", read_double,
			  &values[5]);
	values[0] = 0.5;
	metrics_print(metrics, &out);
	assert_non_null(strstr(out.data, "\na 0.5\n"));
	assert_non_null(strstr(out.data, "\nb 1000000000\n"));
	assert_non_null(strstr(out.data, "\nc NaN\n"));
	assert_non_null(strstr(out.data, "\nd +Inf\n"));
	assert_non_null(strstr(out.data, "\ne -Inf\n"));
	assert_non_null(strstr(out.data, "TYPE f counter\nf{l=\"1\"} -3\n"));
	str_fini(&out);
	metrics_free(&metrics);
}

static void
help_is_escaped(void **state)
{
	struct metrics *metrics = metrics_new();

	(void)state;
	metric_gauge(metrics, "a", "", "one\ntwo \\ three");
	assert_prints(metrics, "# HELP a one\\ntwo \\\\ three\n"
			       "# TYPE a gauge\na 0\n");
	metrics_free(&metrics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_prints_nothing),
		cmocka_unit_test(counts_and_sets),
		cmocka_unit_test(labels_share_a_family),
		cmocka_unit_test(the_same_metric_twice_is_one),
		cmocka_unit_test(functions_are_asked),
		cmocka_unit_test(help_is_escaped),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
