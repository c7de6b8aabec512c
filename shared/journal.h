/*
 * journal.h - a durable queue of texts, in an SQLite file of its own.
 *
 * What was told to be in outlives the process and, as far as its disk keeps
 * what it says it has, the machine.  It is in until it is removed, so whoever
 * takes it may get it again, after a crash; and a text may come twice where
 * its disk failed.  Nothing blocks: answers come on the loop.  One process
 * uses the file at a time.
 */
#ifndef SHARED_JOURNAL_H
#define SHARED_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct error;
struct journal;
struct metrics;

struct journal_settings {
	const char *path;	/* of the file, in a folder that is there */
	const char *schema;	/* the folder schema/journal */
	uint64_t limit_bytes;	/* of all texts; the file may be a quarter
				   larger, and have 64 MB beside it */
	size_t queue_bytes;	/* of those that wait in memory, as they do
				   while the disk fails */
};

/* Called once, on the loop's thread, never before the function that was given
   it returns.  err is NULL when it was done. */
typedef void journal_fn(void *ctx, const struct error *err);

/* Makes the file, or opens the old one.  Settings are copied.  -1 only when
   the path makes no sense. */
int journal_new(uv_loop_t *loop, const struct journal_settings *settings,
		struct metrics *metrics, struct journal **journal_r,
		struct error *err);
/* Called once it is open, and its counts tell what is in it; or, with err,
   when it never will be, as its tables cannot be made or are not ours. */
void journal_on_open(struct journal *journal, journal_fn *fn, void *ctx);
bool journal_is_open(const struct journal *journal);
/* Whether its file can be written to, as far as is known.  While it cannot, all
   that is asked waits, and nothing fails. */
bool journal_is_up(const struct journal *journal);
/* Called when there may be something to take: when it is open, and after each
   time that some came in; not for what was in before.  NULL: no longer. */
void journal_on_entries(struct journal *journal, void (*fn)(void *ctx),
			void *ctx);

/* Puts a text in, which is copied, and tells when it is durable.  Before it is
   open texts wait.  err is ERROR_RESOURCE_CONSTRAINT of type wait when it is
   full, or when too much waits for the disk; err->text says which. */
void journal_put(struct journal *journal, const char *text, journal_fn *fn,
		 void *ctx);

/* Whether a text of so many bytes would be taken now. */
bool journal_has_room(const struct journal *journal, size_t bytes);

/* What is in it, or on its way there; and what was put aside. */
struct journal_count {
	uint64_t entries, bytes;
	uint64_t aside, aside_bytes;
};
struct journal_count journal_count(const struct journal *journal);

/* The following may be called once it is open. */

struct journal_entry {
	int64_t id;		/* grows, and never comes again */
	int64_t stamp;		/* when it was put in: microseconds since
				   1970 */
	size_t bytes;
	const char *text;
};

/* The entries live as long as the call. */
typedef void journal_take_fn(void *ctx, const struct journal_entry *entries,
			     size_t count, const struct error *err);

/* Reads the oldest with an id above that, in their order: at most max of them,
   and no more than JOURNAL_TAKE_BYTES unless it is one; 0 only when there is
   none.  Waits while the disk fails. */
#define JOURNAL_TAKE_BYTES (1 << 20)
void journal_take(struct journal *journal, int64_t above, size_t max,
		  journal_take_fn *fn, void *ctx);

/* Removes the count entries from first to last, that were taken and have so
   many bytes. */
struct journal_range {
	int64_t first, last;	/* their ids */
	size_t count, bytes;
};
void journal_remove(struct journal *journal,
		    const struct journal_range *range, journal_fn *fn,
		    void *ctx);

/* Moves one that was taken to those that nobody takes.  They are kept, and
   count for the limit. */
void journal_put_aside(struct journal *journal,
		       const struct journal_entry *entry, const char *reason,
		       journal_fn *fn, void *ctx);

/* What is asked from now on is not answered.  Takes fail; all else is done, or
   given up after secs and told to have failed.  fn, which may be NULL, is
   called when all is closed and freed. */
void journal_close(struct journal **journal, unsigned secs,
		   void (*fn)(void *ctx), void *ctx);

#endif
