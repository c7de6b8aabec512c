#include "shared/store_metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/str.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* After each was given another number, in the order of the struct. */
static const char *const lines[] = {
	"# TYPE annex_store_up gauge\nannex_store_up 1\n",
	"# TYPE annex_store_waiting_writes gauge\n"
	"annex_store_waiting_writes 2\n",
	"# TYPE annex_store_waiting_bytes gauge\n"
	"annex_store_waiting_bytes 3\n",
	"# TYPE annex_store_reads_total counter\nannex_store_reads_total 4\n",
	"# TYPE annex_store_writes_total counter\n"
	"annex_store_writes_total 5\n",
	"# TYPE annex_store_refused_total counter\n"
	"annex_store_refused_total 6\n",
	"# TYPE annex_store_timeouts_total counter\n"
	"annex_store_timeouts_total 7\n",
	"# TYPE annex_store_lost_total counter\nannex_store_lost_total 8\n",
};

static void
count_all(struct store_metrics *to)
{
	struct metric *const all[] = {
		to->up, to->waiting_writes, to->waiting_bytes, to->reads,
		to->writes, to->refused, to->timeouts, to->lost,
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		metric_set(all[i], i + 1);
}

static void
shows_each_by_its_name(void **state)
{
	struct metrics *metrics = metrics_new();
	struct store_metrics to;
	struct str text = { 0 };

	(void)state;
	store_metrics_init(&to, metrics);
	count_all(&to);
	metrics_print(metrics, &text);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (strstr(text.data, lines[i]) == NULL)
			fail_msg("%snot in\n%s", lines[i], text.data);
	str_fini(&text);
	metrics_free(&metrics);
}

/* What counts need not ask. */
static void
counts_where_nobody_looks(void **state)
{
	struct store_metrics to;

	(void)state;
	store_metrics_init(&to, NULL);
	count_all(&to);
	metric_add(to.lost, 1);
	assert_ptr_equal(to.lost, &to.unseen);
	assert_ptr_equal(to.up, &to.unseen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_each_by_its_name),
		cmocka_unit_test(counts_where_nobody_looks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_metrics", tests, NULL,
					   NULL);
}
