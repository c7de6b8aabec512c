/*
 * uplink-private.h - the link's pace, for tests that cannot wait.
 */
#ifndef SHARED_UPLINK_PRIVATE_H
#define SHARED_UPLINK_PRIVATE_H

struct router;
struct uplink;

struct uplink_pace {
	unsigned first_ms, last_ms;	/* of pauses between attempts */
	unsigned refused_first_ms;	/* of pauses after a wrong secret */
	unsigned refused_last_ms;
	unsigned held_ms;	/* a link that lasted: begin with first_ms */
	unsigned connect_ms;	/* for each address */
	unsigned open_ms;	/* for the handshake */
	unsigned idle_ms;	/* nothing heard: ask */
	unsigned dead_ms;	/* and no answer: the link is dead */
};

/* Before uplink_start() or router_start(). */
void uplink_set_pace(struct uplink *uplink, const struct uplink_pace *pace);
void router_set_pace(struct router *router, const struct uplink_pace *pace);

#endif
