/*
 * store-private.h - between the store and its drivers; scripts for migrate.
 *
 * A request is made by the store, pushed to the driver, and given back by the
 * driver's done event with its outcome.  Whoever has it may change it.
 */
#ifndef SHARED_STORE_PRIVATE_H
#define SHARED_STORE_PRIVATE_H

#include "shared/store.h"

/* Values and their texts follow in the same block. */
struct store_statement {
	struct store_statement *next;
	const char *sql;
	size_t count;
	struct store_value values[];
};

enum store_kind {
	STORE_READ,
	STORE_WRITE,	/* any number of statements, one transaction */
	STORE_SCRIPT,	/* SQL text of any number of statements, the same */
};

enum store_outcome {
	STORE_UNDONE,	/* not done, or nobody knows */
	STORE_DONE,	/* result, or NULL when it has no rows */
	STORE_REFUSED,	/* refusal says why; trying again is of no use */
};

struct store_request {
	struct store_request *prev, *next;	/* the driver's */
	bool taken;				/* the same: it is at work */
	bool alone;				/* the same: no group for it */
	unsigned cancels;			/* the same: how often */
	enum store_kind kind;
	struct store_statement *first, *last;
	char *script;
	size_t bytes;			/* what it occupies */

	enum store_outcome outcome;
	struct store_result *result;	/* of the last statement */
	char *refusal;
	const char *refused_sql;	/* the statement at fault, or NULL */
	bool repeated;			/* it was under way when the
					   connection broke */

	/* The store's, which a driver does not touch. */
	struct store_request *older, *newer;
	uint64_t deadline;		/* of a read */
	bool told;			/* fn was called */
	store_fn *fn;
	void *ctx;
};

struct store_request *store_request_new(enum store_kind kind);
void store_request_add(struct store_request *req, const char *sql,
		       const struct store_value *values, size_t count);
/* Forgets what was tried, so that it can be done again. */
void store_request_reset(struct store_request *req);
/* sql is the statement at fault, or NULL when it is none or not known.  The
   first reason given is kept. */
void store_request_refuse(struct store_request *req, const char *sql,
			  const char *why);
/* Calls fn, if there is one, with what became of the request; the second time
   nothing happens. */
void store_request_tell(struct store_request *req);
void store_request_free(struct store_request **req);

/* Cells go row by row, NULL for an SQL NULL, and point into what owner holds,
   which release frees.  cells is on the heap and goes with the result. */
struct store_result {
	size_t rows, columns;
	bool repeated;
	const char **cells;
	void *owner;
	void (*release)(void *owner);
};

void store_result_free(struct store_result **result);

/* All on the loop's thread; never from inside open, push or close. */
struct store_events {
	void *ctx;
	void (*done)(void *ctx, struct store_request *req);
	/* Linked (text says to what), or away (text says why). */
	void (*state)(void *ctx, bool up, const char *text);
	void (*closed)(void *ctx);
};

struct store_driver {
	const char *dialect;
	int (*open)(uv_loop_t *loop, const struct store_settings *settings,
		    const struct store_events *events, void **driver_r,
		    struct error *err);
	void (*push)(void *driver, struct store_request *req);
	/* Whether it was still waiting and is the caller's again. */
	bool (*drop)(void *driver, struct store_request *req);
	/* Gives back what it has, then calls closed and is gone. */
	void (*close)(void *driver);
};

extern const struct store_driver store_pg_driver;
extern const struct store_driver store_sqlite_driver;

/* Of the pauses between attempts to reach a database. */
#define STORE_PAUSE_FIRST_MS 200
#define STORE_PAUSE_LAST_MS 10000

/* Runs SQL text of several statements as one transaction, alone.  The text is
   copied; err says what the database said.  It is done again when nobody
   knows its outcome, so it must tolerate that. */
void store_script(struct store *store, const char *text, store_fn *fn,
		  void *ctx);
/* Whether all that is asked from now on will fail. */
bool store_is_closing(const struct store *store);

#endif
