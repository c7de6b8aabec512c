/*
 * metric.h - counters and gauges, in the Prometheus text format 0.0.4.
 */
#ifndef SHARED_METRIC_H
#define SHARED_METRIC_H

#include <stdint.h>

struct str;
struct metrics;

struct metric {
	uint64_t value;
};

struct metrics *metrics_new(void);
void metrics_free(struct metrics **metrics);

/* Adds one, which lives as long as metrics.  name is complete
   ("annex_muc_rooms"); labels is "" or as in `type="chat"`, not escaped.
   The same name may be added with other labels, help being the same. */
struct metric *metric_counter(struct metrics *metrics, const char *name,
			      const char *labels, const char *help);
struct metric *metric_gauge(struct metrics *metrics, const char *name,
			    const char *labels, const char *help);

/* Those asked for when somebody looks. */
void metric_gauge_fn(struct metrics *metrics, const char *name,
		     const char *labels, const char *help,
		     double (*fn)(void *ctx), void *ctx);
void metric_counter_fn(struct metrics *metrics, const char *name,
		       const char *labels, const char *help,
		       double (*fn)(void *ctx), void *ctx);

static inline void
metric_add(struct metric *metric, uint64_t n)
{
	metric->value += n;
}

static inline void
metric_set(struct metric *metric, uint64_t value)
{
	metric->value = value;
}

void metrics_print(const struct metrics *metrics, struct str *out);

#endif
