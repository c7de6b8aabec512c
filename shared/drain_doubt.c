#include "shared/drain_doubt.h"

#include "shared/error.h"
#include "shared/log.h"

#define PAUSE_FIRST_MS 1000
#define PAUSE_LAST_MS 60000

void
drain_doubt_init(struct drain_doubt *doubt, uv_loop_t *loop,
		 struct metrics *metrics)
{
	doubt->backoff = (struct backoff){ PAUSE_FIRST_MS, PAUSE_LAST_MS, 0 };
	ensure(uv_timer_init(loop, &doubt->timer) == 0);
	doubt->timer.data = doubt;
	doubt->refusing = metrics == NULL ? &doubt->unseen :
		metric_gauge(metrics, "annex_journal_refusing", "",
			     "Whether the database refuses all entries.");
}

static void
on_closed(uv_handle_t *timer)
{
	struct drain_doubt *doubt = timer->data;

	doubt->fn(doubt->ctx);
}

void
drain_doubt_fini(struct drain_doubt *doubt, void (*fn)(void *ctx))
{
	doubt->fn = fn;
	uv_close((uv_handle_t *)&doubt->timer, on_closed);
}

static void
set_doubtful(struct drain_doubt *doubt, bool doubtful)
{
	doubt->doubtful = doubtful;
	metric_set(doubt->refusing, doubtful);
}

void
drain_doubt_begin(struct drain_doubt *doubt, size_t entries)
{
	if (!doubt->doubtful)
		log_error("drain: the database refuses all of %zu entries, "
			  "so they wait", entries);
	set_doubtful(doubt, true);
}

void
drain_doubt_end(struct drain_doubt *doubt)
{
	set_doubtful(doubt, false);
	backoff_reset(&doubt->backoff);
	drain_doubt_go_on(doubt);
}

static void
on_timer(uv_timer_t *timer)
{
	struct drain_doubt *doubt = timer->data;

	doubt->fn(doubt->ctx);
}

void
drain_doubt_pause(struct drain_doubt *doubt)
{
	uv_timer_start(&doubt->timer, on_timer,
		       backoff_next_ms(&doubt->backoff), 0);
}

void
drain_doubt_go_on(struct drain_doubt *doubt)
{
	uv_timer_stop(&doubt->timer);
}
