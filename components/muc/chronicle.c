#include "components/muc/chronicle.h"

#include <inttypes.h>
#include <stdlib.h>

#include "components/muc/chronicle_entry.h"
#include "components/muc/coverage.h"
#include "components/muc/muc.h"
#include "shared/archive_attendance.h"
#include "shared/archive_event.h"
#include "shared/archive_profile.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/journal.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/query.h"
#include "shared/serial.h"
#include "shared/status.h"
#include "shared/store.h"
#include "shared/str.h"

/* Of what waits for the journal's disk, in memory. */
#define QUEUE_BYTES ((size_t)64 << 20)
/* How long that disk may take at the end, which is less than a component
   may. */
#define CLOSE_SECS 5
/* Of a retraction, with a reason that few would write. */
#define RETRACTION_BYTES ((size_t)64 << 10)
/* Who is in a room of some thousand. */
#define ATTENDANCE_BYTES ((size_t)256 << 10)

struct chronicle {
	struct journal *journal;	/* NULL: it is closed, or closing */
	struct archive_outlet *outlet;
	size_t limit_bytes;
	struct serial serial;	/* without the number of who writes, which the
				   outlet knows */
	bool losing;		/* the log has that */
	bool first;
	bool keeps;
	unsigned age;		/* how often attendance was lost */
	bool clear;		/* nobody counts as inside but who was told
				   of since */
	bool closed;
	bool freed;		/* before that: its disk hangs */
	struct metric *kept, *lost, *noted, *missed;
	void (*retraction_fn)(void *ctx, const struct archive_row *row);
	void *retraction_ctx;
	void (*stopped_fn)(void *ctx);
	void *stopped_ctx;
};

static const enum archive_event_kind kinds[] = {
	ARCHIVE_EVENT_JOIN, ARCHIVE_EVENT_LEAVE, ARCHIVE_EVENT_KICK,
	ARCHIVE_EVENT_INVITATION, ARCHIVE_EVENT_CREATION,
	ARCHIVE_EVENT_CONFIGURATION, ARCHIVE_EVENT_AFFILIATION,
	ARCHIVE_EVENT_DESTRUCTION, ARCHIVE_EVENT_NONE,
};

int
chronicle_check(const struct muc_settings *settings,
		const struct groups *groups, const char **which_r,
		struct error *err)
{
	if (coverage_check(settings, which_r, err) < 0)
		return -1;
	*which_r = "events";
	if (settings->events[0].title != NULL &&
	    !chronicle_is_wanted(settings))
		return error_set(err, ERROR_BAD_REQUEST,
				 "are for the archive, but archive is none");
	if (archive_profile_check(settings->events, groups, kinds, err) < 0)
		return -1;
	*which_r = "journal";
	if (settings->journal[0] == '\0')
		return error_set(err, ERROR_BAD_REQUEST, "must name a file");
	return 0;
}

bool
chronicle_is_wanted(const struct muc_settings *settings)
{
	return coverage_of(settings->archive) != COVERAGE_NONE;
}

static int
open_journal(struct chronicle *chronicle, struct runtime *runtime,
	     const struct muc_settings *settings, struct error *err)
{
	struct str schema = { 0 };
	struct journal_settings own = {
		.path = settings->journal,
		.limit_bytes = settings->journal_bytes,
		.queue_bytes = QUEUE_BYTES,
	};
	int ret;

	str_addf(&schema, "%s/journal", runtime->schema);
	own.schema = schema.data;
	ret = journal_new(runtime->loop, &own, runtime->metrics,
			  &chronicle->journal, err);
	str_fini(&schema);
	return ret;
}

/* An entry says the same each time that it is read. */
static void
bury(void *ctx, struct archive_row *row)
{
	const struct chronicle *chronicle = ctx;

	if (row->event != 0 || row->type != ARCHIVE_GROUPCHAT ||
	    row->relation != ARCHIVE_RETRACTION)
		return;
	row->buries = ARCHIVE_RECEIVED;
	row->conceals = chronicle->keeps;
	if (chronicle->retraction_fn != NULL)
		chronicle->retraction_fn(chronicle->retraction_ctx, row);
}

static void
open_outlet(struct chronicle *chronicle, struct runtime *runtime)
{
	const struct archive_outlet_settings settings = {
		.writer = runtime->domain, .store = runtime->store,
		.journal = chronicle->journal, .change = bury,
		.ctx = chronicle,
	};

	chronicle->outlet = archive_outlet_new(runtime->loop, &settings,
					       runtime->metrics);
}

static void
add_metrics(struct chronicle *chronicle, struct metrics *metrics)
{
	static const char name[] = "annex_muc_archive_messages_total";
	static const char help[] = "Messages of rooms with an archive, by what "
				   "became of them.";
	static const char events[] = "annex_muc_archive_events_total";
	static const char events_help[] = "Events in rooms for the archive, "
					  "by what became of them.";

	chronicle->kept = metric_counter(metrics, name, "outcome=\"kept\"",
					 help);
	chronicle->lost = metric_counter(metrics, name, "outcome=\"lost\"",
					 help);
	chronicle->noted = metric_counter(metrics, events, "outcome=\"kept\"",
					  events_help);
	chronicle->missed = metric_counter(metrics, events,
					   "outcome=\"lost\"", events_help);
}

