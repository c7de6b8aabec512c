/*
 * hook.h - what a component hears by the shims of its router's hosts, and
 * whether they are there (components/router/PROTOCOL).
 *
 * Only the hosts that the configuration names are listened to: anybody's
 * server may send a hello from its own domain, and a copy of a message that
 * nobody sent.  From all others, and before a hello, what has the shims'
 * namespace is a stanza like any other.
 */
#ifndef SHARED_HOOK_H
#define SHARED_HOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/hook_event.h"
#include "shared/hook_host.h"

struct arena;
struct error;
struct hook;
struct request;
struct runtime;
struct str;
struct xml;

/* Answers an event.  Returns 0; or -1 with err, which goes to the shim as a
   stanza error, or to the user as that of a delegated request; or
   REQUEST_PARKED, as a handler does.  Events that come by message need no
   answer.  What is not understood is logged and does not come here, but for a
   tap, which is to be acknowledged all the same, and a check, of which somebody
   must say whether it goes on. */
typedef int hook_fn(struct hook_event *event, void *ctx, struct error *err);

/* What a component has to do with shims: part of its declaration. */
struct hook_use {
	unsigned needs;		/* HOOK_ bits without which it is no good */
	unsigned uses;		/* those it is better with */
	hook_fn *on[HOOK_EVENTS];	/* NULL: not wanted */
	/* May be NULL.  The host said hello, for the first time or again; or,
	   not being up, went away with the link. */
	void (*host)(void *ctx, const struct hook_host *host);
};

struct hook_settings {
	const char *const *hosts;	/* none: the component's own domain
					   without its first label */
	size_t stanza_bytes;	/* our own limit of a stanza */
};

/* use may be NULL: then no host is listened to. */
struct hook *hook_new(struct runtime *runtime, const struct hook_use *use,
		      const struct hook_settings *settings);
void hook_free(struct hook **hook);

/* A handler, ctx being the hook: takes what a shim sent, or declines. */
int hook_on_request(struct request *req, void *ctx, struct error *err);
/* Whether that wants a stanza of which something passed a limit, as err says,
   and was left out: a tap that the component would take, of which as much is
   to be kept as there is, or a check.  It is marked as such.  Says in the log
   what it wants, but not of each. */
bool hook_wants_refused(struct hook *hook, struct arena *arena,
			struct xml *el, const struct error *err);

/* The component, whose ctx this is, has begun: before that nothing is taken. */
void hook_attend(struct hook *hook, void *ctx);
/* The link came up or was lost. */
void hook_link(struct hook *hook, bool up);

/* The hosts that are listened to, one by one, be they up or not; NULL at the
   end. */
const char *hook_host_named(const struct hook *hook, size_t n);
/* The host of that domain, if it is up.  Lives as long as hook. */
const struct hook_host *hook_find(const struct hook *hook,
				  const char *domain);
/* The first host that is up and has all these hooks; or NULL. */
const struct hook_host *hook_offering(const struct hook *hook,
				      unsigned hooks);

/* Adds a line for each host that does not give what the component needs,
   saying why; nothing when all is well. */
void hook_add_missing(const struct hook *hook, struct str *out);

#endif
