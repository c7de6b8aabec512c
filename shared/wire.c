#include "shared/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/error.h"
#include "shared/metric.h"
#include "shared/str.h"

/* Read at a time, and once in a turn of the loop. */
#define READ_BYTES	65536
/* Handed over at a time, so that what one read makes us write is noticed
   before all of it was written. */
#define SLICE_BYTES	8192
/* Sent without waiting for the end of the turn: about what the caches and
   the socket's buffer hold. */
#define EARLY_BYTES	131072
/* A buffer that grew beyond is given back once it is empty. */
#define KEEP_BYTES	1048576
/* Input thrown away when closing: a socket closed with input unread resets
   the connection, and our last words might be lost. */
#define DISCARD_BYTES	1048576

struct wire {
	uv_loop_t *loop;
	uv_poll_t poll;
	uv_prepare_t prepare;
	int fd;
	int open_handles;
	int watched;		/* events that poll waits for */

	struct str out;
	size_t sent;		/* of out */
	char *in;		/* READ_BYTES */
	size_t in_len, in_used;
	uint64_t heard_ms;

	bool blocked;		/* the socket takes no more at present */
	bool congested;
	bool paused;
	bool broken;		/* writing failed: output is thrown away */
	bool finishing;
	bool closed;

	struct wire_events events;
	void *ctx;
	struct wire_settings settings;
};

static size_t
unsent(const struct wire *wire)
{
	return wire->out.len - wire->sent;
}

static void watch(struct wire *wire);

static void
empty_output(struct wire *wire)
{
	wire->sent = 0;
	if (wire->out.size > KEEP_BYTES)
		str_fini(&wire->out);
	else
		str_clear(&wire->out);
}

/* The bytes already sent go when they are more than those that remain, so
   that each byte is moved once at most. */
static void
keep_unsent(struct wire *wire)
{
	if (unsent(wire) == 0) {
		empty_output(wire);
	} else if (wire->sent > unsent(wire)) {
		str_shift(&wire->out, wire->sent);
		wire->sent = 0;
	}
}

static void
send_output(struct wire *wire)
{
	while (unsent(wire) > 0 && !wire->blocked && !wire->broken) {
		ssize_t n = send(wire->fd, wire->out.data + wire->sent,
				 unsent(wire), MSG_NOSIGNAL);

		if (n >= 0) {
			wire->sent += (size_t)n;
			metric_add(wire->settings.bytes_out, (size_t)n);
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			wire->blocked = true;
		} else if (errno != EINTR) {
			/* The peer may have said why: read on. */
			wire->broken = true;
		}
	}
	if (wire->broken)
		empty_output(wire);
	else
		keep_unsent(wire);
	if (wire->finishing && unsent(wire) == 0)
		shutdown(wire->fd, SHUT_WR);
}

static void
notice_congestion(struct wire *wire)
{
	bool was = wire->congested;

	if (wire->finishing)
		wire->congested = false;	/* nothing adds to it */
	else if (unsent(wire) > wire->settings.queue_bytes)
		wire->congested = true;
	else if (unsent(wire) <= wire->settings.queue_bytes / 2)
		wire->congested = false;
	if (wire->congested != was && !wire->closed)
		wire->events.congested(wire->ctx, wire->congested);
}

static void
flush(struct wire *wire)
{
	if (wire->closed)
		return;
	send_output(wire);
	notice_congestion(wire);
	if (wire->closed)
		return;
	metric_set(wire->settings.queued, unsent(wire));
	watch(wire);
}

static bool
takes_input(const struct wire *wire)
{
	return !wire->congested && !wire->paused && !wire->closed;
}

static void hand_over(struct wire *wire);

static void
on_turn_end(uv_prepare_t *prepare)
{
	struct wire *wire = prepare->data;

	/* What was read before a pause. */
	if (wire->in_used < wire->in_len && takes_input(wire))
		hand_over(wire);
	if (!wire->closed && (unsent(wire) > 0 || wire->congested))
		flush(wire);
}

/* Hands over what was read, until output piles up. */
static void
hand_over(struct wire *wire)
{
	while (wire->in_used < wire->in_len && takes_input(wire)) {
		size_t n = wire->in_len - wire->in_used;
		const char *bytes = wire->in + wire->in_used;

		if (n > SLICE_BYTES)
			n = SLICE_BYTES;
		wire->in_used += n;
		wire->events.bytes(wire->ctx, bytes, n);
		if (unsent(wire) > wire->settings.queue_bytes)
			flush(wire);
	}
}

static void
lose(struct wire *wire, const char *why)
{
	if (wire->watched >= 0)
		uv_poll_stop(&wire->poll);
	wire->watched = -1;
	wire->events.lost(wire->ctx, why);
}

