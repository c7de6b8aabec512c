/*
 * request.h - a stanza on its way through a component, and who handles it.
 *
 * dispatch.c is what carries it and answers for it.
 */
#ifndef SHARED_REQUEST_H
#define SHARED_REQUEST_H

#include <uv.h>

#include "shared/stanza.h"

struct arena;
struct error;
struct hook;
struct jid;
struct metrics;
struct multicast;
struct router;
struct store;
struct xml;

/* What a handler answers to: kind and type. */
enum handler_kind {
	HANDLER_END,
	PRESENCE,		/* available and unavailable */
	PRESENCE_ERROR,
	PRESENCE_SUBSCRIPTION,	/* subscribe, subscribed, probe, ... */
	MESSAGE,		/* normal and chat and headline */
	MESSAGE_GROUPCHAT,
	MESSAGE_ERROR,
	IQ_GET,
	IQ_SET,
	IQ_ANSWER,		/* results and errors nobody waits for */
};

/* Whom it was sent to: room@host/nick is FULL, room@host BARE, host HOST. */
enum handler_to {
	TO_ANY,
	TO_HOST,
	TO_BARE,
	TO_FULL,
};

struct runtime {
	uv_loop_t *loop;
	struct router *router;
	struct store *store;
	struct metrics *metrics;
	struct hook *hook;	/* the shims of the router's hosts */
	struct multicast *multicast;	/* NULL: none is wanted */
	const char *domain;
	const char *const *admins;	/* of the service, now */
	const char *schema;		/* the folder of all migrations */
	uint64_t started_ns;		/* uv_hrtime() */
};

/* One stanza on its way through the component. */
struct request {
	struct runtime *runtime;
	struct arena *arena;		/* goes when the request ends */
	struct stanza stanza;
	const struct jid *from, *to;	/* the stanza's */
	struct xml *payload;		/* the element its handler named; for an
					   IQ its child; or NULL */
};

/* Returns 0; or -1 with err, which the runtime sends back as a stanza error;
   or HANDLER_DECLINE to let the next fitting handler try; or REQUEST_PARKED
   when it keeps the request, to go on with it later. */
#define HANDLER_DECLINE	1
#define REQUEST_PARKED	2
typedef int handler_fn(struct request *req, void *ctx, struct error *err);

struct handler {
	enum handler_kind kind;
	enum handler_to to;
	const char *ns, *name;	/* of a child it must have; NULL: any */
	handler_fn *fn;
};

/* A parked request lives until one of these ends its waiting.  Resuming
   dispatches it to the handlers, without admit; finishing answers it with err,
   or with nothing when err is NULL.  Either may be called before the handler
   that parks it returns. */
void request_resume(struct request *req);
void request_finish(struct request *req, const struct error *err);

/* Answers an IQ.  payload may be NULL; one that is too large for the router
   becomes ERROR_RESOURCE_CONSTRAINT. */
void request_reply(struct request *req, struct xml *payload);

/* Sends a stanza with from and to.  One that is too large for the router is
   dropped, as router.h says: then -1 is returned, for those who have somebody
   to tell. */
int runtime_send(struct runtime *runtime, const struct xml *el);

#endif
