/*
 * lag.h - how long callbacks keep the loop from its work.
 *
 * One turn of the loop is measured from the moment its poll returned until it
 * polls again, so a turn that takes long has a callback that does.
 */
#ifndef SHARED_LAG_H
#define SHARED_LAG_H

#include <stdint.h>
#include <uv.h>

struct metric;
struct metrics;

/* Slower turns are logged. */
#define LAG_SLOW_MS 100

struct lag {
	uv_prepare_t prepare;
	uv_check_t check;
	uint64_t woke_ms;	/* 0: the loop has not polled yet */
	uint64_t max_ms;	/* since somebody looked */
	struct metric *slow;
};

/* component is its name, as in the metrics'. */
void lag_init(struct lag *lag, uv_loop_t *loop, struct metrics *metrics,
	      const char *component);
/* lag is to live until the loop has closed its two handles, telling so. */
void lag_fini(struct lag *lag, uv_close_cb closed);

#endif
