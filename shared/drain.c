#include "shared/drain.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <utlist.h>

#include "shared/archive_write.h"
#include "shared/clock.h"
#include "shared/drain_batch.h"
#include "shared/drain_doubt.h"
#include "shared/drain_trial.h"
#include "shared/drain_wait.h"
#include "shared/error.h"
#include "shared/journal.h"
#include "shared/log.h"
#include "shared/metric.h"

/* Some are written, while the next is taken and the last is removed.  Those
   that come while the database is at work share its next transaction. */
#define BATCHES 7
#define WRITES 4

struct drain {
	struct drain_settings settings;	/* the journal NULL: it was stopped */
	struct drain_batch *batches;	/* the oldest first */
	size_t count;			/* of those */
	int64_t above;			/* the last id that was taken */
	bool more;			/* there may be entries above it */
	bool over;			/* all starts over once none is left */
	bool pausing;			/* before it does */
	bool waited;			/* it need not */
	struct drain_doubt doubt;
	struct drain_waits waits;
	int64_t oldest;			/* the stamp of the oldest entry, 0:
					   not known */
	struct metric *drained;
	struct metric unseen;
};

static void go_on(struct drain *drain);

double
drain_oldest_secs(const struct drain *drain)
{
	const struct journal *journal = drain->settings.journal;
	int64_t age = clock_now() - drain->oldest;

	if (drain->oldest == 0 || age < 0 || journal == NULL ||
	    journal_count(journal).entries == 0)
		return 0;
	return (double)age / CLOCK_SECOND;
}

bool
drain_is_refused(const struct drain *drain)
{
	return drain->doubt.doubtful;
}

bool
drain_await(struct drain *drain, struct drain_wait *wait)
{
	uint64_t entries = journal_count(drain->settings.journal).entries;

	if (entries > 0)
		drain_wait_begin(&drain->waits, wait, entries);
	return entries > 0;
}

static double
oldest_secs(void *ctx)
{
	return drain_oldest_secs(ctx);
}

static void
init_metrics(struct drain *drain, struct metrics *metrics)
{
	drain->drained = &drain->unseen;
	if (metrics == NULL)
		return;
	metric_gauge_fn(metrics, "annex_journal_oldest_seconds", "",
			"Age of the oldest entry that waits.", oldest_secs,
			drain);
	drain->drained = metric_counter(metrics,
		"annex_journal_drained_total", "",
		"Entries that the database has.");
}

/* What starts over stays as old as it is. */
static void
look_at_oldest(struct drain *drain)
{
	const struct drain_batch *first = drain->batches;

	if (drain->over)
		return;
	if (first != NULL && first->count > 0)
		drain->oldest = first->items[0].entry.stamp;
	else if (first == NULL && !drain->more)
		drain->oldest = 0;
}

static void
end_batch(struct drain *drain, struct drain_batch *batch)
{
	DL_DELETE(drain->batches, batch);
	drain->count--;
	drain_batch_free(&batch);
	look_at_oldest(drain);
	go_on(drain);
	drain_waits_tell(&drain->waits);
}

/* What is under way ends as it may; all that is in the journal by then is
   taken again. */
static void
start_over(struct drain *drain, struct drain_batch *batch)
{
	drain->over = true;
	end_batch(drain, batch);
}

/* The same, of an answer that may be a failure. */
static bool
is_last(struct drain_batch *batch, const struct error *err)
{
	batch->failed = batch->failed || err != NULL;
	return drain_batch_is_answered(batch);
}

static void
on_removed(void *ctx, const struct error *err)
{
	struct drain_batch *batch = ctx;
	struct drain *drain = batch->drain;

	if (!is_last(batch, err))
		return;
	if (batch->failed) {
		start_over(drain, batch);
		return;
	}
	drain->waits.left += drain_batch_range(batch).count;
	metric_add(drain->drained, drain_batch_range(batch).count);
	end_batch(drain, batch);
}

