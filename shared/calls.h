/*
 * calls.h - the commands of a component and the calls under way, for those
 * who start them.
 */
#ifndef SHARED_CALLS_H
#define SHARED_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct calls;
struct command;
struct component;
struct error;
struct form;
struct jid;
struct runtime;

/* The runtime and the component outlive it. */
struct calls *calls_new(struct runtime *runtime,
			const struct component *component);
/* Calls still under way go.  The memory goes in the loop's next turn. */
void calls_free(struct calls **calls);

/* From now on there are calls, ctx being the component's.  Before that, but for
   the commands that every component has, and after stopping, they are refused
   with ERROR_SERVICE_UNAVAILABLE.  Stopping ends all for those who wait, with
   the same. */
void calls_open(struct calls *calls, void *ctx);
void calls_stop(struct calls *calls);

const struct component *calls_component(const struct calls *calls);
/* The commands one by one, those that every component has first; NULL at the
   end. */
const struct command *calls_command(const struct calls *calls, size_t n);
const struct command *calls_find(const struct calls *calls, const char *name);
/* Whether somebody may use it by XMPP. */
bool calls_allows(const struct calls *calls, const struct command *command,
		  const struct jid *who);

/* Where a call's output goes.  cells has one text for each column, NULL for
   none.  Nothing is called any more after end, which may come from within
   call_run(). */
struct call_output {
	void (*row)(void *ctx, const char *const *cells);
	void (*say)(void *ctx, const char *text);
	void (*progress)(void *ctx, uint64_t done, uint64_t total);
	/* Whether long work should wait, until call_resume(). */
	bool (*is_full)(void *ctx);
	void (*end)(void *ctx, const struct error *err);
};

/* All but output and its ctx is needed while the call is made. */
struct call_plan {
	const struct command *command;
	const struct form *form;	/* its fields */
	const struct jid *by;		/* NULL: on the control socket */
	const char *who;		/* for the log */
	const struct call_output *output;
	void *ctx;
};

/* Makes a call of what was given; -1 with err as of command_read(). */
int call_new(struct calls *calls, const struct call_plan *plan,
	     struct call **call_r, struct error *err);
void call_run(struct call *call);
/* Nobody waits any more: no output follows. */
void call_cancel(struct call *call);
/* The output is not full any more. */
void call_resume(struct call *call);

#endif
