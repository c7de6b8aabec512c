/*
 * drain.h - from a journal into the archive's tables.
 *
 * Takes the oldest entries, some hundreds at a time, writes them, and removes
 * them once they are durable there.  Whatever ends the process between the
 * two, they are written again, which changes nothing (archive_write.h).  A
 * database that is away only delays.
 *
 * When some are refused, it is found out (drain_trial.h) whether they are at
 * fault, and then they are put aside, or the database is, and then all wait.
 */
#ifndef SHARED_DRAIN_H
#define SHARED_DRAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct archive_row;
struct archive_write;
struct arena;
struct drain;
struct drain_wait;
struct error;
struct journal;
struct journal_entry;
struct metrics;

/* The row of an entry; one without ways is in nobody's archive, and is not
   stored, but may bury another.  What is in it lives as long as the arena, or
   comes from the entry's text, which does.  Returns 0, or -1: the entry is put
   aside, and err->text is the reason. */
typedef int drain_read_fn(void *ctx, struct arena *arena,
			  const struct journal_entry *entry,
			  struct archive_row *row_r, struct error *err);

struct drain_settings {
	struct journal *journal;
	struct archive_write *write;
	drain_read_fn *read;
	void *ctx;
};

/* Begins when the journal is open, whose journal_on_entries() it uses.
   metrics may be NULL; nobody may ask them after drain_free(), as one of them
   looks into the drain.  They stand still from drain_stop() on. */
struct drain *drain_new(uv_loop_t *loop, const struct drain_settings *settings,
			struct metrics *metrics);

/* How old the oldest entry is that waits; 0 when there is none. */
double drain_oldest_secs(const struct drain *drain);
/* Whether the database refuses all entries, as far as is known. */
bool drain_is_refused(const struct drain *drain);

/* Has wait->fn called, never from within, once all that is in the journal now
   has left it: the database has it, or it was put aside.  Returns false where
   there is nothing to wait for.  Until it is called, the wait may be ended. */
bool drain_await(struct drain *drain, struct drain_wait *wait);

/* Before the journal is closed.  Nothing more is taken or removed; what is
   being written still is, and stays in the journal as well.  Whoever waits is
   not told. */
void drain_stop(struct drain *drain);
/* Stops it as well, if it was not. */
void drain_free(struct drain **drain);

#endif
