/*
 * dispatch.h - from a stanza to the handler it is for, and back as an error.
 *
 * The handlers of the component come first, then the answers every entity
 * owes, then the error RFC 6120 and 6121 name.
 */
#ifndef SHARED_DISPATCH_H
#define SHARED_DISPATCH_H

#include "shared/component.h"

struct arena;
struct dispatch;
struct xml;

/* All of them outlive it.  owed gives, with owed_ctx, the answers to IQs to the
   host, of type get or set, that no handler of the component takes. */
struct dispatch *dispatch_new(struct runtime *runtime,
			      const struct component *component,
			      handler_fn *owed, void *owed_ctx);
/* Has fn see every request before the component does; it takes
   it, or declines. */
void dispatch_put_first(struct dispatch *dispatch, handler_fn *fn, void *ctx);
/* Parked requests end without an answer. */
void dispatch_free(struct dispatch **dispatch);

/* Opens, ctx being the component's.  Before that, and after closing, stanzas
   are dropped and parked requests stay as they are. */
void dispatch_open(struct dispatch *dispatch, void *ctx);
void dispatch_close(struct dispatch *dispatch);

/* Understands one stanza and hands it on.  Takes the arena. */
void dispatch_stanza(struct dispatch *dispatch, struct arena *arena,
		     struct xml *el);

#endif
