/*
 * store.h - the database: PostgreSQL, SQLite, or memory alone.
 *
 * One set of statements for all: parameters are $1, $2..., columns BIGINT and
 * TEXT.  A parameter has the type that its place wants; where nothing tells,
 * write CAST($1 AS BIGINT).  Requests are done in the order they were made, so
 * a read sees every write before it.  Nothing blocks: results arrive on the
 * loop.  What waits together is made durable together, and each is told once
 * it is; one that is refused harms no other.
 *
 * Writes are not lost while the process lives: one whose outcome is unknown
 * because the connection broke is done again, with all that followed it, so
 * each must be idempotent.  There is one limit: when more than queue_bytes of
 * writes wait, new ones fail until there is room again; that is logged, and
 * counted in annex_store_lost_total.  A single write is always taken.  Reads
 * fail when the database has been away too long.
 */
#ifndef SHARED_STORE_H
#define SHARED_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct error;
struct metrics;
struct store;
struct store_batch;
struct store_result;

enum store_type { STORE_NULL, STORE_INT, STORE_TEXT };

struct store_value {
	enum store_type type;
	int64_t number;
	const char *text;	/* UTF-8; NUL bytes are not possible */
};

static inline struct store_value
store_int(int64_t number)
{
	return (struct store_value){ STORE_INT, number, NULL };
}

/* NULL makes an SQL NULL. */
static inline struct store_value
store_text(const char *text)
{
	return (struct store_value){ text ? STORE_TEXT : STORE_NULL, 0, text };
}

/* The values and their count, as two arguments. */
#define STORE_VALUES(...) \
	(const struct store_value[]){ __VA_ARGS__ }, \
	sizeof((const struct store_value[]){ __VA_ARGS__ }) / \
	sizeof(struct store_value)

/* Called exactly once, on the loop's thread, never before the function that
   was given it returns.  The result is valid during the call.  Exactly one of
   result and err is NULL.  err is ERROR_RESOURCE_CONSTRAINT of type wait when
   the database is away, ERROR_INTERNAL_SERVER_ERROR when it refuses the
   statement; why is in the log, not in err, which may be shown to strangers. */
typedef void store_fn(void *ctx, const struct store_result *result,
		      const struct error *err);

struct store_settings {
	/* "postgresql://..." (or "host=..."), "sqlite:PATH", or "none" */
	const char *url;
	const char *name;	/* what the log calls it, a literal; NULL:
				   "store" */
	unsigned read_timeout_secs;
	size_t queue_bytes;	/* of writes that wait, as they do most
				   while it is away */
	bool read_only;		/* another program's SQLite file, of which
				   nothing is changed; PostgreSQL has rights
				   for that */
};

/* Opens; a database that is not there yet is waited for.  -1 only when the
   URL makes no sense.  metrics may be NULL.  An SQLite file is made, readable
   by owner and group, when first something is written.  PostgreSQL is used on
   a server that can be written to, unless the URL's target_session_attrs says
   otherwise, and in a database whose encoding is UTF8. */
int store_new(uv_loop_t *loop, const struct store_settings *settings,
	      struct metrics *metrics, struct store **store_r,
	      struct error *err);

/* Called at every change between linked and away, and when the reason changes
   why it is away; the store logs the same.  why is what it is linked to when
   up is true. */
void store_on_state(struct store *store,
		    void (*fn)(void *ctx, bool up, const char *why),
		    void *ctx);
bool store_is_up(const struct store *store);
/* Whether what is written outlives the process: not in memory alone. */
bool store_is_lasting(const struct store *store);
/* "postgresql" or "sqlite": which dialect migrations are to use. */
const char *store_dialect(const struct store *store);

/* One statement that changes nothing.  sql must outlive the store unchanged (a
   literal); values are copied. */
void store_read(struct store *store, const char *sql,
		const struct store_value *values, size_t count,
		store_fn *fn, void *ctx);

/* One statement that changes something, in a transaction of its own.  fn may
   be NULL. */
void store_write(struct store *store, const char *sql,
		 const struct store_value *values, size_t count,
		 store_fn *fn, void *ctx);

/* Several in one transaction.  The batch is consumed by store_commit(), whose
   fn gets the last statement's result. */
struct store_batch *store_begin(struct store *store);
void store_add(struct store_batch *batch, const char *sql,
	       const struct store_value *values, size_t count);
/* How much memory the batch takes so far. */
size_t store_batch_bytes(const struct store_batch *batch);
void store_commit(struct store_batch **batch, store_fn *fn, void *ctx);

size_t store_rows(const struct store_result *result);
/* Whether it may have been done before, by a connection that broke before
   anybody knew: the result then is that of the second time. */
bool store_is_repeated(const struct store_result *result);
/* NULL for an SQL NULL. */
const char *store_get_text(const struct store_result *result, size_t row,
			   size_t column);
/* 0 for an SQL NULL. */
int64_t store_get_int(const struct store_result *result, size_t row,
		      size_t column);

/* Reads still under way fail, as does all that is asked from now on; writes
   are finished, or given up after secs.  fn, which may be NULL, is called when
   all is closed and freed; lost counts the writes that were given up. */
void store_close(struct store **store, unsigned secs,
		 void (*fn)(void *ctx, size_t lost), void *ctx);

#endif
