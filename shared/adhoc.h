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

struct adhoc;
struct calls;
struct error;
struct request;
struct runtime;

/* Most sessions of one person, and of all; how long one lives in which nothing
   happens; and how long a request waits for the end of a command. */
#define ADHOC_PERSON_MAX 10
#define ADHOC_MAX 1000
#define ADHOC_IDLE_SECS 600
#define ADHOC_WAIT_SECS 15

/* An answer has at most about max_bytes of rows; of more, the first. */
struct adhoc *adhoc_new(const struct runtime *runtime, struct calls *calls,
			size_t max_bytes);
/* Requests that wait are not answered any more. */
void adhoc_free(struct adhoc **adhoc);

/* A handler, ctx being the adhoc: answers commands to the host, and what is
   asked of their nodes (XEP-0030), or declines. */
int adhoc_on_iq(struct request *req, void *ctx, struct error *err);

#endif
