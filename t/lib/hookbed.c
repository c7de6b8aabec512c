#include "t/lib/hookbed.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/dispatch.h"
#include "shared/error.h"
#include "shared/fanout.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define STANZA_BYTES 10000

static const struct handler handlers[] = {
	{ HANDLER_END, TO_ANY, NULL, NULL, NULL }
};

static const char *const usual_hosts[] = { NULL };

static int
on_get(struct request *req, void *ctx, struct error *err)
{
	(void)req;
	(void)ctx;
	(void)err;
	return HANDLER_DECLINE;
}

struct hookbed *
hookbed_new(const struct hook_use *use, const char *const *hosts)
{
	struct hookbed *bed = calloc(1, sizeof(*bed));
	const struct hook_settings settings = {
		.hosts = hosts == NULL ? usual_hosts : hosts,
		.stanza_bytes = STANZA_BYTES,
	};

	ensure(bed != NULL);
	ensure(uv_loop_init(&bed->loop) == 0);
	bed->component.name = "comp";
	bed->component.handlers = handlers;
	bed->component.hooks = use;
	bed->runtime.loop = &bed->loop;
	bed->runtime.domain = "comp.example";
	bed->runtime.router = fake_router_new(bed->runtime.domain);
	bed->runtime.metrics = metrics_new();
	bed->runtime.hook = hook_new(&bed->runtime, use, &settings);
	bed->dispatch = dispatch_new(&bed->runtime, &bed->component, on_get,
				     NULL);
	dispatch_put_first(bed->dispatch, hook_on_request, bed->runtime.hook);
	bed->arena = arena_new();
	dispatch_open(bed->dispatch, bed);
	hook_attend(bed->runtime.hook, bed);
	hook_link(bed->runtime.hook, true);
	return bed;
}

void
hookbed_free(struct hookbed **bed_)
{
	struct hookbed *bed = *bed_;

	dispatch_close(bed->dispatch);
	fake_router_free(&bed->runtime.router);
	dispatch_free(&bed->dispatch);
	hook_free(&bed->runtime.hook);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	ensure(uv_loop_close(&bed->loop) == 0);
	metrics_free(&bed->runtime.metrics);
	arena_free(&bed->arena);
	free(bed);
	*bed_ = NULL;
}

const char *
hookbed_sent(struct hookbed *bed)
{
	const char *sent = arena_strdup(bed->arena,
					fake_router_sent(bed->runtime.router));

	fake_router_forget(bed->runtime.router);
	return sent;
}

const char *
hookbed_way(struct hookbed *bed, const struct fanout *fanout)
{
	struct str way = { 0 };
	const char *text;

	fanout_describe(fanout, &way);
	text = arena_strdup(bed->arena, way.data);
	str_fini(&way);
	return text;
}

void
hookbed_take(struct hookbed *bed, struct arena *arena, struct xml *el)
{
	if (fake_router_answer(bed->runtime.router, arena, el))
		arena_free(&arena);
	else
		dispatch_stanza(bed->dispatch, arena, el);
}

const char *
hookbed_receive(struct hookbed *bed, const char *stanza)
{
	struct arena *arena = arena_new();

	hookbed_take(bed, arena, bed_xml(arena, NS_COMPONENT, stanza));
	return hookbed_sent(bed);
}

void
hookbed_greet(struct hookbed *bed, const char *attributes)
{
	hookbed_receive(bed, arena_printf(
		bed->arena, "<message from='example' to='comp.example'>"
		"<hello xmlns='urn:x-annex:0' version='0' epoch='e1' %s/>"
		"</message>", attributes));
}

struct xml *
hookbed_xml(struct hookbed *bed, const char *text)
{
	struct arena *arena = bed->arena;
	struct error err;
	struct xml *el;

	ensure(parser_document(arena, text, strlen(text),
			       &parser_limits_default, &el, &err) == 0);
	return el;
}

unsigned
hookbed_count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}
