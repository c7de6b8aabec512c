/*
 * multicast.h - the router's service that sends one stanza to many (XEP-0033).
 *
 * Looked for among the hosts that the configuration names and what they list
 * (XEP-0033 section 2.2), when somebody first asks, and again with each link.
 * Before it is used it is tried: whom it serves it does not tell.
 */
#ifndef SHARED_MULTICAST_H
#define SHARED_MULTICAST_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct multicast;
struct request;
struct runtime;

struct multicast_service {
	const char *address;
	const char *host;	/* for whose users it may be used: others may
				   get what it sends in another order */
	unsigned messages, presences;	/* addresses that one may have */
};

/* The runtime outlives it, as does its hook. */
struct multicast *multicast_new(struct runtime *runtime);
void multicast_free(struct multicast **multicast);

/* The link came up or was lost. */
void multicast_link(struct multicast *multicast, bool up);

/* NULL when there is none, or it is not known yet.  Valid until the loop's
   turn ends. */
const struct multicast_service *multicast_find(struct multicast *multicast);

/* The same, but nothing is looked for. */
const struct multicast_service *
multicast_known(const struct multicast *multicast);

/* The service is given a stanza. */
void multicast_count(struct multicast *multicast);

/* What is sent from now on waits until the service has sent what it was given
   before.  The router's credit must be 1. */
void multicast_fence(struct multicast *multicast);
/* Whether such a wait is not over. */
bool multicast_is_fenced(const struct multicast *multicast);

/* A handler, ctx being the multicast: takes what the service refused, or
   declines. */
int multicast_on_request(struct request *req, void *ctx, struct error *err);

#endif
