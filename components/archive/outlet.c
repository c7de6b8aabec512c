#include "components/archive/outlet.h"

#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

#include "components/archive/archive.h"
#include "components/archive/intake.h"
#include "components/archive/preferences.h"
#include "shared/archive_row.h"
#include "shared/archive_write.h"
#include "shared/archive_writer.h"
#include "shared/drain.h"
#include "shared/drain_wait.h"
#include "shared/error.h"
#include "shared/journal.h"
#include "shared/log.h"
#include "shared/serial.h"
#include "shared/serial_order.h"

/* Before the number is asked for again. */
#define PAUSE_MS 2000

struct outlet {
	struct archive *archive;
	struct archive_write *write;
	struct drain *drain;	/* NULL: it has not begun */
	struct serial_order order;
	struct drain_waits early;	/* who waits for it meanwhile */
	const char *trouble;	/* why it has not; the log has that */
	bool stopped;
	uv_timer_t timer;
};

/* When it was put in, neither the number was known nor what is stored. */
static int
read_entry(void *ctx, struct arena *arena, const struct journal_entry *entry,
	   struct archive_row *row_r, struct error *err)
{
	struct outlet *outlet = ctx;

	if (archive_row_parse(arena, entry->text, entry->bytes, row_r,
			      err) < 0)
		return -1;
	row_r->mark.serial = serial_order_of(&outlet->order, entry->id,
					     serial_time(row_r->mark.serial));
	preferences_apply(outlet->archive->preferences, row_r);
	return 0;
}

/* Once it is known what is in the journal, and it is being drained. */
static void
pass_on_early(struct outlet *outlet)
{
	struct drain_wait *wait;

	if (outlet->drain == NULL ||
	    !journal_is_open(outlet->archive->journal))
		return;
	while ((wait = outlet->early.first) != NULL) {
		drain_wait_end(wait);
		if (!drain_await(outlet->drain, wait))
			wait->fn(wait->ctx);
	}
}

static void
on_open(void *ctx, const struct error *err)
{
	struct outlet *outlet = ctx;

	if (err == NULL && !outlet->stopped)
		pass_on_early(outlet);
}

static void
begin(struct outlet *outlet)
{
	struct archive *archive = outlet->archive;
	const struct drain_settings settings = {
		.journal = archive->journal, .write = outlet->write,
		.read = read_entry, .ctx = outlet,
	};

	outlet->drain = drain_new(archive->runtime->loop, &settings,
				  archive->runtime->metrics);
	pass_on_early(outlet);
}

static void ask(struct outlet *outlet);

static void
on_timer(uv_timer_t *timer)
{
	ask(timer->data);
}

static void
fail(struct outlet *outlet, const char *trouble, const struct error *err)
{
	if (outlet->trouble != trouble)
		log_error("archive: messages wait in the journal: %s",
			  error_reason(err));
	outlet->trouble = trouble;
	uv_timer_start(&outlet->timer, on_timer, PAUSE_MS, 0);
}

static void
on_preferences(void *ctx, const struct error *err)
{
	struct outlet *outlet = ctx;

	if (outlet->stopped)
		return;
	if (err == NULL)
		begin(outlet);
	else
		fail(outlet, "users' preferences cannot be read, see the log",
		     err);
}

static void
on_writer(void *ctx, const struct archive_writer *writer,
	  const struct error *err)
{
	struct outlet *outlet = ctx;

	if (outlet->stopped)
		return;
	if (err != NULL) {
		fail(outlet, "there is no number to write by, see the log",
		     err);
		return;
	}
	serial_order_init(&outlet->order, writer->number, writer->last);
	preferences_load(outlet->archive->preferences, on_preferences,
			 outlet);
}

static void
ask(struct outlet *outlet)
{
	const struct runtime *runtime = outlet->archive->runtime;

	archive_writer_find(runtime->store, runtime->domain, on_writer,
			    outlet);
}

struct outlet *
outlet_new(struct archive *archive)
{
	struct outlet *outlet = calloc(1, sizeof(*outlet));

	ensure(outlet != NULL);
	outlet->archive = archive;
	outlet->write = archive_write_new(archive->runtime->store,
					  ARCHIVE_WRITE_ADDRESSES);
	uv_timer_init(archive->runtime->loop, &outlet->timer);
	outlet->timer.data = outlet;
	journal_on_open(archive->journal, on_open, outlet);
	ask(outlet);
	return outlet;
}

int64_t
outlet_oldest_secs(const struct outlet *outlet)
{
	return outlet->drain == NULL ? -1 :
	       (int64_t)drain_oldest_secs(outlet->drain);
}

const char *
outlet_trouble(const struct outlet *outlet)
{
	if (outlet->drain == NULL)
		return outlet->trouble;
	return drain_is_refused(outlet->drain) ? "the database refuses all "
	       "messages, see the log" : NULL;
}

enum outlet_settling
outlet_await(struct outlet *outlet, struct drain_wait *wait)
{
	const struct archive *archive = outlet->archive;

	if (outlet->stopped || intake_held(archive->intake) > 0)
		return OUTLET_BEHIND;
	if (outlet->drain == NULL || !journal_is_open(archive->journal)) {
		drain_wait_begin(&outlet->early, wait, 1);
		return OUTLET_AWAITED;
	}
	if (drain_is_refused(outlet->drain))
		return OUTLET_BEHIND;
	return drain_await(outlet->drain, wait) ? OUTLET_AWAITED :
	       OUTLET_SETTLED;
}

void
outlet_stop(struct outlet *outlet)
{
	outlet->stopped = true;
	uv_timer_stop(&outlet->timer);
	if (outlet->drain != NULL)
		drain_stop(outlet->drain);
}

static void
on_timer_closed(uv_handle_t *timer)
{
	free(timer->data);
}

void
outlet_free(struct outlet **outlet_p)
{
	struct outlet *outlet = *outlet_p;

	*outlet_p = NULL;
	if (outlet->drain != NULL)
		drain_free(&outlet->drain);
	archive_write_free(&outlet->write);
	uv_close((uv_handle_t *)&outlet->timer, on_timer_closed);
}
