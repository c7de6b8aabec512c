#include "components/archive/desk/reading.h"

#include <stdbool.h>
#include <stdlib.h>
#include <utlist.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/desk/handout.h"
#include "components/archive/desk/readers.h"
#include "components/archive/intake/intake.h"
#include "components/archive/intake/removals.h"
#include "components/archive/keep/preference.h"
#include "components/archive/keep/preferences.h"
#include "shared/archive_ends.h"
#include "shared/archive_outlet.h"
#include "shared/archive_owner.h"
#include "shared/archive_page.h"
#include "shared/drain_wait.h"
#include "shared/error.h"
#include "shared/hook_answer.h"
#include "shared/hook_event.h"
#include "shared/hook_host.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/mam_answer.h"
#include "shared/mam_metadata.h"
#include "shared/mam_query.h"
#include "shared/xml.h"

/* At work at a time, of all users and of one: each may take a megabyte or a
   little more. */
#define READINGS 64
#define READINGS_EACH 2

/* The router waits for longer than all of these together (desk.c). */
#define TURN_MS 30000		/* for its turn */
#define JOURNAL_MS 2000		/* for what was said before */
#define PAUSES_MS 40000		/* in all, while there is no room for it */

/* The first pause; each is twice the one before. */
#define PAUSE_MS 250
#define LONGEST_PAUSE_MS 4000

#define GONE "the session is gone"

enum reading_state {
	READING_QUEUED,		/* it is not its turn */
	READING_WAITING,	/* for what was said before */
	READING_FINDING,	/* the database is asked, or told */
	READING_HANDING,	/* the session is given the results */
	READING_PAUSED,		/* there is no room for more */
};

/* What it is about. */
enum reading_kind {
	READING_PAGE,
	READING_ENDS,		/* where the archive begins and ends */
	READING_CHOICE,		/* which messages are kept from now on */
	READING_CHOSEN,		/* which are kept now */
};

struct reading {
	struct reading *prev, *next;
	struct readers *readers;
	struct hook_event *event;
	enum reading_state state;
	struct archive_owner owner;
	enum reading_kind kind;
	struct mam_query query;		/* of a page */
	struct preference preference;	/* of a choice */
	struct drain_wait wait;
	bool unstable;		/* what was said before may be missing */
	bool over;		/* it ends with the answer it waits for */
	struct handout handout;
	struct xml *answer;
	unsigned pause_ms, paused_ms;	/* the next one; all so far */
	uv_timer_t timer;
};

static const struct jid *
asker_of(const struct reading *reading)
{
	return reading->event->stanza.from;
}

static void
set_state(struct reading *reading, enum reading_state state)
{
	uv_timer_stop(&reading->timer);
	drain_wait_end(&reading->wait);
	reading->state = state;
}

static bool
is_at_work(const struct reading *reading)
{
	return reading->state != READING_QUEUED;
}

