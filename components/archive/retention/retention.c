#include "components/archive/retention/retention.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/retention/sweep.h"
#include "components/archive/retention/tenure.h"
#include "shared/audit.h"
#include "shared/backoff.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/status.h"

/* The first time is not at the start, where there is enough to do, nor at the
   same time in all that were started together. */
#define FIRST_MS 1000
#define FIRST_MAX_MS 60000

enum count { COPIES, MESSAGES, MONTHS, EVENTS, COUNTS };

struct retention {
	struct archive *archive;
	struct sweep *sweep;	/* under way, or NULL */
	int64_t ended;		/* when the last one did; 0: none has */
	bool failed;		/* that one */
	struct metric *counts[COUNTS];
	struct metric *good, *bad;	/* of sweeps */
	uv_timer_t timer;
};

static uint64_t
count_copies(const struct sweep *sweep)
{
	size_t rules = tenure_count(sweep_tenure(sweep));
	uint64_t copies = 0;

	for (size_t i = 0; i < rules; i++)
		copies += sweep_count(sweep, i)->copies;
	return copies;
}

static void
report(const struct retention *retention, const uint64_t went[COUNTS])
{
	json_t *json = json_pack("{s:I, s:I, s:I, s:I}",
				 "copies", (json_int_t)went[COPIES],
				 "messages", (json_int_t)went[MESSAGES],
				 "months", (json_int_t)went[MONTHS],
				 "events", (json_int_t)went[EVENTS]);
	char *detail;

	ensure(json != NULL);
	detail = json_dumps(json, JSON_COMPACT);
	ensure(detail != NULL);
	log_info("archive: over by the setting retention: %" PRIu64
		 " months as a whole, and besides %" PRIu64 " copies of "
		 "messages, with which %" PRIu64 " messages went, and %" PRIu64
		 " events", went[MONTHS], went[COPIES], went[MESSAGES],
		 went[EVENTS]);
	audit_report(retention->archive->runtime->store,
		     &(struct audit_event){ "retention", "expired", detail });
	free(detail);
	json_decref(json);
}

static void
take_note(struct retention *retention)
{
	const struct sweep *sweep = retention->sweep;
	const uint64_t went[COUNTS] = {
		[COPIES] = count_copies(sweep),
		[MESSAGES] = sweep_messages(sweep),
		[MONTHS] = sweep_months(sweep),
		[EVENTS] = sweep_events(sweep),
	};
	uint64_t all = 0;

	for (size_t i = 0; i < COUNTS; i++) {
		metric_add(retention->counts[i], went[i]);
		all += went[i];
	}
	if (all > 0)
		report(retention, went);
}

static void on_timer(uv_timer_t *timer);

/* The log has why, when it failed. */
static void
on_done(void *ctx, const struct error *err)
{
	struct retention *retention = ctx;
	uint64_t pause = retention->archive->settings->retention_pause;

	take_note(retention);
	retention->failed = err != NULL;
	metric_add(err == NULL ? retention->good : retention->bad, 1);
	retention->ended = clock_now();
	sweep_free(&retention->sweep);
	uv_timer_start(&retention->timer, on_timer, pause * 1000, 0);
}

static void
on_timer(uv_timer_t *timer)
{
	struct retention *retention = timer->data;
	const struct archive *archive = retention->archive;
	const struct sweep_plan plan = {
		.loop = archive->runtime->loop,
		.store = archive->runtime->store,
		.rules = archive->settings->retention,
		.groups = archive->groups, .now = clock_now(),
		.done = on_done, .ctx = retention,
	};

	retention->sweep = sweep_new(&plan);
}

void
retention_begin(struct retention *retention)
{
	const struct archive_settings *settings = retention->archive->settings;
	unsigned most = settings->retention_pause < FIRST_MAX_MS / 1000 ?
			settings->retention_pause * 1000 : FIRST_MAX_MS;

	if (retention->sweep != NULL)
		take_note(retention);
	sweep_free(&retention->sweep);
	if (settings->retention[0] == NULL)
		uv_timer_stop(&retention->timer);
	else
		uv_timer_start(&retention->timer, on_timer,
			       backoff_between(FIRST_MS, most), 0);
}

static struct metric *
add_sweeps(struct retention *retention, const char *outcome)
{
	return metric_counter(retention->archive->runtime->metrics,
			      "annex_archive_sweeps_total", outcome,
			      "How often all archives were looked through for "
			      "what is over.");
}

static void
add_metrics(struct retention *retention)
{
	static const char *const what[COUNTS] = {
		[COPIES] = "what=\"copies\"",
		[MESSAGES] = "what=\"messages\"",
		[MONTHS] = "what=\"months\"",
		[EVENTS] = "what=\"events\"",
	};

	for (size_t i = 0; i < COUNTS; i++)
		retention->counts[i] = metric_counter(
			retention->archive->runtime->metrics,
			"annex_archive_expired_total", what[i],
			"What went by the setting retention: copies, each in "
			"one archive; messages, with their last copy; whole "
			"months; and events.");
	retention->good = add_sweeps(retention, "outcome=\"done\"");
	retention->bad = add_sweeps(retention, "outcome=\"failed\"");
}

struct retention *
retention_new(struct archive *archive)
{
	struct retention *retention = calloc(1, sizeof(*retention));

	ensure(retention != NULL);
	retention->archive = archive;
	add_metrics(retention);
	uv_timer_init(archive->runtime->loop, &retention->timer);
	retention->timer.data = retention;
	retention_begin(retention);
	return retention;
}

static void
on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

void
retention_free(struct retention **retention)
{
	if (*retention == NULL)
		return;
	if ((*retention)->sweep != NULL)
		take_note(*retention);
	sweep_free(&(*retention)->sweep);
	uv_close((uv_handle_t *)&(*retention)->timer, on_closed);
	*retention = NULL;
}

void
retention_status(const struct retention *retention, struct call *call)
{
	char text[CLOCK_TEXT_SIZE];

	if (retention->archive->settings->retention[0] == NULL)
		status_add(call, "retention", "everything stays");
	else if (retention->ended == 0)
		status_add(call, "retention", "all archives are to be looked "
			   "through");
	else
		status_add(call, "retention", "all archives were looked "
			   "through%s at %s", retention->failed ?
			   " in part" : "",
			   clock_print(retention->ended, text));
}