static void
on_attended(void *ctx, const struct error *err)
{
	struct chronicle *chronicle = ctx;

	if (err == NULL || chronicle->freed)
		return;
	chronicle->clear = false;
	chronicle->age++;
}

static void
put_attendance(struct chronicle *chronicle,
	       const struct archive_attendance *attendance)
{
	struct archive_attendance marked = *attendance;
	struct str text = { 0 };

	marked.serial = serial_next(&chronicle->serial, clock_now());
	archive_attendance_print(&text, &marked);
	journal_put(chronicle->journal, text.data, on_attended, chronicle);
	str_fini(&text);
}

/* Of those who were inside when the process before this one ended, or of whom
   something was lost. */
static void
clear_attendance(struct chronicle *chronicle)
{
	put_attendance(chronicle, &(struct archive_attendance){
		.kind = ARCHIVE_ATTENDANCE_ENDED, .room = "",
	});
	chronicle->clear = true;
}

int
chronicle_new(struct runtime *runtime, const struct muc_settings *settings,
	      struct chronicle **chronicle_r, struct error *err)
{
	struct chronicle *chronicle;

	if (!store_is_lasting(runtime->store))
		return error_set(err, ERROR_BAD_REQUEST,
				 "archive is %s, but store.url is none",
				 settings->archive);
	ensure((chronicle = calloc(1, sizeof(*chronicle))) != NULL);
	if (open_journal(chronicle, runtime, settings, err) < 0) {
		free(chronicle);
		return -1;
	}
	chronicle->limit_bytes = settings->journal_bytes;
	chronicle->first = settings->log_first;
	chronicle->keeps = str_same(settings->retract, "keep");
	serial_init(&chronicle->serial, 0, 0);
	open_outlet(chronicle, runtime);
	add_metrics(chronicle, runtime->metrics);
	clear_attendance(chronicle);
	*chronicle_r = chronicle;
	return 0;
}

static void
on_closed(void *ctx)
{
	struct chronicle *chronicle = ctx;

	if (chronicle->freed)
		return;
	chronicle->closed = true;
	chronicle->stopped_fn(chronicle->stopped_ctx);
}

void
chronicle_on_retraction(struct chronicle *chronicle,
			void (*fn)(void *ctx, const struct archive_row *row),
			void *ctx)
{
	chronicle->retraction_fn = fn;
	chronicle->retraction_ctx = ctx;
}

void
chronicle_stop(struct chronicle *chronicle, void (*fn)(void *ctx), void *ctx)
{
	chronicle->stopped_fn = fn;
	chronicle->stopped_ctx = ctx;
	archive_outlet_stop(chronicle->outlet);
	journal_close(&chronicle->journal, CLOSE_SECS, on_closed, chronicle);
}

void
chronicle_free(struct chronicle **chronicle_p)
{
	struct chronicle *chronicle = *chronicle_p;

	*chronicle_p = NULL;
	if (!chronicle->closed) {
		chronicle->freed = true;
		return;
	}
	archive_outlet_free(&chronicle->outlet);
	free(chronicle);
}

static void
say_change(struct chronicle *chronicle, const struct error *err)
{
	if (err != NULL && !chronicle->losing)
		log_error("muc: what is said in rooms does not get into the "
			  "archive: %s", error_reason(err));
	if (err == NULL && chronicle->losing)
		log_info("muc: what is said in rooms gets into the archive "
			 "again");
	chronicle->losing = err != NULL;
}

static void
on_put(void *ctx, const struct error *err)
{
	struct chronicle *chronicle = ctx;

	if (chronicle->freed)
		return;
	metric_add(err == NULL ? chronicle->kept : chronicle->lost, 1);
	say_change(chronicle, err);
}

static void
on_noted(void *ctx, const struct error *err)
{
	struct chronicle *chronicle = ctx;

	if (chronicle->freed)
		return;
	metric_add(err == NULL ? chronicle->noted : chronicle->missed, 1);
	say_change(chronicle, err);
}

void
chronicle_attend(struct chronicle *chronicle,
		 const struct archive_attendance *attendance)
{
	/* Or stopping. */
	if (chronicle == NULL || chronicle->journal == NULL)
		return;
	if (!chronicle->clear)
		clear_attendance(chronicle);
	put_attendance(chronicle, attendance);
}

/* A journal that is full is not asked to take a whole room each time. */
bool
chronicle_attends(const struct chronicle *chronicle)
{
	return chronicle != NULL && chronicle->journal != NULL &&
	       (!chronicle->losing ||
		journal_has_room(chronicle->journal, ATTENDANCE_BYTES));
}

unsigned
chronicle_age(const struct chronicle *chronicle)
{
	return chronicle->age;
}

