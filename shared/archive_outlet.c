#include "shared/archive_outlet.h"

#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

#include "shared/archive_attendance.h"
#include "shared/archive_row.h"
#include "shared/archive_write.h"
#include "shared/archive_writer.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/drain.h"
#include "shared/drain_wait.h"
#include "shared/error.h"
#include "shared/journal.h"
#include "shared/log.h"
#include "shared/serial.h"
#include "shared/serial_order.h"

/* Before the number is asked for again. */
#define PAUSE_MS 2000

struct archive_outlet {
	uv_loop_t *loop;
	struct archive_outlet_settings settings;
	struct metrics *metrics;
	struct archive_write *write;
	struct drain *drain;	/* NULL: it has not begun */
	struct serial_order order;
	struct drain_waits early;	/* who waits for it meanwhile */
	const char *trouble;	/* why it has not; the log has that */
	bool stopped;
	uv_timer_t timer;
};

static int
parse(struct arena *arena, const struct journal_entry *entry,
      struct archive_row *row_r, struct error *err)
{
	struct archive_attendance *attendance;

	if (!archive_attendance_is(entry->text, entry->bytes))
		return archive_row_parse(arena, entry->text, entry->bytes,
					 row_r, err);
	attendance = arena_alloc(arena, sizeof(*attendance));
	*row_r = (struct archive_row){
		.mark.ways = ARCHIVE_RECEIVED, .attendance = attendance,
	};
	if (archive_attendance_parse(arena, entry->text, entry->bytes,
				     attendance, err) < 0)
		return -1;
	row_r->mark.serial = attendance->serial;
	return 0;
}

/* Whether something that was put in behind it may be stored: it was put in
   again, or it was sent long before it came. */
static bool
is_late(const struct archive_row *row, int64_t came)
{
	int64_t time = serial_time(row->mark.serial);

	return row->attendance == NULL &&
	       (time > came || time - row->mark.stamp > CLOCK_SECOND);
}

/* When it was put in, neither the number was known nor what is stored. */
static int
read_entry(void *ctx, struct arena *arena, const struct journal_entry *entry,
	   struct archive_row *row_r, struct error *err)
{
	struct archive_outlet *outlet = ctx;
	int64_t came;

	if (parse(arena, entry, row_r, err) < 0)
		return -1;
	came = serial_time(row_r->mark.serial);
	row_r->mark.serial = serial_order_of(&outlet->order, entry->id, came);
	row_r->late = is_late(row_r, came);
	if (outlet->settings.change != NULL && row_r->attendance == NULL)
		outlet->settings.change(outlet->settings.ctx, row_r);
	return 0;
}

/* Once it is known what is in the journal, and it is being drained. */
static void
pass_on_early(struct archive_outlet *outlet)
{
	struct drain_wait *wait;

	if (outlet->drain == NULL ||
	    !journal_is_open(outlet->settings.journal))
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
	struct archive_outlet *outlet = ctx;

	if (err == NULL && !outlet->stopped)
		pass_on_early(outlet);
}

static void
begin(struct archive_outlet *outlet)
{
	const struct drain_settings settings = {
		.journal = outlet->settings.journal, .write = outlet->write,
		.read = read_entry, .ctx = outlet,
	};

	outlet->drain = drain_new(outlet->loop, &settings, outlet->metrics);
	pass_on_early(outlet);
}

static void ask(struct archive_outlet *outlet);

static void
on_timer(uv_timer_t *timer)
{
	ask(timer->data);
}

static void
fail(struct archive_outlet *outlet, const char *trouble,
     const struct error *err)
{
	if (outlet->trouble != trouble)
		log_error("archive: messages wait in the journal: %s",
			  error_reason(err));
	outlet->trouble = trouble;
	uv_timer_start(&outlet->timer, on_timer, PAUSE_MS, 0);
}

static void
on_ready(void *ctx, const struct error *err)
{
	struct archive_outlet *outlet = ctx;

	if (outlet->stopped)
		return;
	if (err == NULL)
		begin(outlet);
	else
		fail(outlet, outlet->settings.unready, err);
}

static void
on_writer(void *ctx, const struct archive_writer *writer,
	  const struct error *err)
{
	struct archive_outlet *outlet = ctx;

	if (outlet->stopped)
		return;
	if (err != NULL) {
		fail(outlet, "there is no number to write by, see the log",
		     err);
		return;
	}
	serial_order_init(&outlet->order, writer->number, writer->last);
	if (outlet->settings.prepare != NULL)
		outlet->settings.prepare(outlet->settings.ctx, on_ready,
					 outlet);
	else
		begin(outlet);
}

static void
ask(struct archive_outlet *outlet)
{
	archive_writer_find(outlet->settings.store, outlet->settings.writer,
			    on_writer, outlet);
}

struct archive_outlet *
archive_outlet_new(uv_loop_t *loop,
		   const struct archive_outlet_settings *settings,
		   struct metrics *metrics)
{
	struct archive_outlet *outlet = calloc(1, sizeof(*outlet));

	ensure(outlet != NULL);
	outlet->loop = loop;
	outlet->settings = *settings;
	outlet->metrics = metrics;
	outlet->write = archive_write_new(settings->store,
					  ARCHIVE_WRITE_ADDRESSES);
	archive_write_on_late(outlet->write, settings->change, settings->ctx);
	uv_timer_init(loop, &outlet->timer);
	outlet->timer.data = outlet;
	journal_on_open(settings->journal, on_open, outlet);
	ask(outlet);
	return outlet;
}

int64_t
archive_outlet_oldest_secs(const struct archive_outlet *outlet)
{
	return outlet->drain == NULL ? -1 :
	       (int64_t)drain_oldest_secs(outlet->drain);
}

const char *
archive_outlet_trouble(const struct archive_outlet *outlet)
{
	if (outlet->drain == NULL)
		return outlet->trouble;
	return drain_is_refused(outlet->drain) ? "the database refuses all "
	       "messages, see the log" : NULL;
}

enum archive_outlet_settling
archive_outlet_await(struct archive_outlet *outlet, struct drain_wait *wait)
{
	if (outlet->stopped)
		return ARCHIVE_OUTLET_BEHIND;
	if (outlet->drain == NULL ||
	    !journal_is_open(outlet->settings.journal)) {
		drain_wait_begin(&outlet->early, wait, 1);
		return ARCHIVE_OUTLET_AWAITED;
	}
	if (drain_is_refused(outlet->drain))
		return ARCHIVE_OUTLET_BEHIND;
	return drain_await(outlet->drain, wait) ? ARCHIVE_OUTLET_AWAITED :
	       ARCHIVE_OUTLET_SETTLED;
}

void
archive_outlet_stop(struct archive_outlet *outlet)
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
archive_outlet_free(struct archive_outlet **outlet_p)
{
	struct archive_outlet *outlet = *outlet_p;

	*outlet_p = NULL;
	if (outlet->drain != NULL)
		drain_free(&outlet->drain);
	archive_write_free(&outlet->write);
	uv_close((uv_handle_t *)&outlet->timer, on_timer_closed);
}
