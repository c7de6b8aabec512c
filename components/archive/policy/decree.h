/*
 * decree.h - what is ruled of a stanza that the router waits with is done; and
 * what the policy says of one that nobody rules about.
 *
 * What goes on is in the journal first, where the policy wants that, and what
 * is held in the database.
 *
 * Embedded in its owner, all zero but for the first members.
 */
#ifndef ARCHIVE_DECREE_H
#define ARCHIVE_DECREE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "components/archive/rules/ruling.h"
#include "shared/hook_answer.h"

struct docket;
struct held_entry;
struct hook_event;
struct ledger_entry;
struct policy;

struct decree {
	struct docket *docket;
	/* These stay until the end. */
	struct policy *policy;
	struct hook_event *event;
	uint64_t began_ns, until_ms;
	int64_t came;		/* at a time of its own */
	/* The router was told: the event is gone then. */
	void (*fn)(void *ctx);
	void *ctx;

	const char *rule;	/* which rules; NULL: a server */
	const char *append;	/* to what goes on, by rules; or NULL */

	struct hook_verdict verdict;	/* once it is known */
	struct ledger_entry *entry;	/* on its way into the journal */
	struct held_entry *held;	/* on its way into the database */
	bool unjudged;			/* it goes on without a verdict */
	enum ruling_kind ruled;
	const char *why;		/* NULL: it was wanted so */
	uv_timer_t timer;		/* for either */
};

void decree_init(struct decree *decree, uv_loop_t *loop);
/* At any time; fn is not called any more.  closed is, with the timer, whose
   data is the ctx. */
void decree_fini(struct decree *decree, uv_close_cb closed);

/* Does what was ruled. */
void decree_follow(struct decree *decree, const struct ruling *ruling);
/* No server rules. */
void decree_give_up(struct decree *decree, const char *why);
/* A rule cannot be followed, and would fail again: what is kept is a
   reviewer's. */
void decree_fail(struct decree *decree, const char *why);
/* Nobody can judge what is not known whole, and it would be no other the next
   time. */
void decree_fail_unclear(struct decree *decree);

#endif
