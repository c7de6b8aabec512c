#include "components/archive/policy/docket.h"

#include <stddef.h>

#include "components/archive/archive.h"
#include "shared/metric.h"

static const struct {
	uint64_t ms;
	const char *label;
} delays[DOCKET_DELAYS] = {
	{ 2, "le=\"0.002\"" }, { 5, "le=\"0.005\"" }, { 10, "le=\"0.01\"" },
	{ 20, "le=\"0.02\"" }, { 50, "le=\"0.05\"" }, { 100, "le=\"0.1\"" },
	{ 250, "le=\"0.25\"" }, { 500, "le=\"0.5\"" }, { 1000, "le=\"1\"" },
	{ UINT64_MAX, "le=\"+Inf\"" },
};

void
docket_init(struct docket *docket, struct archive *archive)
{
	static const char *const outcomes[DOCKET_COUNTS] = {
		[DOCKET_ALLOWED] = "outcome=\"allowed\"",
		[DOCKET_BLOCKED] = "outcome=\"blocked\"",
		[DOCKET_MODIFIED] = "outcome=\"modified\"",
		[DOCKET_HELD] = "outcome=\"held\"",
		[DOCKET_FAILED_OPEN] = "outcome=\"failed_open\"",
		[DOCKET_FAILED_CLOSED] = "outcome=\"failed_closed\"",
		[DOCKET_SPOOLED] = "outcome=\"spooled\"",
	};
	struct metrics *metrics = archive->runtime->metrics;

	*docket = (struct docket){ .archive = archive };
	for (size_t i = 0; i < DOCKET_COUNTS; i++)
		docket->counts[i] = metric_counter(
			metrics, "annex_archive_verdicts_total", outcomes[i],
			"Stanzas that were judged, by what became of them.");
	for (size_t i = 0; i < DOCKET_DELAYS; i++)
		docket->delays[i] = metric_counter(
			metrics, "annex_archive_verdict_seconds_bucket",
			delays[i].label, "How many of them took no longer.");
}

void
docket_count(struct docket *docket, enum docket_count what, uint64_t ns)
{
	metric_add(docket->counts[what], 1);
	/* A bucket has those of the shorter ones as well. */
	for (size_t i = 0; i < DOCKET_DELAYS; i++)
		if (ns / 1000000 < delays[i].ms)
			metric_add(docket->delays[i], 1);
}
