/*
 * adhoc.h - the commands of a component by XMPP (XEP-0050).
 *
 * A command without fields is run at once, any other when its form has been
 * submitted.  Work that takes long is answered as still being executed, with
 * how far it is; who then asks for the next stage waits on.
 */
#ifndef SHARED_ADHOC_H
#define SHARED_ADHOC_H

#include <stddef.h>
#include <uv.h>

struct adhoc;
struct calls;
struct error;
struct request;

/* An answer has at most about max_bytes of rows; of more, the first. */
struct adhoc *adhoc_new(uv_loop_t *loop, struct calls *calls,
			size_t max_bytes);
/* Requests that wait are not answered any more. */
void adhoc_free(struct adhoc **adhoc);

/* A handler, ctx being the adhoc: answers commands to the host, and what is
   asked of their nodes (XEP-0030), or declines. */
int adhoc_on_iq(struct request *req, void *ctx, struct error *err);

#endif
