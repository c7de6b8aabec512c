#include "shared/uplink.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/backoff.h"
#include "shared/dial.h"
#include "shared/error.h"
#include "shared/handshake.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/query.h"
#include "shared/str.h"
#include "shared/uplink-private.h"
#include "shared/xml.h"

static const struct uplink_pace usual_pace = {
	.first_ms = 1000,
	.last_ms = 30000,
	.refused_first_ms = 30000,
	.refused_last_ms = 60000,
	.held_ms = 20000,
	.connect_ms = 10000,
	.open_ms = 20000,
	.idle_ms = 30000,
	.dead_ms = 30000,
};

enum uplink_state {
	UPLINK_WAITING,		/* for the next attempt, or the first */
	UPLINK_DIALLING,
	UPLINK_OPENING,		/* connected; the timer limits it */
	UPLINK_UP,		/* the timer looks for a dead link */
	UPLINK_CLOSING,		/* the timer limits it */
	UPLINK_CLOSED,		/* until libuv lets go of the timer */
};

struct uplink {
	uv_loop_t *loop;
	struct uplink_settings settings;
	struct uplink_events events;
	void *ctx;

	enum uplink_state state;
	uv_timer_t timer;
	struct uplink_pace pace;
	struct backoff backoff;
	uint64_t up_ms;			/* since when */

	struct dial *dial;
	struct stream *stream;
	char ping[QUERY_ID_SIZE];	/* the one under way, or "" */
	uint64_t ping_ms;

	void (*closed)(void *ctx);
	void *closed_ctx;
};

static void on_retry(uv_timer_t *timer);

static void
set_state(struct uplink *uplink, enum uplink_state state)
{
	uplink->state = state;
}

static void
start_timer(struct uplink *uplink, uv_timer_cb fn, unsigned ms)
{
	uv_timer_start(&uplink->timer, fn, ms, 0);
}

static void
on_timer_closed(uv_handle_t *handle)
{
	struct uplink *uplink = handle->data;
	void (*closed)(void *ctx) = uplink->closed;
	void *ctx = uplink->closed_ctx;

	free(uplink);
	closed(ctx);
}

/* Frees all but what the timer's handle is part of. */
static void
finish_closing(struct uplink *uplink)
{
	set_state(uplink, UPLINK_CLOSED);
	uv_close((uv_handle_t *)&uplink->timer, on_timer_closed);
	dial_free(&uplink->dial);
	stream_free(&uplink->stream);
	handshake_free(&uplink->settings.stream.handshake);
	uplink->events.down(uplink->ctx, "the link was closed");
}

static unsigned
next_pause(struct uplink *uplink, const struct error *why)
{
	if (uplink->state == UPLINK_UP &&
	    uv_now(uplink->loop) - uplink->up_ms >= uplink->pace.held_ms)
		backoff_reset(&uplink->backoff);
	if (why->cond == ERROR_NOT_AUTHORIZED)
		return backoff_between(uplink->pace.refused_first_ms,
				       uplink->pace.refused_last_ms);
	return backoff_next_ms(&uplink->backoff);
}

static void
log_loss(const struct uplink *uplink, const struct error *why, unsigned ms)
{
	const char *domain = uplink->settings.stream.domain;
	unsigned secs = ms / 1000, tenths = ms % 1000 / 100;

	if (why->cond == ERROR_NOT_AUTHORIZED)
		log_error("router: %s; it has another secret for %s, or does "
			  "not know this domain; next attempt in %u.%u s",
			  why->text, domain, secs, tenths);
	else if (why->cond == ERROR_CONFLICT)
		log_warning("router: %s; another process is attached as %s, "
			    "or the router has yet to miss our last link; "
			    "next attempt in %u.%u s", why->text, domain, secs,
			    tenths);
	else
		log_warning("router: %s; next attempt in %u.%u s", why->text,
			    secs, tenths);
}

/* There is no link (any more): when is the next attempt? */
static void
go_down(struct uplink *uplink, const struct error *why)
{
	unsigned pause = next_pause(uplink, why);

	log_loss(uplink, why, pause);
	set_state(uplink, UPLINK_WAITING);
	start_timer(uplink, on_retry, pause);
	uplink->ping[0] = '\0';
	dial_free(&uplink->dial);
	stream_free(&uplink->stream);
	uplink->events.down(uplink->ctx, why->text);
}

static void
on_lost(void *ctx, const struct error *why)
{
	struct uplink *uplink = ctx;

	if (uplink->state == UPLINK_CLOSING) {
		finish_closing(uplink);
	} else {
		struct error copy = *why;	/* it goes with the stream */

		go_down(uplink, &copy);
	}
}

/* Goes to our own domain, thus through the router and back to us: whatever
   comes within dead_ms proves that it works. */
static void
send_ping(struct uplink *uplink)
{
	const char *domain = uplink->settings.stream.domain;

	query_make_id(uplink->ping);
	uplink->ping_ms = uv_now(uplink->loop);
	str_addf(stream_out(uplink->stream),
		 "<iq type='get' id='%s' from='%s' to='%s'>"
		 "<ping xmlns='" NS_PING "'/></iq>",
		 uplink->ping, domain, domain);
	stream_wrote(uplink->stream);
}

static void
on_watch(uv_timer_t *timer)
{
	struct uplink *uplink = timer->data;
	uint64_t now = uv_now(uplink->loop);
	uint64_t heard = stream_heard_ms(uplink->stream);
	struct error why = { 0 };

	/* Who does not listen cannot hear; a router that does not read is
	   found by TCP_USER_TIMEOUT. */
	if (stream_is_congested(uplink->stream))
		return;
	if (heard >= uplink->ping_ms)
		uplink->ping[0] = '\0';
	if (uplink->ping[0] == '\0') {
		if (now - heard >= uplink->pace.idle_ms)
			send_ping(uplink);
	} else if (now - uplink->ping_ms >= uplink->pace.dead_ms) {
		error_set(&why, ERROR_REMOTE_SERVER_TIMEOUT,
			  "the router does not answer");
		go_down(uplink, &why);
	}
}

