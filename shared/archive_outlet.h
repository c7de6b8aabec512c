/*
 * archive_outlet.h - the way of messages out of a journal, into the archive's
 * tables.
 *
 * It begins once it is known by which number we write (archive_writer.h); until
 * then, and while the database is away, they wait in the journal.
 */
#ifndef SHARED_ARCHIVE_OUTLET_H
#define SHARED_ARCHIVE_OUTLET_H

#include <stdint.h>
#include <uv.h>

struct archive_outlet;
struct archive_row;
struct drain_wait;
struct error;
struct journal;
struct metrics;
struct store;

/* err is NULL when all is well. */
typedef void archive_outlet_fn(void *ctx, const struct error *err);

struct archive_outlet_settings {
	const char *writer;	/* the name of who writes: archive_writer.h */
	struct store *store;
	struct journal *journal;	/* of archive_row_print() and of
					   archive_attendance_print(), in
					   which only the time of a serial
					   counts */
	/* May be NULL: asked, until it calls fn without err, before anything
	   is written; unready is why that waits. */
	void (*prepare)(void *ctx, archive_outlet_fn *fn, void *fn_ctx);
	const char *unready;
	/* May be NULL: changes each row before it is written; and retractions
	   that are stored, where they may bury what is written now
	   (archive_late.h). */
	void (*change)(void *ctx, struct archive_row *row);
	void *ctx;
};

/* What settings point to outlives it.  metrics are as drain_new()'s. */
struct archive_outlet *archive_outlet_new(
	uv_loop_t *loop, const struct archive_outlet_settings *settings,
	struct metrics *metrics);
/* How old the oldest message is that waits; 0: none does; -1: as long as it has
   not begun, nobody knows. */
int64_t archive_outlet_oldest_secs(const struct archive_outlet *outlet);
/* Why messages wait though the database is there; NULL: they do not. */
const char *archive_outlet_trouble(const struct archive_outlet *outlet);

enum archive_outlet_settling {
	ARCHIVE_OUTLET_SETTLED,	/* the database has all that came */
	ARCHIVE_OUTLET_AWAITED,	/* it will be told when it has */
	ARCHIVE_OUTLET_BEHIND,	/* that would take too long */
};

/* Whether the database has all messages that are in the journal; it has
   wait->fn called once it does (drain.h), where that may be soon.  Uses
   journal_on_open(). */
enum archive_outlet_settling archive_outlet_await(
	struct archive_outlet *outlet, struct drain_wait *wait);

/* Nothing more is taken from the journal, which may be closed then. */
void archive_outlet_stop(struct archive_outlet *outlet);
/* Once it was stopped, the store is closed, and nobody asks for metrics. */
void archive_outlet_free(struct archive_outlet **outlet);

#endif