/* COMPAT: Prosody does not turn off Nagle's algorithm: what it sends behind
   something small, as an answer is, would wait for our acknowledgement of
   that, and that for 40 ms, or for something to go the other way.  The kernel
   forgets it now and then. */
static void
acknowledge_soon(const struct wire *wire)
{
	int on = 1;

	setsockopt(wire->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/* Returns false when there was nothing (more) to read. */
static bool
read_once(struct wire *wire)
{
	ssize_t n = recv(wire->fd, wire->in, READ_BYTES, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		lose(wire, n == 0 ? "the router closed the connection" :
				    strerror(errno));
		return false;
	}
	metric_add(wire->settings.bytes_in, (size_t)n);
	wire->heard_ms = uv_now(wire->loop);
	wire->in_len = (size_t)n;
	wire->in_used = 0;
	acknowledge_soon(wire);
	hand_over(wire);
	return !wire->closed;
}

/* The connection was reset.  libuv watches it no longer, but there may be
   more to read, a stream error perhaps. */
static void
read_rest(struct wire *wire)
{
	wire->broken = true;
	flush(wire);
	hand_over(wire);
	while (!wire->closed && read_once(wire))
		;
}

static void
on_ready(uv_poll_t *poll, int status, int events)
{
	struct wire *wire = poll->data;

	if (status < 0) {
		wire->watched = 0;
		read_rest(wire);
		return;
	}
	if ((events & UV_WRITABLE) != 0) {
		wire->blocked = false;
		flush(wire);
	}
	hand_over(wire);
	if ((events & UV_READABLE) != 0 && !wire->closed &&
	    wire->in_used == wire->in_len)
		read_once(wire);
	if (!wire->closed && wire->watched >= 0)
		watch(wire);
}

static void
watch(struct wire *wire)
{
	int want = wire->congested || wire->paused ? 0 : UV_READABLE;

	if (wire->watched < 0)
		return;
	if (wire->blocked && !wire->broken)
		want |= UV_WRITABLE;
	if (want == wire->watched)
		return;
	wire->watched = want;
	uv_poll_start(&wire->poll, want, on_ready);
}

struct wire *
wire_new(uv_loop_t *loop, int fd, const struct wire_settings *settings,
	 const struct wire_events *events, void *ctx)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	ensure(wire != NULL && (wire->in = malloc(READ_BYTES)) != NULL);
	wire->loop = loop;
	wire->fd = fd;
	wire->events = *events;
	wire->ctx = ctx;
	wire->settings = *settings;
	wire->heard_ms = uv_now(loop);
	ensure(uv_poll_init(loop, &wire->poll, fd) == 0);
	uv_prepare_init(loop, &wire->prepare);
	wire->open_handles = 2;
	wire->poll.data = wire->prepare.data = wire;
	uv_prepare_start(&wire->prepare, on_turn_end);
	watch(wire);
	return wire;
}

static void
on_closed(uv_handle_t *handle)
{
	struct wire *wire = handle->data;

	if (--wire->open_handles > 0)
		return;
	str_fini(&wire->out);
	free(wire->in);
	free(wire);
}

static void
close_socket(struct wire *wire)
{
	char bytes[SLICE_BYTES];
	size_t left = DISCARD_BYTES / sizeof(bytes);

	send_output(wire);
	shutdown(wire->fd, SHUT_WR);
	while (left-- > 0 && recv(wire->fd, bytes, sizeof(bytes), 0) > 0)
		;
	close(wire->fd);
}

void
wire_free(struct wire **wire_)
{
	struct wire *wire = *wire_;

	if (wire == NULL)
		return;
	*wire_ = NULL;
	wire->closed = true;
	uv_close((uv_handle_t *)&wire->poll, on_closed);
	uv_close((uv_handle_t *)&wire->prepare, on_closed);
	close_socket(wire);
	metric_set(wire->settings.queued, 0);
}

struct str *
wire_out(struct wire *wire)
{
	return &wire->out;
}

void
wire_wrote(struct wire *wire)
{
	if (wire->broken)
		empty_output(wire);
	else if (wire->out.len > EARLY_BYTES && !wire->blocked)
		send_output(wire);
}

void
wire_finish(struct wire *wire)
{
	wire->finishing = true;
	flush(wire);
}

void
wire_pause(struct wire *wire, bool paused)
{
	wire->paused = paused;
	watch(wire);
}

bool
wire_is_congested(const struct wire *wire)
{
	return wire->congested || wire->paused;
}

uint64_t
wire_heard_ms(const struct wire *wire)
{
	return wire->heard_ms;
}
