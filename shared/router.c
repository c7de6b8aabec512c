#include "shared/router.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/inbox.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/outbox.h"
#include "shared/output.h"
#include "shared/query.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/uplink-private.h"
#include "shared/uplink.h"
#include "shared/xml.h"

struct router {
	struct output output;
	struct router_settings settings;	/* strings are our copies */
	struct router_events events;
	void *ctx;
	struct uplink *uplink;		/* NULL once closing */
	struct queries *queries;
	struct outbox *outbox;
	bool held;			/* much waits in it: so does inbox */
	struct inbox inbox;
	bool was_up;			/* at any time */
	void (*closed)(void *ctx);
	void *closed_ctx;

	struct metric *up, *reconnects, *stanzas_in, *waiting;
};

/* As what waits is bounded, so is what it would grow by. */
static void
hold_if_much_waits(void *ctx)
{
	struct router *router = ctx;
	size_t bytes = outbox_bytes(router->outbox);

	metric_set(router->waiting, bytes);
	if (router->held || bytes <= router->settings.queue_bytes)
		return;
	router->held = true;
	log_warning("router: it does not say that it has sent to many what "
		    "it was asked to, so nothing more is taken from it");
}

int
router_send(struct router *router, const struct xml *el, struct error *err)
{
	return output_send(&router->output, el, err);
}

bool
router_fits(const struct router *router,
	    const struct router_template *template)
{
	return output_fits(&router->output, template);
}

void
router_send_to(struct router *router, struct router_template *template,
	       const char *to, size_t to_len)
{
	output_send_to(&router->output, template, to, to_len);
}

void
router_send_ahead(struct router *router, struct router_template *template,
		  const char *to, size_t to_len)
{
	output_send_ahead(&router->output, template, to, to_len);
}

void
router_query(struct router *router, struct arena *arena, struct xml *iq,
	     unsigned secs, router_fn *fn, void *ctx)
{
	struct query_wait wait = { .to = xml_attr(iq, "to"), .secs = secs,
				   .fn = fn, .ctx = ctx };
	char id[QUERY_ID_SIZE];
	struct error err;

	ensure(wait.to != NULL);
	if (!router_is_up(router))
		wait.secs = 0;
	queries_add(router->queries, &wait, id);
	xml_set(arena, iq, "id", arena_strdup(arena, id));
	if (router_send(router, iq, &err) < 0)
		queries_give_up(router->queries, id);
}

void
router_send_iq(struct router *router, const struct router_iq *iq)
{
	struct query_wait wait = { .to = iq->to, .secs = iq->secs,
				   .fn = iq->fn, .ctx = iq->ctx };
	char id[QUERY_ID_SIZE];

	if (output_send_iq(&router->output, iq->text, iq->len, &wait))
		return;
	wait.secs = 0;
	queries_add(router->queries, &wait, id);
}

void
router_set_credit(struct router *router, unsigned credit)
{
	/* Who hears at the end that an IQ failed may want to. */
	if (router->outbox != NULL)
		outbox_set_credit(router->outbox, credit);
}

void
router_before(struct router *router, void (*fn)(void *ctx), void *ctx)
{
	output_before(&router->output, fn, ctx);
}

static void
on_up(void *ctx)
{
	struct router *router = ctx;

	metric_set(router->up, 1);
	if (router->was_up)
		metric_add(router->reconnects, 1);
	router->was_up = true;
	router->events.up(router->ctx);
}

static void
on_down(void *ctx, const char *why)
{
	struct router *router = ctx;

	metric_set(router->up, 0);
	outbox_drop(router->outbox);
	queries_fail(router->queries);
	if (router->uplink != NULL)
		router->events.down(router->ctx, why);
}

static void
take(struct router *router, struct arena *arena, struct xml *el)
{
	if (queries_answer(router->queries, arena, el))
		arena_free(&arena);
	else
		router->events.stanza(router->ctx, arena, el);
}

