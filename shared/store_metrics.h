/*
 * store_metrics.h - what the store counts.
 */
#ifndef SHARED_STORE_METRICS_H
#define SHARED_STORE_METRICS_H

#include "shared/metric.h"

struct store_metrics {
	struct metric *up, *waiting_writes, *waiting_bytes;
	struct metric *reads, *writes, *refused, *timeouts, *lost;
	struct metric unseen;	/* all of them, when nobody looks */
};

/* metrics may be NULL. */
void store_metrics_init(struct store_metrics *to, struct metrics *metrics);

#endif