static void
remove_batch(struct drain *drain, struct drain_batch *batch)
{
	struct journal_range range = drain_batch_range(batch);

	batch->state = DRAIN_REMOVING;
	if (range.count == 0) {
		end_batch(drain, batch);
		return;
	}
	batch->under_way = 1;
	journal_remove(drain->settings.journal, &range, on_removed, batch);
}

static void
on_aside(void *ctx, const struct error *err)
{
	struct drain_batch *batch = ctx;
	struct drain *drain = batch->drain;

	if (drain != NULL && err == NULL)
		drain->waits.left++;
	if (!is_last(batch, err))
		return;
	if (batch->failed)
		start_over(drain, batch);
	else
		remove_batch(drain, batch);
}

static void
put_aside(struct drain *drain, struct drain_item *item)
{
	log_warning("drain: entry %" PRId64 " is put aside: %s",
		    item->entry.id, item->fault);
	item->batch->under_way++;
	journal_put_aside(drain->settings.journal, &item->entry, item->fault,
			  on_aside, item->batch);
}

/* All that is not at fault is written. */
static void
sort_batch(struct drain *drain, struct drain_batch *batch)
{
	batch->state = DRAIN_SORTING;
	for (size_t i = 0; i < batch->count; i++)
		if (batch->items[i].fault != NULL)
			put_aside(drain, &batch->items[i]);
	if (batch->under_way == 0)
		remove_batch(drain, batch);
}

static struct drain_batch *
find(const struct drain *drain, enum drain_state state)
{
	struct drain_batch *batch;

	DL_FOREACH(drain->batches, batch)
		if (batch->state == state)
			return batch;
	return NULL;
}

static void
on_paused(void *ctx)
{
	struct drain *drain = ctx;

	drain->pausing = false;
	drain->waited = drain->over = true;
	go_on(drain);
}

static void
end_writing(struct drain *drain, struct drain_batch *batch)
{
	drain_doubt_end(&drain->doubt);
	sort_batch(drain, batch);
	go_on(drain);
}

static void
on_verdict(struct drain_batch *batch, enum drain_verdict verdict)
{
	struct drain *drain = batch->drain;

	if (verdict == DRAIN_VERDICT_ITEMS) {
		end_writing(drain, batch);
		return;
	}
	if (verdict == DRAIN_VERDICT_DATABASE)
		drain_doubt_begin(&drain->doubt, batch->row_count);
	start_over(drain, batch);
}

static bool
is_refusal(const struct error *err)
{
	return err != NULL && err->cond == ERROR_INTERNAL_SERVER_ERROR;
}

/* One before it is not written, of which it may retract something: so it is
   written again behind that. */
static bool
is_early(const struct drain *drain)
{
	return drain->over || find(drain, DRAIN_REFUSED) != NULL;
}

static void
on_written(void *ctx, const struct error *err)
{
	struct drain_batch *batch = ctx;
	struct drain *drain = batch->drain;

	if (!is_last(batch, NULL))
		return;
	if (is_refusal(err)) {
		batch->state = DRAIN_REFUSED;
		go_on(drain);
	} else if (err != NULL) {
		start_over(drain, batch);
	} else if (is_early(drain)) {
		batch->state = DRAIN_TAKEN;
		go_on(drain);
	} else {
		end_writing(drain, batch);
	}
}

static void
write_batch(struct drain *drain, struct drain_batch *batch)
{
	if (batch->row_count == 0) {
		sort_batch(drain, batch);
		return;
	}
	batch->state = DRAIN_WRITING;
	batch->under_way = 1;
	archive_write_rows(drain->settings.write, batch->rows,
			   batch->row_count, on_written, batch);
}

static void
on_taken(void *ctx, const struct journal_entry *entries, size_t count,
	 const struct error *err)
{
	struct drain_batch *batch = ctx;
	struct drain *drain = batch->drain;

	if (!is_last(batch, err))
		return;
	if (batch->failed) {
		start_over(drain, batch);
		return;
	}
	if (count == 0) {
		end_batch(drain, batch);
		return;
	}
	batch->state = DRAIN_TAKEN;
	drain_batch_fill(batch, entries, count, drain->settings.read,
			 drain->settings.ctx);
	look_at_oldest(drain);
	drain->above = entries[count - 1].id;
	drain->more = true;
	go_on(drain);
}

