#include "t/lib/linkbed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/router.h"
#include "shared/stanza.h"
#include "shared/uplink-private.h"
#include "shared/xml.h"

const struct uplink_pace linkbed_pace = {
	.first_ms = 1,
	.last_ms = 2,
	.refused_first_ms = 400,
	.refused_last_ms = 500,
	.held_ms = 20000,
	.connect_ms = 2000,
	.open_ms = 2000,
	.idle_ms = 20000,
	.dead_ms = 20000,
};

void
linkbed_on_closed(void *ctx)
{
	struct linkbed *bed = ctx;

	bed->closed++;
}

static void
on_up(void *ctx)
{
	struct linkbed *bed = ctx;

	bed->ups++;
	assert_true(router_is_up(bed->router));
	if (bed->close_on_up)
		router_close(&bed->router, 1, linkbed_on_closed, bed);
}

static void
on_down(void *ctx, const char *why)
{
	struct linkbed *bed = ctx;

	bed->downs++;
	assert_false(router_is_up(bed->router));
	snprintf(bed->why, sizeof(bed->why), "%s", why);
	if (bed->close_on_down)
		router_close(&bed->router, 1, linkbed_on_closed, bed);
}

static void
on_stanza(void *ctx, struct arena *arena, struct xml *el)
{
	struct linkbed *bed = ctx;

	bed->stanzas++;
	assert_int_equal(bed->closed, 0);
	str_clear(&bed->last);
	xml_print(&bed->last, el, NS_COMPONENT);
	arena_free(&arena);
	if (bed->stanzas == bed->close_after_stanzas)
		router_close(&bed->router, 1, linkbed_on_closed, bed);
}

static bool
on_refused(void *ctx, struct arena *arena, struct xml *el,
	   const struct error *err)
{
	struct linkbed *bed = ctx;

	assert_non_null(arena);
	assert_non_null(el);
	assert_int_not_equal(err->cond, ERROR_NONE);
	return bed->wants_refused;
}

static void
on_congested(void *ctx, bool congested)
{
	struct linkbed *bed = ctx;

	bed->congestions++;
	bed->congested = congested;
	if (bed->close_on_congestion)
		router_close(&bed->router, 1, linkbed_on_closed, bed);
}

void
linkbed_make(struct linkbed *bed, const struct uplink_pace *pace)
{
	static const struct router_events events = {
		.stanza = on_stanza,
		.refused = on_refused,
		.up = on_up,
		.down = on_down,
		.congested = on_congested,
	};
	const struct router_settings settings = {
		.host = bed->host != NULL ? bed->host : "127.0.0.1",
		.port = bed->peer.port,
		.domain = "muc.example",
		.secret = "secret",
		.stanza_bytes = LINKBED_STANZA_BYTES,
		.taken_bytes = bed->taken_bytes != 0 ?
			       bed->taken_bytes : LINKBED_STANZA_BYTES,
		.queue_bytes = LINKBED_QUEUE_BYTES,
	};

	bed->router = router_new(&bed->loop, &settings, &events, bed,
				   bed->metrics);
	router_set_pace(bed->router, pace);
}

int
linkbed_set_up(void **state)
{
	struct linkbed *bed = calloc(1, sizeof(*bed));

	*state = bed;
	assert_non_null(bed);
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	uv_loop_init(&bed->loop);
	bed->metrics = metrics_new();
	peer_init(&bed->peer, &bed->loop);
	linkbed_make(bed, &linkbed_pace);
	return 0;
}

/* Nothing may be left in the loop, and nothing be called any more. */
int
linkbed_tear_down(void **state)
{
	struct linkbed *bed = *state;

	if (bed->router != NULL)
		router_close(&bed->router, 0, linkbed_on_closed, bed);
	assert_null(bed->router);
	peer_fini(&bed->peer);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	assert_int_equal(bed->closed, 1);
	assert_int_equal(uv_loop_close(&bed->loop), 0);
	metrics_free(&bed->metrics);
	str_fini(&bed->last);
	free(bed);
	return 0;
}

void
linkbed_attach(struct linkbed *bed)
{
	int ups = bed->ups;

	if (ups == 0 && bed->downs == 0)
		router_start(bed->router);
	peer_open(&bed->peer);
	peer_wait(&bed->peer, &bed->ups, ups);
}

/* What the page of metrics says of one. */
void
linkbed_assert_metric(struct linkbed *bed, const char *name, const char *value)
{
	struct str page = { 0 }, line = { 0 };

	metrics_print(bed->metrics, &page);
	str_addf(&line, "\n%s %s\n", name, value);
	if (strstr(page.data, line.data) == NULL)
		fail_msg("no %s in %s", line.data, page.data);
	str_fini(&page);
	str_fini(&line);
}

void
linkbed_send(struct linkbed *bed, const char *body)
{
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct xml *el = stanza_new(arena, "message", "r@muc.example/n",
				    "a@b/c", NULL);

	xml_add_text(arena, el, NULL, "body", body);
	assert_int_equal(router_send(bed->router, el, &err), 0);
	arena_free(&arena);
}
