/*
 * fake_router.h - in place of shared/router.c: keeps what is sent, as text.
 *
 * The link is up at first.  What a router would not take ends the process: it
 * must be one well-formed stanza with to, and from an address of the domain.
 */
#ifndef T_LIB_FAKE_ROUTER_H
#define T_LIB_FAKE_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/router.h"

struct router *fake_router_new(const char *domain);
/* Queries that wait are answered with NULL first. */
void fake_router_free(struct router **router);

/* The largest stanza; there is no limit at first. */
void fake_router_limit(struct router *router, size_t stanza_bytes);

/* The stanzas sent since fake_router_forget(), each as one line; "" when there
   are none.  A stamp of the last minute reads stamp='now'. */
const char *fake_router_sent(const struct router *router);
void fake_router_forget(struct router *router);

/* How often the link was given up. */
unsigned fake_router_renewals(const struct router *router);

/* Whether the link is lost. */
void fake_router_cut(struct router *router, bool cut);

/* As router_set_credit() was told last; nothing waits even so. */
unsigned fake_router_credit(const struct router *router);

/* Answers a query whose id is that of el, and which was sent to whom el is
   from.  False, having done nothing, when there is none. */
bool fake_router_answer(struct router *router, struct arena *arena,
			struct xml *el);
/* Nobody answers any more. */
void fake_router_time_out(struct router *router);

#endif