static void
take_batch(struct drain *drain)
{
	struct drain_batch *batch = drain_batch_new(drain);

	drain->more = false;
	DL_APPEND(drain->batches, batch);
	drain->count++;
	batch->under_way = 1;
	journal_take(drain->settings.journal, drain->above,
		     ARCHIVE_WRITE_ROWS, on_taken, batch);
}

static void
restart(struct drain *drain)
{
	drain_doubt_go_on(&drain->doubt);
	drain->over = drain->waited = false;
	drain->above = 0;
	drain->more = true;
}

/* Nothing is left, but in the journal. */
static void
pause_or_restart(struct drain *drain)
{
	if (drain->waited) {
		restart(drain);
	} else if (!drain->pausing) {
		drain->pausing = true;
		drain_doubt_pause(&drain->doubt);
	}
}

static void
end_all(struct drain *drain)
{
	struct drain_batch *idle = find(drain, DRAIN_TAKEN);

	if (idle == NULL)
		idle = find(drain, DRAIN_REFUSED);
	if (idle != NULL)
		end_batch(drain, idle);	/* and so on */
	else if (drain->batches == NULL)
		pause_or_restart(drain);
}

static size_t
count_writing(const struct drain *drain)
{
	const struct drain_batch *batch;
	size_t count = 0;

	DL_FOREACH(drain->batches, batch)
		count += batch->state == DRAIN_WRITING;
	return count;
}

/* One batch at a time, while nothing else is written. */
static void
try_batch(struct drain *drain, struct drain_batch *batch)
{
	if (count_writing(drain) > 0)
		return;
	batch->state = DRAIN_TRYING;
	drain_trial_begin(batch, drain->settings.write, on_verdict);
}

static void
write_next(struct drain *drain)
{
	struct drain_batch *batch;

	if (find(drain, DRAIN_TRYING) != NULL)
		return;
	if ((batch = find(drain, DRAIN_REFUSED)) != NULL)
		try_batch(drain, batch);
	else if (count_writing(drain) < WRITES &&
		 (batch = find(drain, DRAIN_TAKEN)) != NULL)
		write_batch(drain, batch);
}

/* Does what can be done next. */
static void
go_on(struct drain *drain)
{
	if (drain->over)
		end_all(drain);
	else
		write_next(drain);
	if (drain->more && !drain->over && drain->count < BATCHES &&
	    find(drain, DRAIN_TAKING) == NULL)
		take_batch(drain);
}

static void
on_entries(void *ctx)
{
	struct drain *drain = ctx;

	drain->more = true;
	go_on(drain);
}

struct drain *
drain_new(uv_loop_t *loop, const struct drain_settings *settings,
	  struct metrics *metrics)
{
	struct drain *drain = calloc(1, sizeof(*drain));

	ensure(drain != NULL);
	drain->settings = *settings;
	drain->doubt.fn = on_paused;
	drain->doubt.ctx = drain;
	drain_doubt_init(&drain->doubt, loop, metrics);
	init_metrics(drain, metrics);
	journal_on_entries(settings->journal, on_entries, drain);
	if (journal_is_open(settings->journal))
		on_entries(drain);
	return drain;
}

/* Batches that wait for an answer end with it. */
void
drain_stop(struct drain *drain)
{
	struct drain_batch *batch, *next;

	if (drain->settings.journal == NULL)
		return;
	journal_on_entries(drain->settings.journal, NULL, NULL);
	drain->settings.journal = NULL;
	drain_doubt_go_on(&drain->doubt);
	DL_FOREACH_SAFE(drain->batches, batch, next) {
		DL_DELETE(drain->batches, batch);
		batch->drain = NULL;
		if (batch->under_way == 0)
			drain_batch_free(&batch);
	}
}

void
drain_free(struct drain **drain_p)
{
	struct drain *drain = *drain_p;

	*drain_p = NULL;
	drain_stop(drain);
	drain_doubt_fini(&drain->doubt, free);
}
