/*
 * outfit.h - what a service works with, made as its settings say.
 *
 * All of it belongs to the service from then on.
 */
#ifndef SHARED_OUTFIT_H
#define SHARED_OUTFIT_H

struct adhoc;
struct calls;
struct component;
struct control;
struct error;
struct health;
struct router_events;
struct runtime;
struct settings;

/* For whom, and with what; needed during the calls only, but for the
   runtime. */
struct outfit {
	struct runtime *runtime;
	const struct component *component;
	const struct settings *settings;
};

/* runtime->store.  -1 with err->text "file:line: store.url: reason". */
int outfit_store(const struct outfit *outfit, struct error *err);

/* *health_r, if it is to be monitored; NULL otherwise.  -1 with err as of
   outfit_store(). */
int outfit_health(const struct outfit *outfit, struct health **health_r,
		  struct error *err);

/* runtime->router. */
void outfit_router(const struct outfit *outfit,
		   const struct router_events *events, void *ctx);

/* runtime->hook, and runtime->multicast if the component sends to many. */
void outfit_hook(const struct outfit *outfit);

/* The commands by XMPP. */
struct adhoc *outfit_adhoc(const struct outfit *outfit, struct calls *calls);

/* The commands on a socket.  NULL: none is wanted, or it cannot be made, which
   is logged and no more: chat is worth more than being asked how it goes. */
struct control *outfit_control(const struct outfit *outfit,
			       struct calls *calls);

#endif