/* Whether it waits for nobody's answer, so that it can end at once. */
static bool
is_idle(const struct reading *reading)
{
	return reading->state != READING_FINDING &&
	       reading->state != READING_HANDING;
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void take_turns(struct readers *readers);

static void
finish(struct reading *reading, const struct error *err)
{
	struct readers *readers = reading->readers;

	set_state(reading, READING_QUEUED);
	DL_DELETE(readers->readings, reading);
	readers_count(readers, err, err == NULL ? reading->handout.count : 0);
	hook_finish(reading->event, err == NULL ? reading->answer : NULL, err);
	handout_fini(&reading->handout);
	uv_close((uv_handle_t *)&reading->timer, on_closed);
	take_turns(readers);
}

/* For whatever is not the client's fault: it may ask again. */
static void
give_up(struct reading *reading, const char *why)
{
	struct error err;

	error_set(&err, ERROR_RESOURCE_CONSTRAINT, "%s", why);
	finish(reading, &err);
}

static void hand_out(struct reading *reading);

static void
on_pause_over(uv_timer_t *timer)
{
	hand_out(timer->data);
}

static void
pause_reading(struct reading *reading)
{
	unsigned ms = reading->pause_ms;

	log_debug("archive: results for %s wait for room",
		  asker_of(reading)->full);
	set_state(reading, READING_PAUSED);
	reading->paused_ms += ms;
	reading->pause_ms = ms * 2 < LONGEST_PAUSE_MS ? ms * 2 :
			    LONGEST_PAUSE_MS;
	uv_timer_start(&reading->timer, on_pause_over, ms, 0);
}

static void
on_handed(void *ctx, const struct error *err)
{
	struct reading *reading = ctx;

	if (err == NULL && !reading->over) {
		finish(reading, NULL);
	} else if (reading->over || err->cond == ERROR_ITEM_NOT_FOUND) {
		give_up(reading, GONE);
	} else if (err->cond == ERROR_RESOURCE_CONSTRAINT &&
		   reading->paused_ms < PAUSES_MS) {
		pause_reading(reading);
	} else {
		log_warning("archive: results for %s were not delivered: %s",
			    asker_of(reading)->full, error_reason(err));
		give_up(reading, "the results could not be delivered");
	}
}

static void
hand_out(struct reading *reading)
{
	set_state(reading, READING_HANDING);
	handout_send(&reading->handout, on_handed, reading);
}

static void
add_result(void *ctx, const struct xml *result)
{
	struct reading *reading = ctx;

	handout_add(&reading->handout, result);
}

static void
take_page(struct reading *reading, const struct archive_page *page)
{
	const struct mam_answer answer = {
		.query = &reading->query,
		.archive = asker_of(reading)->bare,
		.asker = asker_of(reading)->full,
		.unstable = reading->unstable,
		.limit_bytes = handout_limit(reading->event->host),
		.send = add_result, .ctx = reading,
	};

	handout_init(&reading->handout, reading->readers->archive->runtime,
		     reading->event, page->count);
	reading->answer = mam_answer_page(reading->event->req->arena, &answer,
					  page);
	if (page->count > 0)
		hand_out(reading);
	else
		finish(reading, NULL);
}

static void
on_page(void *ctx, const struct archive_page *page, const struct error *err)
{
	struct reading *reading = ctx;

	if (reading->over)
		give_up(reading, GONE);
	else if (err != NULL)
		finish(reading, err);
	else
		take_page(reading, page);
}

static void
on_ends(void *ctx, const struct mam_metadata *ends, const struct error *err)
{
	struct reading *reading = ctx;

	if (reading->over) {
		give_up(reading, GONE);
		return;
	}
	if (err == NULL)
		reading->answer = mam_metadata_new(reading->event->req->arena,
						   ends);
	finish(reading, err);
}

static void
on_chosen(void *ctx, const struct error *err)
{
	struct reading *reading = ctx;

	if (err == NULL)
		reading->answer = preference_print(reading->event->req->arena,
						   &reading->preference);
	finish(reading, err);
}

static void
tell_chosen(struct reading *reading)
{
	struct archive *archive = reading->readers->archive;
	struct error err;

	if (preferences_find(archive->preferences, reading->owner.jid,
			     &reading->preference, &err) < 0)
		finish(reading, &err);
	else
		on_chosen(reading, NULL);
}

static void
find(struct reading *reading)
{
	struct archive *archive = reading->readers->archive;
	struct store *store = archive->runtime->store;

	if (reading->unstable &&
	    removals_has(archive->removals, reading->owner.jid)) {
		give_up(reading, "whose it is is not known yet");
		return;
	}
	set_state(reading, READING_FINDING);
	switch (reading->kind) {
	case READING_PAGE:
		archive_page_find(store, &reading->owner, &reading->query,
				  on_page, reading);
		break;
	case READING_ENDS:
		archive_ends_find(store, &reading->owner, on_ends, reading);
		break;
	case READING_CHOICE:
		preferences_set(archive->preferences, reading->owner.jid,
				&reading->preference, on_chosen, reading);
		break;
	case READING_CHOSEN:
		tell_chosen(reading);
	}
}

static void
on_settled(void *ctx)
{
	find(ctx);
}

static void
on_too_late(uv_timer_t *timer)
{
	struct reading *reading = timer->data;

	reading->unstable = true;
	find(reading);
}

/* What the journal does not take is not even there. */
static enum archive_outlet_settling
await_outlet(struct reading *reading)
{
	const struct archive *archive = reading->readers->archive;

	return intake_held(archive->intake) > 0 ? ARCHIVE_OUTLET_BEHIND :
	       archive_outlet_await(archive->outlet, &reading->wait);
}

static void
begin(struct reading *reading)
{
	set_state(reading, READING_WAITING);
	switch (await_outlet(reading)) {
	case ARCHIVE_OUTLET_SETTLED:
		find(reading);
		break;
	case ARCHIVE_OUTLET_AWAITED:
		uv_timer_start(&reading->timer, on_too_late, JOURNAL_MS, 0);
		break;
	case ARCHIVE_OUTLET_BEHIND:
		reading->unstable = true;
		find(reading);
	}
}

static bool
may_begin(const struct reading *reading)
{
	const struct reading *other;
	size_t all = 0, own = 0;

	DL_FOREACH(reading->readers->readings, other) {
		if (!is_at_work(other))
			continue;
		all++;
		own += jid_equal_bare(asker_of(other), asker_of(reading));
	}
	return all < READINGS && own < READINGS_EACH;
}

static struct reading *
find_next(const struct readers *readers)
{
	struct reading *reading;

	DL_FOREACH(readers->readings, reading)
		if (!is_at_work(reading) && !reading->over &&
		    may_begin(reading))
			return reading;
	return NULL;
}

/* Some end as they begin. */
static void
take_turns(struct readers *readers)
{
	struct reading *reading;

	while ((reading = find_next(readers)) != NULL)
		begin(reading);
}

static void
on_no_turn(uv_timer_t *timer)
{
	give_up(timer->data, "too many read their archives");
}

static struct reading *
new_reading(struct readers *readers, struct hook_event *event)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	ensure(reading != NULL);
	reading->readers = readers;
	reading->event = event;
	reading->owner = (struct archive_owner){
		ARCHIVE_OF_ACCOUNT, event->stanza.from->bare,
	};
	reading->pause_ms = PAUSE_MS;
	reading->wait.fn = on_settled;
	reading->wait.ctx = reading->timer.data = reading;
	uv_timer_init(readers->archive->runtime->loop, &reading->timer);
	return reading;
}

