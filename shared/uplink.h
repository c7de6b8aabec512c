/*
 * uplink.h - a stream to the router, made again whenever it is lost.
 *
 * Attempts are apart by growing, jittered pauses, and by long ones when the
 * secret is wrong.  The name is looked up for each.  A link on which nothing
 * is heard is probed, and given up when it stays silent.
 */
#ifndef SHARED_UPLINK_H
#define SHARED_UPLINK_H

#include <stdbool.h>
#include <uv.h>

#include "shared/stream.h"

struct uplink;

struct uplink_settings {
	const char *host;	/* borrowed, as are those of the stream */
	unsigned port;
	bool insecure;		/* allow clear text beyond loopback */
	struct stream_settings stream;	/* but for its handshake */
};

struct uplink_events {
	void (*up)(void *ctx);
	/* Lost, or could not be made, or closed: then for the last time. */
	void (*down)(void *ctx, const char *why);
	/* As those of a stream. */
	void (*stanza)(void *ctx, struct arena *arena, struct xml *el);
	void (*refused)(void *ctx, struct arena *arena, struct xml *el,
			const struct error *err);
	void (*congested)(void *ctx, bool congested);
};

struct uplink *uplink_new(uv_loop_t *loop,
			  const struct uplink_settings *settings,
			  const struct uplink_events *events, void *ctx);

/* Begins to connect. */
void uplink_start(struct uplink *uplink);

/* Gives the stream up, if there is one, and connects again; why is for
   people. */
void uplink_renew(struct uplink *uplink, const char *why);

/* Ends the stream when all output is written, at the latest after secs; then
   calls down(), later fn.  Until then nothing else is called. */
void uplink_close(struct uplink **uplink, unsigned secs,
		  void (*fn)(void *ctx), void *ctx);

/* NULL while there is none that takes stanzas. */
struct stream *uplink_stream(const struct uplink *uplink);

#endif
