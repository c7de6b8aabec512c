#include "shared/process.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/metric.h"
#include "shared/str.h"

static double
read_metric(const char *name)
{
	struct metrics *metrics = metrics_new();
	struct str text = { 0 }, line = { 0 };
	const char *at;
	double value;

	process_add_metrics(metrics, "test");
	metrics_print(metrics, &text);
	str_addf(&line, "\n%s ", name);
	assert_non_null(at = strstr(text.data, line.data));
	value = strtod(at + line.len, NULL);
	str_fini(&line);
	str_fini(&text);
	metrics_free(&metrics);
	return value;
}

static void
sizes_are_plausible(void **state)
{
	double resident = read_metric("process_resident_memory_bytes");

	(void)state;
	assert_true(resident > 100e3 && resident < 10e9);
	assert_true(read_metric("process_virtual_memory_bytes") >= resident);
	assert_true(read_metric("process_max_fds") > 10);
}

static void
descriptors_are_counted(void **state)
{
	double before = read_metric("process_open_fds");
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(fd >= 0 && before >= 1);
	assert_true(read_metric("process_open_fds") == before + 1);
	close(fd);
	assert_true(read_metric("process_open_fds") == before);
}

static void
time_goes_by(void **state)
{
	double start = read_metric("process_start_time_seconds");
	double before = read_metric("process_cpu_seconds_total");

	(void)state;
	assert_true(start > 1e9 && start <= (double)time(NULL) + 1);
	assert_true(start > (double)time(NULL) - 3600);
	/* Looking costs time, too. */
	for (int i = 0; i < 100000; i++)
		if (read_metric("process_cpu_seconds_total") > before)
			return;
	fail_msg("the processor's time stands still");
}

static void
version_is_shown(void **state)
{
	struct metrics *metrics = metrics_new();
	struct str text = { 0 };

	(void)state;
	process_add_metrics(metrics, "test");
	metrics_print(metrics, &text);
	assert_non_null(strstr(text.data,
			       "\nannex_test_build_info{version=\""));
	str_fini(&text);
	metrics_free(&metrics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_plausible),
		cmocka_unit_test(descriptors_are_counted),
		cmocka_unit_test(time_goes_by),
		cmocka_unit_test(version_is_shown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
