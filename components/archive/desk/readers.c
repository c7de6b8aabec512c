#include "components/archive/desk/readers.h"

#include <stdlib.h>

#include "components/archive/archive.h"
#include "shared/error.h"
#include "shared/metric.h"

struct readers *
readers_new(struct archive *archive)
{
	static const char *const outcomes[READERS_OUTCOMES] = {
		[READERS_ANSWERED] = "outcome=\"answered\"",
		[READERS_REFUSED] = "outcome=\"refused\"",
		[READERS_FAILED] = "outcome=\"failed\"",
	};
	struct metrics *metrics = archive->runtime->metrics;
	struct readers *readers = calloc(1, sizeof(*readers));

	ensure(readers != NULL);
	readers->archive = archive;
	for (size_t i = 0; i < READERS_OUTCOMES; i++)
		readers->outcomes[i] = metric_counter(
			metrics, "annex_archive_requests_total", outcomes[i],
			"Requests of users who read their archives, by what "
			"became of them.");
	readers->results = metric_counter(
		metrics, "annex_archive_results_total", "",
		"Messages that users got out of their archives.");
	return readers;
}

void
readers_free(struct readers **readers)
{
	ensure((*readers)->readings == NULL);
	free(*readers);
	*readers = NULL;
}

struct mam_offer
readers_offer(const struct readers *readers)
{
	return (struct mam_offer){
		.max = readers->archive->settings->page_max,
		.groupchat = true, .fulltext = true,
	};
}

static enum readers_outcome
outcome_of(const struct error *err)
{
	if (err == NULL)
		return READERS_ANSWERED;
	return err->cond == ERROR_RESOURCE_CONSTRAINT ||
	       err->cond == ERROR_INTERNAL_SERVER_ERROR ? READERS_FAILED :
	       READERS_REFUSED;
}

void
readers_count(struct readers *readers, const struct error *err, size_t results)
{
	metric_add(readers->outcomes[outcome_of(err)], 1);
	metric_add(readers->results, results);
}