static int
start(struct reading *reading)
{
	DL_APPEND(reading->readers->readings, reading);
	if (may_begin(reading))
		begin(reading);
	else
		uv_timer_start(&reading->timer, on_no_turn, TURN_MS, 0);
	return REQUEST_PARKED;
}

int
reading_start(struct readers *readers, struct hook_event *event,
	      const struct xml *query, struct error *err)
{
	const struct mam_offer offer = readers_offer(readers);
	struct mam_query parsed;
	struct reading *reading;

	if (mam_query_parse(event->req->arena, query, &offer, &parsed,
			    err) < 0)
		return -1;
	reading = new_reading(readers, event);
	reading->query = parsed;
	return start(reading);
}

int
reading_start_ends(struct readers *readers, struct hook_event *event)
{
	struct reading *reading = new_reading(readers, event);

	reading->kind = READING_ENDS;
	return start(reading);
}

int
reading_start_choice(struct readers *readers, struct hook_event *event,
		     const struct preference *preference)
{
	struct reading *reading = new_reading(readers, event);

	reading->kind = READING_CHOICE;
	reading->preference = *preference;
	return start(reading);
}

int
reading_start_chosen(struct readers *readers, struct hook_event *event)
{
	struct reading *reading = new_reading(readers, event);

	reading->kind = READING_CHOSEN;
	return start(reading);
}

/* The first that can end at once. */
static struct reading *
find_idle(const struct readers *readers)
{
	struct reading *reading;

	DL_FOREACH(readers->readings, reading)
		if (reading->over && is_idle(reading))
			return reading;
	return NULL;
}

static void
stop(struct reading *reading)
{
	reading->over = true;
	handout_stop(&reading->handout);
}

void
reading_end_all(struct readers *readers, const struct hook_host *host)
{
	struct reading *reading;

	DL_FOREACH(readers->readings, reading)
		if (host == NULL || reading->event->host == host)
			stop(reading);
	while ((reading = find_idle(readers)) != NULL)
		give_up(reading, "nobody waits any more");
}
