#include "components/offline/offline.h"

#include "shared/error.h"
#include "shared/metric.h"

const struct setting offline_settings_table[] = {
	COMPONENT_SETTINGS(offline_settings, "Offline messages"),
	SETTING(UINT, offline_settings, user_messages, "1000",
		"Most messages kept for one user; 0 is no limit."),
	SETTING(UINT, offline_settings, sender_messages, "200",
		"Most of them from one sender; 0 is no limit."),
	SETTING_CHOICE(offline_settings, at_limit, "bounce", "bounce drop",
		"What happens to one more: its sender gets it back, or the "
		"oldest is dropped."),
	SETTING(SECS, offline_settings, expire, "0",
		"How long a message is kept, such as 90d; 0 is for ever."),
	{ .name = NULL }
};

void
offline_begin(struct offline *offline)
{
	offline->unfinished++;
}

void
offline_end(struct offline *offline)
{
	ensure(offline->unfinished > 0);
	if (--offline->unfinished == 0 && offline->stopping)
		component_stopped(offline->runtime);
}

static double
count_deliveries(void *ctx)
{
	const struct offline *offline = ctx;

	return (double)offline->deliveries;
}

static double
count_failing(void *ctx)
{
	const struct offline *offline = ctx;

	return (double)offline->failing;
}

void
offline_add_metrics(struct offline *offline)
{
	static const char *const outcomes[OFFLINE_COUNTS] = {
		[OFFLINE_STORED] = "outcome=\"stored\"",
		[OFFLINE_DELIVERED] = "outcome=\"delivered\"",
		[OFFLINE_PASSED_OVER] = "outcome=\"passed_over\"",
		[OFFLINE_REMOVED] = "outcome=\"removed\"",
		[OFFLINE_DISCARDED] = "outcome=\"discarded\"",
		[OFFLINE_BOUNCED] = "outcome=\"bounced\"",
		[OFFLINE_DROPPED] = "outcome=\"dropped\"",
		[OFFLINE_EXPIRED] = "outcome=\"expired\"",
		[OFFLINE_WITHDRAWN] = "outcome=\"withdrawn\"",
		[OFFLINE_REFUSED] = "outcome=\"refused\"",
		[OFFLINE_IMPORTED] = "outcome=\"imported\"",
	};

	for (size_t i = 0; i < OFFLINE_COUNTS; i++)
		offline->counts[i] = metric_counter(
			offline->runtime->metrics,
			"annex_offline_messages_total", outcomes[i],
			"Messages, by what became of them.");
	metric_gauge_fn(offline->runtime->metrics,
			"annex_offline_deliveries", "",
			"Users to whom messages are being delivered.",
			count_deliveries, offline);
	metric_gauge_fn(offline->runtime->metrics,
			"annex_offline_deliveries_failing", "",
			"Of these, those whose messages the router does not "
			"take; they are tried again.",
			count_failing, offline);
}

void
offline_count(struct offline *offline, enum offline_count what, size_t n)
{
	metric_add(offline->counts[what], n);
}
