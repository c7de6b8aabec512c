#include "shared/lag.h"

#include <inttypes.h>

#include "shared/log.h"
#include "shared/metric.h"
#include "shared/str.h"

#define NS_PER_MS 1000000

static void
on_check(uv_check_t *check)
{
	struct lag *lag = check->data;

	/* What the loop noted when its poll returned; the descriptors'
	   callbacks have already run since. */
	lag->woke_ms = uv_now(check->loop);
}

static void
on_prepare(uv_prepare_t *prepare)
{
	struct lag *lag = prepare->data;
	uint64_t now_ms = uv_hrtime() / NS_PER_MS;
	uint64_t took_ms;

	if (lag->woke_ms == 0 || now_ms <= lag->woke_ms)
		return;
	took_ms = now_ms - lag->woke_ms;
	lag->woke_ms = 0;
	if (took_ms > lag->max_ms)
		lag->max_ms = took_ms;
	if (took_ms < LAG_SLOW_MS)
		return;
	metric_add(lag->slow, 1);
	log_warning("loop: a turn took %" PRIu64 " ms", took_ms);
}

static double
take_max(void *ctx)
{
	struct lag *lag = ctx;
	double secs = (double)lag->max_ms / 1000;

	lag->max_ms = 0;
	return secs;
}

static void
add_metrics(struct lag *lag, struct metrics *metrics, const char *component)
{
	struct str name = { 0 };

	str_addf(&name, "annex_%s_loop_lag_max_seconds", component);
	metric_gauge_fn(metrics, name.data, "",
			"The slowest turn of the loop since this was last "
			"asked for.", take_max, lag);
	str_clear(&name);
	str_addf(&name, "annex_%s_loop_slow_total", component);
	lag->slow = metric_counter(metrics, name.data, "",
				   "Turns of the loop that took 100 ms or "
				   "more.");
	str_fini(&name);
}

void
lag_init(struct lag *lag, uv_loop_t *loop, struct metrics *metrics,
	 const char *component)
{
	lag->woke_ms = lag->max_ms = 0;
	add_metrics(lag, metrics, component);

	uv_prepare_init(loop, &lag->prepare);
	lag->prepare.data = lag;
	uv_prepare_start(&lag->prepare, on_prepare);
	uv_unref((uv_handle_t *)&lag->prepare);

	uv_check_init(loop, &lag->check);
	lag->check.data = lag;
	uv_check_start(&lag->check, on_check);
	uv_unref((uv_handle_t *)&lag->check);
}

void
lag_fini(struct lag *lag, uv_close_cb closed)
{
	uv_close((uv_handle_t *)&lag->prepare, closed);
	uv_close((uv_handle_t *)&lag->check, closed);
}
