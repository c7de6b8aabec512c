#include "components/archive/intake/intake.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/intake/window.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/hook_request.h"
#include "shared/journal.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/router.h"

/* Before what is held is tried again. */
#define PAUSE_MS 500

/* Of one host of the router's, of which there are as many as are named. */
struct gate {
	struct gate *next;
	struct window window;
};

struct intake {
	struct archive *archive;
	struct gate *gates;
	size_t held;
	uv_timer_t timer;	/* active while some are held */
	uv_prepare_t turn;	/* while something is owed */
};

static double
count_held(void *ctx)
{
	const struct intake *intake = ctx;

	return (double)intake->held;
}

struct intake *
intake_new(struct archive *archive)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	ensure(intake != NULL);
	intake->archive = archive;
	uv_timer_init(archive->runtime->loop, &intake->timer);
	uv_prepare_init(archive->runtime->loop, &intake->turn);
	intake->timer.data = intake->turn.data = intake;
	metric_gauge_fn(archive->runtime->metrics,
			"annex_archive_copies_held", "",
			"Copies of messages that the journal does not take; "
			"they are tried again.", count_held, intake);
	return intake;
}

static void
on_turn_closed(uv_handle_t *turn)
{
	free(turn->data);
}

static void
on_timer_closed(uv_handle_t *timer)
{
	struct intake *intake = timer->data;

	uv_close((uv_handle_t *)&intake->turn, on_turn_closed);
}

void
intake_free(struct intake **intake_p)
{
	struct intake *intake = *intake_p;
	struct gate *gate, *next;

	*intake_p = NULL;
	LL_FOREACH_SAFE(intake->gates, gate, next) {
		window_fini(&gate->window);
		free(gate);
	}
	uv_close((uv_handle_t *)&intake->timer, on_timer_closed);
}

size_t
intake_held(const struct intake *intake)
{
	return intake->held;
}

bool
intake_is_full(const struct intake *intake)
{
	const struct gate *gate;

	LL_FOREACH(intake->gates, gate)
		if (gate->window.refused > 0)
			return true;
	return false;
}

static struct window *
find(struct intake *intake, const char *domain)
{
	struct gate *gate;

	LL_FOREACH(intake->gates, gate)
		if (strcmp(gate->window.domain, domain) == 0)
			return &gate->window;
	return NULL;
}

static struct window *
use(struct intake *intake, const char *domain)
{
	struct window *window = find(intake, domain);
	struct gate *gate;

	if (window != NULL)
		return window;
	ensure((gate = calloc(1, sizeof(*gate))) != NULL);
	window_init(&gate->window, domain, intake);
	LL_PREPEND(intake->gates, gate);
	return &gate->window;
}

void
intake_flush(struct intake *intake)
{
	struct runtime *runtime = intake->archive->runtime;
	const struct hook_host *host;
	struct gate *gate;

	uv_prepare_stop(&intake->turn);
	if (runtime == NULL)
		return;
	LL_FOREACH(intake->gates, gate) {
		host = hook_find(runtime->hook, gate->window.domain);
		if (gate->window.owes && host != NULL)
			hook_ack(runtime, host, gate->window.acked);
		gate->window.owes = false;
	}
}

static void
on_turn_end(uv_prepare_t *turn)
{
	intake_flush(turn->data);
}

/* Many are told by one ack. */
static void
note(struct intake *intake, const struct window *window)
{
	if (window->owes)
		uv_prepare_start(&intake->turn, on_turn_end);
}

static void on_timer(uv_timer_t *timer);

static void
hold(struct intake *intake)
{
	if (intake->held++ == 0)
		log_warning("archive: the journal does not take copies of "
			    "messages: they wait, here and in the router");
	if (!uv_is_active((uv_handle_t *)&intake->timer))
		uv_timer_start(&intake->timer, on_timer, PAUSE_MS, PAUSE_MS);
}

static void
release(struct intake *intake, size_t count)
{
	intake->held -= count;
	if (intake->held > 0 || count == 0)
		return;
	uv_timer_stop(&intake->timer);
	log_info("archive: the journal takes copies of messages again");
}

/* What could not wait comes again.  By now all before it is durable, so each
   time there is less of it. */
static void
renew(const struct intake *intake)
{
	if (intake->archive->journal != NULL)
		router_renew(intake->archive->runtime->router,
			     "what the archive could not hold has to come "
			     "again");
}

static void
on_put(void *ctx, const struct error *err)
{
	struct copy *copy = ctx;
	struct window *window = copy->window;
	struct intake *intake = window == NULL ? NULL : window->owner;

	if (err != NULL) {
		if (window_hold(copy))
			hold(intake);
		return;
	}
	window_settle(copy);
	if (intake == NULL)
		return;
	archive_add(intake->archive, ARCHIVE_COUNT_KEPT, 1);
	note(intake, window);
	if (window_is_over(window))
		renew(intake);
}

static void
give(struct intake *intake, struct copy *copy)
{
	copy->state = COPY_GIVEN;
	journal_put(intake->archive->journal, copy->text, on_put, copy);
}

/* In order, as far as there is room.  Returns whether there was for all. */
static bool
give_held(struct intake *intake, struct window *window)
{
	struct copy *copy;

	DL_FOREACH(window->copies, copy) {
		if (copy->state != COPY_HELD)
			continue;
		if (!journal_has_room(intake->archive->journal, copy->bytes))
			return false;
		give(intake, copy);
		release(intake, 1);
	}
	return true;
}

static void
on_timer(uv_timer_t *timer)
{
	struct intake *intake = timer->data;
	struct gate *gate;

	if (intake->archive->journal == NULL) {
		uv_timer_stop(timer);
		return;
	}
	LL_FOREACH(intake->gates, gate)
		if (!give_held(intake, &gate->window))
			return;
}

void
intake_reset(struct intake *intake, const char *domain, bool anew)
{
	struct window *window = find(intake, domain);
	const struct copy *copy;
	size_t held = 0;

	if (window == NULL)
		return;
	DL_FOREACH(window->copies, copy)
		held += copy->state == COPY_HELD;
	if (anew)
		window_restart(window);
	else
		window_reset(window);
	release(intake, held);
}

bool
intake_wants(struct intake *intake, const struct hook_host *host,
	     uint64_t seq)
{
	struct window *window = use(intake, host->domain);
	uint64_t missing;

	if (intake->archive->journal == NULL)
		return false;
	if (!window_wants(window, seq, &missing)) {
		note(intake, window);
		return false;
	}
	if (missing > 0)
		log_warning("archive: %" PRIu64 " copies of messages of %s "
			    "did not come", missing, host->domain);
	archive_add(intake->archive, ARCHIVE_COUNT_LOST, missing);
	return true;
}

bool
intake_loses(struct intake *intake, const struct hook_host *host,
	     uint64_t seq)
{
	return window_loses(use(intake, host->domain), seq);
}

void
intake_take(struct intake *intake, const struct hook_host *host, uint64_t seq,
	    const char *text)
{
	struct window *window = use(intake, host->domain);
	struct copy *copy = window_add(window, seq, text);

	if (window->refused == seq)
		log_error("archive: %s sends more than may wait for its ack: "
			  "the link is given up once all that waits is in the "
			  "journal, so that the rest comes again",
			  host->domain);
	note(intake, window);
	if (copy == NULL)
		return;
	if (intake->held > 0)
		hold(intake);
	else
		give(intake, copy);
}