/* Of what is not stored itself nobody needs to know. */
static void
on_ordered(void *ctx, const struct error *err)
{
	struct chronicle *chronicle = ctx;

	if (err != NULL)
		on_put(chronicle, err);
}

static int
row_of(struct chronicle *chronicle, struct arena *arena,
       const struct chronicle_entry *entry, struct archive_row *row,
       struct error *err)
{
	int64_t serial = serial_next(&chronicle->serial, clock_now());

	return chronicle_entry_row(entry, arena, serial, row, err);
}

void
chronicle_add(struct chronicle *chronicle, struct arena *arena,
	      const struct chronicle_entry *entry)
{
	struct str text = { 0 };
	struct archive_row row;
	struct error err;

	/* Stopping. */
	if (chronicle->journal == NULL)
		return;
	if (row_of(chronicle, arena, entry, &row, &err) < 0) {
		on_put(chronicle, &err);
		return;
	}
	archive_row_print(&text, &row);
	journal_put(chronicle->journal, text.data,
		    entry->unstored ? on_ordered : on_put, chronicle);
	str_fini(&text);
}

bool
chronicle_keeps(const struct chronicle *chronicle)
{
	return chronicle->keeps;
}

int
chronicle_check_room(const struct chronicle *chronicle, struct error *err)
{
	if (chronicle->journal != NULL &&
	    journal_has_room(chronicle->journal, RETRACTION_BYTES))
		return 0;
	return error_set_type(err, ERROR_RESOURCE_CONSTRAINT, ERROR_TYPE_WAIT,
			      "the archive cannot retract anything now");
}

void
chronicle_note(struct chronicle *chronicle, const struct archive_event *event)
{
	struct archive_event marked = *event;
	struct str text = { 0 };
	struct archive_row row;
	char id[QUERY_ID_SIZE];

	/* Stopping. */
	if (chronicle->journal == NULL)
		return;
	query_make_id(id);
	marked.mark = (struct archive_mark){
		.serial = serial_next(&chronicle->serial, clock_now()),
		.stamp = clock_now(), .uid = id,
	};
	row = archive_event_row(&marked);
	archive_row_print(&text, &row);
	journal_put(chronicle->journal, text.data, on_noted, chronicle);
	str_fini(&text);
}

bool
chronicle_is_first(const struct chronicle *chronicle)
{
	return chronicle != NULL && chronicle->first;
}

/* Who wants to know. */
struct put {
	struct chronicle *chronicle;
	chronicle_fn *fn;
	void *ctx;
};

static void
on_first_put(void *ctx, const struct error *err)
{
	struct put *put = ctx;

	on_put(put->chronicle, err);
	if (!put->chronicle->freed)
		put->fn(put->ctx, err);
	free(put);
}

static void
put_first(struct chronicle *chronicle, const struct archive_row *row,
	  chronicle_fn *fn, void *ctx)
{
	struct put *put = malloc(sizeof(*put));
	struct str text = { 0 };

	ensure(put != NULL);
	*put = (struct put){ chronicle, fn, ctx };
	archive_row_print(&text, row);
	journal_put(chronicle->journal, text.data, on_first_put, put);
	str_fini(&text);
}

int
chronicle_add_first(struct chronicle *chronicle,
		    const struct chronicle_entry *entry, chronicle_fn *fn,
		    void *ctx, struct error *err)
{
	struct arena *arena;
	struct archive_row row;
	int ret;

	if (chronicle->journal == NULL)
		return error_set_type(err, ERROR_RESOURCE_CONSTRAINT,
				      ERROR_TYPE_WAIT, "the service stops");
	arena = arena_new();
	ret = row_of(chronicle, arena, entry, &row, err);
	if (ret == 0)
		put_first(chronicle, &row, fn, ctx);
	arena_free(&arena);
	return ret;
}

enum archive_outlet_settling
chronicle_await(struct chronicle *chronicle, struct drain_wait *wait)
{
	return archive_outlet_await(chronicle->outlet, wait);
}

static const char *
alarm_of(const struct chronicle *chronicle, const struct journal_count *count)
{
	const char *trouble = archive_outlet_trouble(chronicle->outlet);

	if (!journal_is_open(chronicle->journal))
		return "the journal is not open, see the log";
	if (!journal_is_up(chronicle->journal))
		return "the journal's disk fails, see the log";
	if (chronicle->losing)
		return "messages are lost, see the log";
	if (trouble != NULL)
		return trouble;
	if (count->bytes + count->aside_bytes > chronicle->limit_bytes / 2)
		return "the journal is more than half full";
	return count->aside > 0 ? "messages were put aside" : "none";
}

void
chronicle_status(const struct chronicle *chronicle, struct call *call)
{
	struct journal_count count;

	if (chronicle == NULL || chronicle->journal == NULL)
		return;
	count = journal_count(chronicle->journal);
	status_add(call, "waiting for the archive", "%" PRIu64 " messages, %"
		   PRIu64 " bytes of %zu", count.entries, count.bytes,
		   chronicle->limit_bytes);
	status_add(call, "alarm", "%s", alarm_of(chronicle, &count));
}