static void
on_up(void *ctx)
{
	struct uplink *uplink = ctx;
	unsigned look_ms = uplink->pace.idle_ms / 4;

	uplink->up_ms = uv_now(uplink->loop);
	set_state(uplink, UPLINK_UP);
	uv_timer_start(&uplink->timer, on_watch, look_ms, look_ms);
	log_info("router: attached as %s", uplink->settings.stream.domain);
	uplink->events.up(uplink->ctx);
}

/* The ping that came round is ours to keep; it needs no answer. */
static bool
is_ping(const struct uplink *uplink, const struct xml *el)
{
	const char *id;

	if (uplink->ping[0] == '\0' || !xml_is(el, NULL, "iq"))
		return false;
	id = xml_attr(el, "id");
	return id != NULL && strcmp(id, uplink->ping) == 0;
}

static void
on_stanza(void *ctx, struct arena *arena, struct xml *el)
{
	struct uplink *uplink = ctx;

	if (uplink->state != UPLINK_UP || is_ping(uplink, el))
		arena_free(&arena);
	else
		uplink->events.stanza(uplink->ctx, arena, el);
}

static void
on_refused(void *ctx, struct arena *arena, struct xml *el,
	   const struct error *err)
{
	struct uplink *uplink = ctx;

	uplink->events.refused(uplink->ctx, arena, el, err);
}

static void
on_congested(void *ctx, bool congested)
{
	struct uplink *uplink = ctx;

	log_debug("router: output is %s", congested ? "piling up" : "free");
	if (uplink->state == UPLINK_UP)
		uplink->events.congested(uplink->ctx, congested);
}

static void
on_open_late(uv_timer_t *timer)
{
	struct error why = { 0 };

	error_set(&why, ERROR_REMOTE_SERVER_TIMEOUT,
		  "the router sent no handshake");
	go_down(timer->data, &why);
}

static void
on_dialled(void *ctx, int fd, const char *text)
{
	static const struct stream_events on_stream = {
		.up = on_up,
		.stanza = on_stanza,
		.refused = on_refused,
		.lost = on_lost,
		.congested = on_congested,
	};
	struct uplink *uplink = ctx;
	struct error why = { 0 };

	if (fd < 0) {
		error_set(&why, ERROR_REMOTE_SERVER_NOT_FOUND, "%s", text);
		go_down(uplink, &why);
		return;
	}
	log_debug("router: connected to %s", text);
	dial_free(&uplink->dial);
	set_state(uplink, UPLINK_OPENING);
	start_timer(uplink, on_open_late, uplink->pace.open_ms);
	uplink->stream = stream_new(uplink->loop, fd,
				    &uplink->settings.stream, &on_stream,
				    uplink);
	if (stream_open(uplink->stream, &why) < 0)
		go_down(uplink, &why);
}

void
uplink_start(struct uplink *uplink)
{
	const struct dial_target target = {
		.host = uplink->settings.host,
		.port = uplink->settings.port,
		.loopback_only = !uplink->settings.insecure,
		.timeout_ms = uplink->pace.connect_ms,
	};

	ensure(uplink->state == UPLINK_WAITING);
	set_state(uplink, UPLINK_DIALLING);
	uplink->dial = dial_new(uplink->loop, &target, on_dialled, uplink);
}

static void
on_retry(uv_timer_t *timer)
{
	uplink_start(timer->data);
}

struct uplink *
uplink_new(uv_loop_t *loop, const struct uplink_settings *settings,
	   const struct uplink_events *events, void *ctx)
{
	struct uplink *uplink = calloc(1, sizeof(*uplink));

	ensure(uplink != NULL);
	uplink->loop = loop;
	uplink->settings = *settings;
	uplink->settings.stream.handshake = handshake_new();
	uplink->events = *events;
	uplink->ctx = ctx;
	uv_timer_init(loop, &uplink->timer);
	uplink->timer.data = uplink;
	uplink_set_pace(uplink, &usual_pace);
	return uplink;
}

void
uplink_set_pace(struct uplink *uplink, const struct uplink_pace *pace)
{
	uplink->pace = *pace;
	uplink->backoff = (struct backoff){ .first_ms = pace->first_ms,
					    .last_ms = pace->last_ms };
}

void
uplink_renew(struct uplink *uplink, const char *why)
{
	struct error err = { 0 };

	if (uplink->state != UPLINK_UP)
		return;
	error_set(&err, ERROR_UNDEFINED_CONDITION, "%s", why);
	go_down(uplink, &err);
}

static void
on_close_late(uv_timer_t *timer)
{
	finish_closing(timer->data);
}

void
uplink_close(struct uplink **uplink_, unsigned secs, void (*fn)(void *ctx),
	     void *ctx)
{
	struct uplink *uplink = *uplink_;

	*uplink_ = NULL;
	uplink->closed = fn;
	uplink->closed_ctx = ctx;
	if (uplink->state != UPLINK_UP || secs == 0) {
		finish_closing(uplink);
		return;
	}
	set_state(uplink, UPLINK_CLOSING);
	start_timer(uplink, on_close_late, secs * 1000);
	stream_finish(uplink->stream);
}

struct stream *
uplink_stream(const struct uplink *uplink)
{
	return uplink->state == UPLINK_UP && stream_is_up(uplink->stream) ?
		       uplink->stream : NULL;
}
