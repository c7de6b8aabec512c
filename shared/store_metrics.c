#include "shared/store_metrics.h"

#include <stddef.h>

static struct metric *
gauge(struct store_metrics *to, struct metrics *metrics, const char *name,
      const char *help)
{
	return metrics == NULL ? &to->unseen :
	       metric_gauge(metrics, name, "", help);
}

static struct metric *
counter(struct store_metrics *to, struct metrics *metrics, const char *name,
	const char *help)
{
	return metrics == NULL ? &to->unseen :
	       metric_counter(metrics, name, "", help);
}

void
store_metrics_init(struct store_metrics *to, struct metrics *metrics)
{
	to->up = gauge(to, metrics, "annex_store_up",
		       "Whether the database is there.");
	to->waiting_writes = gauge(to, metrics,
				   "annex_store_waiting_writes",
				   "Writes that are not durable yet.");
	to->waiting_bytes = gauge(to, metrics, "annex_store_waiting_bytes",
				  "Memory they occupy.");
	to->reads = counter(to, metrics, "annex_store_reads_total",
			    "Reads asked for.");
	to->writes = counter(to, metrics, "annex_store_writes_total",
			     "Transactions asked for.");
	to->refused = counter(to, metrics, "annex_store_refused_total",
			      "Requests that the database refused.");
	to->timeouts = counter(to, metrics, "annex_store_timeouts_total",
			       "Reads that took too long.");
	to->lost = counter(to, metrics, "annex_store_lost_total",
			   "Writes that were given up.");
}
