/*
 * wire.h - bytes over a connected socket, gathered and paced.
 *
 * Output is gathered in one buffer during the loop's turn and leaves in one
 * send() at its end, or earlier when there is much of it.  While more than
 * queue_bytes cannot be sent, nothing is read.
 */
#ifndef SHARED_WIRE_H
#define SHARED_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct metric;
struct str;
struct wire;

struct wire_settings {
	size_t queue_bytes;
	struct metric *bytes_in, *bytes_out;
	struct metric *queued;		/* a gauge of bytes */
};

struct wire_events {
	void (*bytes)(void *ctx, const char *bytes, size_t len);
	/* Called once: there is no more to read.  why is for people. */
	void (*lost)(void *ctx, const char *why);
	/* Output is above queue_bytes; or below half of it again. */
	void (*congested)(void *ctx, bool congested);
};

/* Takes over fd, which is non-blocking. */
struct wire *wire_new(uv_loop_t *loop, int fd,
		      const struct wire_settings *settings,
		      const struct wire_events *events, void *ctx);

/* Sends what the socket takes at once, then closes.  No callback follows;
   may be called from one. */
void wire_free(struct wire **wire);

/* Where output is appended; wire_wrote() must follow. */
struct str *wire_out(struct wire *wire);
void wire_wrote(struct wire *wire);

/* No more output will come: closes our direction once all is sent. */
void wire_finish(struct wire *wire);

/* Reads nothing more, or goes on. */
void wire_pause(struct wire *wire, bool paused);

/* Also while it is paused. */
bool wire_is_congested(const struct wire *wire);

/* When bytes came last, in the loop's milliseconds. */
uint64_t wire_heard_ms(const struct wire *wire);

#endif