/* Even the answers that all wait for are then left unread; they count as
   missing in time, which gives the credit back. */
static void
pause_if_much_came(struct router *router)
{
	struct stream *stream = output_stream(&router->output);
	size_t limit = router->settings.queue_bytes;

	if (stream == NULL)
		return;
	if (router->inbox.bytes > limit)
		stream_pause(stream, true);
	else if (router->inbox.bytes <= limit / 2)
		stream_pause(stream, false);
}

/* Goes on with what came meanwhile, until too much waits again. */
static void
on_eased(void *ctx)
{
	struct router *router = ctx;
	size_t bytes = outbox_bytes(router->outbox);
	struct arena *arena;
	struct xml *el;

	metric_set(router->waiting, bytes);
	if (!router->held || bytes > router->settings.queue_bytes / 2)
		return;
	router->held = false;
	log_info("router: it is taken from again");
	while (!router->held && router->uplink != NULL &&
	       inbox_take(&router->inbox, &arena, &el))
		take(router, arena, el);
	pause_if_much_came(router);
}

static struct str *
on_out(void *ctx)
{
	struct router *router = ctx;
	struct stream *stream = output_stream(&router->output);

	return stream == NULL ? NULL : stream_out(stream);
}

static void
on_wrote(void *ctx)
{
	struct router *router = ctx;

	stream_wrote(output_stream(&router->output));
}

static void
on_stanza(void *ctx, struct arena *arena, struct xml *el)
{
	struct router *router = ctx;

	metric_add(router->stanzas_in, 1);
	if (outbox_answer(router->outbox, arena, el)) {
		arena_free(&arena);
	} else if (!router->held && inbox_is_empty(&router->inbox)) {
		take(router, arena, el);
	} else {
		inbox_put(&router->inbox, arena, el);
		pause_if_much_came(router);
	}
}

/* Its sender is told; an IQ without its payload is no fault of the sender's
   any more. */
static void
on_refused(void *ctx, struct arena *arena, struct xml *el,
	   const struct error *err)
{
	struct router *router = ctx;
	struct stanza stanza;
	struct error ignored;
	struct xml *answer;

	if (router->events.refused != NULL &&
	    router->events.refused(router->ctx, arena, el, err)) {
		on_stanza(router, arena, el);
		return;
	}
	metric_add(router->stanzas_in, 1);
	metric_add(router->output.dropped, 1);
	stanza_parse(arena, el, &stanza, &ignored);
	log_debug("router: a stanza from %s was refused: %s",
		  stanza.from == NULL ? "?" : stanza.from->full, err->text);
	/* Nothing of it comes back. */
	el->first = el->last = NULL;
	answer = stanza.to == NULL ? NULL :
		 stanza_error(arena, &stanza, err, NULL);
	if (answer != NULL)
		router_send(router, answer, &ignored);
	arena_free(&arena);
}

static void
on_congested(void *ctx, bool congested)
{
	struct router *router = ctx;

	router->events.congested(router->ctx, congested);
}

static struct metric *
byte_counter(struct metrics *metrics, const char *labels)
{
	return metric_counter(metrics, "annex_router_bytes_total", labels,
			      "Bytes over the link.");
}

static void
add_metrics(struct router *router, struct metrics *metrics)
{
	router->up = metric_gauge(metrics, "annex_router_up", "",
				  "Whether the link to the router is up.");
	router->reconnects = metric_counter(
		metrics, "annex_router_reconnects_total", "",
		"How often the link was made again.");
	router->stanzas_in = metric_counter(
		metrics, "annex_router_stanzas_total", "direction=\"in\"",
		"Stanzas over the link.");
	router->waiting = metric_gauge(
		metrics, "annex_router_waiting_bytes", "",
		"Output that waits for the router to have sent to many what "
		"came before it.");
}

