/*
 * hook_event.h - what a shim tells or asks a component, understood.
 *
 * Lives in the arena of its request, and as long.
 */
#ifndef SHARED_HOOK_EVENT_H
#define SHARED_HOOK_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/forward.h"

struct error;
struct hook_allowed;
struct hook_host;
struct jid;
struct request;

enum hook_event_kind {
	HOOK_ON_TAP,
	HOOK_ON_CHECK,
	HOOK_ON_STORE,
	HOOK_ON_WITHDRAW,
	HOOK_ON_ONLINE,
	HOOK_ON_OFFLINE,
	HOOK_ON_ROUTE,
	HOOK_ON_DELEGATED,
	HOOK_EVENTS,
};

enum hook_dir {
	HOOK_DIR_OUT,
	HOOK_DIR_IN,
	HOOK_DIR_BOTH,		/* an out and an in */
	HOOK_DIR_SHOWN,
	HOOK_DIR_REMOVED,	/* no copy: somebody's account is removed */
};
enum hook_origin { HOOK_ORIGIN_LOCAL, HOOK_ORIGIN_REMOTE,
		   HOOK_ORIGIN_COMPONENT };
enum hook_point { HOOK_POINT_SEND, HOOK_POINT_RECEIVE };

struct hook_event {
	enum hook_event_kind kind;
	const struct hook_host *host;
	struct request *req;
	struct hook_allowed *allowed;	/* where it is noted when a check is */

	struct stanza stanza;	/* what was sent; el NULL in offline and
				   withdraw, and in a tap that was not
				   understood or has none; of an unclear check
				   as much as was */
	int64_t stamp;		/* when; now where the shim does not say */
	const char *id;		/* the message's, in tap, check and store;
				   "" where there is none */

	uint64_t seq, lost;	/* tap */
	bool cut;		/* tap and check: something is left out of the
				   stanza */
	bool unclear;		/* tap and check: it was not understood */
	enum hook_dir dir;
	enum hook_origin origin;
	enum hook_point point;	/* check */
	const char *profile;	/* check; "" where there is none */
	const char *ids;	/* withdraw: of messages, a line each */
	const struct jid *who;	/* store, withdraw and of an account that is
				   removed: the user; online and offline: the
				   session */
	bool known;		/* online: it was, before the hello */
};

/* The attribute of a tap or check of which something was left out here; no
   shim sends it. */
#define HOOK_EVENT_CUT "cut"

/* "tap"... */
const char *hook_event_name(enum hook_event_kind kind);

/* Whether the request holds an event, and which. */
bool hook_event_find(const struct request *req, enum hook_event_kind *kind_r);

/* That event of a request which holds one, in its arena. */
struct hook_event *hook_event_new(struct request *req,
				  enum hook_event_kind kind,
				  const struct hook_host *host);
/* Understands the rest.  Returns 0, or -1 with ERROR_BAD_REQUEST or
   ERROR_JID_MALFORMED; then seq is known of a tap that has one, of a check the
   profile and what there is of the stanza, and nothing else. */
int hook_event_parse(struct hook_event *event, struct error *err);

#endif
