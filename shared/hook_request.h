/*
 * hook_request.h - what a component asks of a shim (components/router/PROTOCOL
 * sections 4, 5, 9 and 11 to 13).  fanout.h has section 10.
 *
 * Whatever is given is copied.  A shim refuses what belongs to a hook that the
 * component does not have with ERROR_FORBIDDEN.
 */
#ifndef SHARED_HOOK_REQUEST_H
#define SHARED_HOOK_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/error.h"
#include "shared/hook_event.h"

struct hook_host;
struct runtime;
struct stanza;
struct xml;

/* Called once, never from within: err is NULL when the shim did it.  Else it
   is the shim's error; or ERROR_REMOTE_SERVER_TIMEOUT, when the shim said
   nothing, be it that the link was lost, and may have done it or not.  answer
   is to hook_act() the answer to an IQ, be it result or error; NULL otherwise.
   Both live during the call. */
typedef void hook_done_fn(void *ctx, const struct error *err,
			  const struct stanza *answer);

struct hook_done {
	hook_done_fn *fn;	/* NULL: nobody wants to know */
	void *ctx;
};

/* Taps up to seq are durable (section 4).  Nothing tells whether that came
   through: the shim sends again what it does not know of. */
void hook_ack(struct runtime *runtime, const struct hook_host *host,
	      uint64_t seq);

/* Lets go on what was held, changed or not (section 5).  ERROR_FORBIDDEN also
   for what no check could have asked about. */
struct hook_release {
	const char *id;
	enum hook_point point;
	const struct xml *stanza;
	int64_t stamp;		/* 0: none */
};
void hook_release(struct runtime *runtime, const struct hook_host *host,
		  const struct hook_release *release, struct hook_done done);

/* Tells the sender of what was held that it does not go on.  ERROR_FORBIDDEN as
   above; ERROR_SERVICE_UNAVAILABLE: the shim is of a version below 3. */
struct hook_denial {
	const char *id;
	enum hook_point point;
	const struct xml *stanza;
	enum error_cond condition;	/* ERROR_NONE: the usual one */
	const char *text;		/* NULL: none */
};
void hook_deny(struct runtime *runtime, const struct hook_host *host,
	       const struct hook_denial *denial, struct hook_done done);

/* Hands messages to a session, in order (section 9).  Returns how many of them
   went into the request, at least one: those that fit into a stanza.  The shim
   has none of them when the error is ERROR_ITEM_NOT_FOUND: there is no such
   session. */
struct hook_item {
	const char *id;		/* of the message; "": not remembered */
	const struct xml *message;
	int64_t stamp;		/* 0: none */
};
struct hook_delivery {
	const char *session;	/* its full address */
	const struct hook_item *items;
	size_t count;
};
size_t hook_deliver(struct runtime *runtime, const struct hook_host *host,
		    const struct hook_delivery *delivery,
		    struct hook_done done);
/* Whether the shim does not take the items themselves, and it is not the moment
   (section 9): then it has none of them, and one of them at least is to blame,
   or their number. */
bool hook_is_refusal(const struct error *err);
/* What was delivered to the user is gone for good (section 9).  Nothing tells
   whether that came through. */
void hook_forget(struct runtime *runtime, const struct hook_host *host,
		 const char *user, const char *const *ids, size_t count);

/* Changes what others see of a user (section 11), until it is removed or ends
   by itself; after a hello with another epoch it is to be set again. */
struct hook_overlay {
	const char *user, *key;
	unsigned rank;
	bool replace;		/* else it only raises */
	int64_t expires;	/* microseconds since 1970; 0: as is usual */
	const char *show, *status;	/* both NULL: it is removed */
};
void hook_overlay(struct runtime *runtime, const struct hook_host *host,
		  const struct hook_overlay *overlay, struct hook_done done);

/* Sends an IQ, which has an id, or presence, as if the user had (section 12).
   ERROR_ITEM_NOT_FOUND: there is no such user; ERROR_FORBIDDEN also for what
   the router's configuration does not list; ERROR_REMOTE_SERVER_TIMEOUT also
   when nobody answered the IQ; ERROR_BAD_REQUEST or ERROR_JID_MALFORMED: what
   the shim gave for its answer is none. */
void hook_act(struct runtime *runtime, const struct hook_host *host,
	      const char *user, const struct xml *stanza,
	      struct hook_done done);

/* Has requests of users come as HOOK_ON_DELEGATED (section 13), until the link
   is lost: to be asked for after each hello. */
struct hook_delegate {
	const char *ns, *node;	/* the one or the other */
	/* Further ones of the account, besides ns, NULL at the end; NULL:
	   none.  A shim of version 1 does not list them; others refuse more
	   than 32, and one of more than 256 bytes. */
	const char *const *features;
	bool host;		/* ns and features are the host's too */
	unsigned secs;		/* for an answer; 0: as is usual */
};
void hook_delegate(struct runtime *runtime, const struct hook_host *host,
		   const struct hook_delegate *delegate,
		   struct hook_done done);

#endif
