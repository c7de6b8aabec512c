/*
 * hook_answer.h - what a component answers to a shim's requests
 * (components/router/PROTOCOL sections 5, 6, 8 and 13).
 *
 * Each is sent at once, allowance of checks at the end of the loop's turn; and
 * once for each event.  A request that was parked still needs
 * request_finish(event->req, NULL).  A check, store or route to
 * which the component returns or finishes with an error is left to the router.
 * None of them can fail: where the link was lost, nobody waits any more.
 */
#ifndef SHARED_HOOK_ANSWER_H
#define SHARED_HOOK_ANSWER_H

#include <stdbool.h>

#include "shared/error.h"

struct hook_event;
struct xml;

enum hook_action {
	HOOK_ALLOW,
	HOOK_DENY,
	HOOK_REPLACE,
	HOOK_HOLD,
};

struct hook_verdict {
	enum hook_action action;
	enum error_cond condition;	/* deny; ERROR_NONE: the usual one */
	const char *text;		/* deny; may be NULL */
	bool silent;			/* deny */
	const struct xml *stanza;	/* replace: its children are taken */
};

/* Answers a check (section 5).  The verdict, and what it points to, is needed
   during the call alone. */
void hook_judge(struct hook_event *event, const struct hook_verdict *verdict);

/* Answers a store or a route (sections 6 and 8): it is ours now, and
   durable. */
void hook_accept(struct hook_event *event);
/* Answers a store (section 6): it is not stored, and its sender gets that
   error. */
void hook_bounce(struct hook_event *event, enum error_cond cond);

/* Answers a delegated request (section 13) as request_reply() does another;
   payload may be NULL. */
void hook_reply(struct hook_event *event, struct xml *payload);
/* The same with an error, which is the user's. */
void hook_refuse(struct hook_event *event, const struct error *err);
/* The one or the other, where err may be NULL, of a request that was parked:
   it is finished as well. */
void hook_finish(struct hook_event *event, struct xml *payload,
		 const struct error *err);

#endif
