/*
 * call.h - one use of a command, from its start to its end.
 *
 * What a handler gets, and what it says.  The call lives until it ends, even
 * when nobody waits for it any more: then it is cancelled, and what it says is
 * thrown away.  A handler that keeps it does its work in steps, by call_read()
 * and call_then(); a cancelled call ends at the next one by itself.
 */
#ifndef SHARED_CALL_H
#define SHARED_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/command.h"

struct arena;
struct component;
struct error;
struct jid;
struct runtime;
struct store_result;
struct store_value;

struct call {
	struct runtime *runtime;
	const struct component *component;
	void *ctx;			/* the component's */
	const struct command *command;
	const struct jid *by;		/* NULL: on the control socket */
	const char *who;		/* the same, as the log names him */
	struct arena *arena;		/* goes when the call ends */
	void *state;			/* the handler's own */
	/* Set by the handler, or NULL: frees what is not in the arena, once,
	   however the call ends. */
	void (*fini)(struct call *call);
	/* The same, or NULL: the call is cancelled.  Where it waits for what
	   may be long in coming, it gives that up, and ends by
	   call_then(). */
	void (*cancel)(struct call *call);
};

/* What was given, or the field's default: NULL, false or 0 when there is
   neither; the list is empty then.  The field must be declared. */
const char *call_text(const struct call *call, const char *field);
bool call_bool(const struct call *call, const char *field);
unsigned call_uint(const struct call *call, const char *field);
const struct jid *call_jid(const struct call *call, const char *field);
const char *const *call_list(const struct call *call, const char *field);

/* One row: a text for each column, or NULL.  A BOOL is "1" or "0". */
void call_row(struct call *call, const char *const *cells);
/* A sentence: what was done. */
void call_say(struct call *call, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* How much of the work is done; total 0: nobody knows. */
void call_progress(struct call *call, uint64_t done, uint64_t total);

/* Ends it, with err when it has failed.  The call is gone then. */
void call_end(struct call *call, const struct error *err);

/* Reads from the store, then goes on with fn; if that fails the call ends with
   the error.  The result is valid during fn. */
typedef void call_result_fn(struct call *call,
			    const struct store_result *result);
void call_read(struct call *call, const char *sql,
	       const struct store_value *values, size_t count,
	       call_result_fn *fn);
/* Goes on with fn in a later turn of the loop, as soon as whoever waits has
   taken what was said: between two parts of long work. */
typedef void call_fn(struct call *call);
void call_then(struct call *call, call_fn *fn);

/* Whether nobody waits any more: for those who wait in ways of their own. */
bool call_is_cancelled(const struct call *call);

#endif
