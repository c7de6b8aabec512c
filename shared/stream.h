/*
 * stream.h - an XEP-0114 stream over a connected socket.
 *
 * libstrophe opens it (handshake.h), parser.h reads it.  What the router says
 * about the stream itself is dealt with here; stanzas go to the owner.
 */
#ifndef SHARED_STREAM_H
#define SHARED_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "shared/wire.h"

struct arena;
struct error;
struct handshake;
struct str;
struct stream;
struct xml;

struct stream_settings {
	const char *domain, *secret;	/* borrowed: as long as the stream */
	size_t stanza_bytes;	/* the largest that is taken */
	struct handshake *handshake;	/* borrowed, used by one at a time */
	struct wire_settings wire;
};

struct stream_events {
	void (*up)(void *ctx);
	/* The arena belongs to the callee. */
	void (*stanza)(void *ctx, struct arena *arena, struct xml *el);
	/* One that passed a limit, as parser.h hands it over. */
	void (*refused)(void *ctx, struct arena *arena, struct xml *el,
			const struct error *err);
	/* Called once.  ERROR_NOT_AUTHORIZED: the secret is wrong. */
	void (*lost)(void *ctx, const struct error *why);
	void (*congested)(void *ctx, bool congested);
};

/* Takes over fd, which is non-blocking. */
struct stream *stream_new(uv_loop_t *loop, int fd,
			  const struct stream_settings *settings,
			  const struct stream_events *events, void *ctx);

/* Begins.  Returns 0, or -1 with what handshake_begin() says. */
int stream_open(struct stream *stream, struct error *err);

/* No callback follows; may be called from one. */
void stream_free(struct stream **stream);

/* Whether stanzas may be sent. */
bool stream_is_up(const struct stream *stream);

/* Where stanzas are appended as text; stream_wrote() must follow. */
struct str *stream_out(struct stream *stream);
void stream_wrote(struct stream *stream);

/* Ends the stream: what was sent is still delivered, what comes is read and
   thrown away until lost() says that the router has ended it as well. */
void stream_finish(struct stream *stream);

/* As wire_pause() and wire_is_congested(). */
void stream_pause(struct stream *stream, bool paused);
bool stream_is_congested(const struct stream *stream);
uint64_t stream_heard_ms(const struct stream *stream);

#endif
