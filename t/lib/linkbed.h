/*
 * linkbed.h - the link to a scripted router, and what its owner sees of it.
 */
#ifndef T_LIB_LINKBED_H
#define T_LIB_LINKBED_H

#include <stdbool.h>
#include <uv.h>

#include "shared/str.h"
#include "t/lib/peer.h"

struct metrics;
struct router;
struct uplink_pace;

#define LINKBED_STANZA_BYTES 10000
#define LINKBED_QUEUE_BYTES 100000

struct linkbed {
	uv_loop_t loop;
	struct peer peer;
	struct metrics *metrics;
	struct router *router;
	const char *host;	/* of the next router; NULL: 127.0.0.1 */
	size_t taken_bytes;	/* and 0: LINKBED_STANZA_BYTES */
	int ups, downs, stanzas, closed, congestions;
	bool congested;
	bool wants_refused;
	char why[300];
	struct str last;	/* the stanza that came last, as text */
	int close_after_stanzas;
	bool close_on_up, close_on_down, close_on_congestion;
};

/* Pauses of milliseconds; nothing is probed. */
extern const struct uplink_pace linkbed_pace;

/* For cmocka: the state becomes a linkbed with a router not yet started.  At
   the end the router is closed, and nothing may be left in the loop. */
int linkbed_set_up(void **state);
int linkbed_tear_down(void **state);

#define LINKBED_TEST(name) \
	cmocka_unit_test_setup_teardown(name, linkbed_set_up, \
					linkbed_tear_down)

/* Another router, in place of one that was closed. */
void linkbed_make(struct linkbed *bed, const struct uplink_pace *pace);
/* For router_close(). */
void linkbed_on_closed(void *ctx);

/* Starts the router, if need be, and plays its peer until the link is up. */
void linkbed_attach(struct linkbed *bed);

/* Sends <message from='r@muc.example/n' to='a@b/c'> with that body. */
void linkbed_send(struct linkbed *bed, const char *body);

/* What the page of metrics must say of one. */
void linkbed_assert_metric(struct linkbed *bed, const char *name,
			   const char *value);

#endif