static struct uplink *
make_uplink(struct router *router, uv_loop_t *loop, struct metrics *metrics)
{
	static const struct uplink_events events = {
		.up = on_up,
		.down = on_down,
		.stanza = on_stanza,
		.refused = on_refused,
		.congested = on_congested,
	};
	const struct router_settings *settings = &router->settings;
	const struct uplink_settings uplink = {
		.host = settings->host,
		.port = settings->port,
		.insecure = settings->insecure,
		.stream = {
			.domain = settings->domain,
			.secret = settings->secret,
			.stanza_bytes = settings->taken_bytes,
			.wire = {
				.queue_bytes = settings->queue_bytes,
				.bytes_in = byte_counter(
					metrics, "direction=\"in\""),
				.bytes_out = byte_counter(
					metrics, "direction=\"out\""),
				.queued = metric_gauge(
					metrics, "annex_router_queue_bytes",
					"", "Output that waits for the "
					"router to read."),
			},
		},
	};

	return uplink_new(loop, &uplink, &events, router);
}

static void
make_output(struct router *router, uv_loop_t *loop, struct metrics *metrics)
{
	router->output = (struct output){
		.uplink = router->uplink, .outbox = router->outbox,
		.loop = loop, .stanza_bytes = router->settings.stanza_bytes,
		.waits = hold_if_much_waits, .ctx = router,
	};
	output_init(&router->output, metrics);
}

struct router *
router_new(uv_loop_t *loop, const struct router_settings *settings,
	   const struct router_events *events, void *ctx,
	   struct metrics *metrics)
{
	static const struct outbox_events on_outbox = {
		.out = on_out, .wrote = on_wrote, .eased = on_eased,
	};
	struct router *router = calloc(1, sizeof(*router));

	ensure(router != NULL);
	router->settings = *settings;
	router->settings.host = str_dup(settings->host);
	router->settings.domain = str_dup(settings->domain);
	router->settings.secret = str_dup(settings->secret);
	router->events = *events;
	router->ctx = ctx;
	router->queries = queries_new(loop);
	router->outbox = outbox_new(loop, &on_outbox, router);
	add_metrics(router, metrics);
	router->uplink = make_uplink(router, loop, metrics);
	make_output(router, loop, metrics);
	return router;
}

void
router_set_pace(struct router *router, const struct uplink_pace *pace)
{
	uplink_set_pace(router->uplink, pace);
}

void
router_start(struct router *router)
{
	uplink_start(router->uplink);
}

static void
on_queries_freed(void *ctx)
{
	struct router *router = ctx;
	void (*closed)(void *ctx) = router->closed;
	void *closed_ctx = router->closed_ctx;

	free((char *)router->settings.host);
	free((char *)router->settings.domain);
	free((char *)router->settings.secret);
	free(router);
	if (closed != NULL)
		closed(closed_ctx);
}

static void
on_outbox_freed(void *ctx)
{
	struct router *router = ctx;
	struct queries *queries = router->queries;

	/* Until they are gone, who hears that a query failed may ask again. */
	queries_free(&queries, on_queries_freed, router);
}

static void
on_uplink_closed(void *ctx)
{
	struct router *router = ctx;

	inbox_clear(&router->inbox);
	outbox_free(&router->outbox, on_outbox_freed, router);
}

void
router_close(struct router **router_, unsigned secs, void (*fn)(void *ctx),
	     void *ctx)
{
	struct router *router = *router_;
	struct uplink *uplink = router->uplink;

	*router_ = NULL;
	output_end(&router->output);
	router->closed = fn;
	router->closed_ctx = ctx;
	router->uplink = NULL;
	uplink_close(&uplink, secs, on_uplink_closed, router);
}

void
router_renew(struct router *router, const char *why)
{
	if (router->uplink != NULL)
		uplink_renew(router->uplink, why);
}

bool
router_is_up(const struct router *router)
{
	return router->uplink != NULL &&
	       uplink_stream(router->uplink) != NULL;
}
