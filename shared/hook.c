#include "shared/hook.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook_allowed.h"
#include "shared/hook_answer.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/log_pace.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

/* The shim says hello before anything else, so this is long. */
#define HELLO_MS 5000

/* What is understood here. */
#define VERSION 4
/* NS_ANNEX without its digit. */
#define NS_ANY "urn:x-annex:"

struct hook {
	struct runtime *runtime;
	const struct hook_use *use;
	size_t stanza_bytes;
	struct hook_host *hosts;
	size_t count;
	void *ctx;		/* the component's, once it has begun */
	bool attended;
	uv_timer_t timer;	/* until hellos are missed */
	struct hook_allowed allowed;
	struct log_pace cut, odd;	/* what is not whole, and not
					   understood */
	struct metric *events[HOOK_EVENTS];
};

static const struct hook_use no_use;

static void
add_host(struct hook *hook, const char *domain)
{
	hook_host_init(&hook->hosts[hook->count++], domain);
}

static void
add_hosts(struct hook *hook, const char *const *hosts)
{
	const char *dot = strchr(hook->runtime->domain, '.');
	size_t n = 0;

	if (hook->use == &no_use)
		return;
	while (hosts[n] != NULL)
		n++;
	hook->hosts = calloc(n + 1, sizeof(*hook->hosts));
	ensure(hook->hosts != NULL);
	for (size_t i = 0; i < n; i++)
		add_host(hook, hosts[i]);
	if (n == 0 && dot != NULL)
		add_host(hook, dot + 1);
}

static double
count_up(void *ctx)
{
	const struct hook *hook = ctx;
	double n = 0;

	for (size_t i = 0; i < hook->count; i++)
		n += hook->hosts[i].up;
	return n;
}

static void
add_metrics(struct hook *hook)
{
	struct metrics *metrics = hook->runtime->metrics;
	struct str labels = { 0 };

	metric_gauge_fn(metrics, "annex_hook_hosts", "",
			"Hosts of the router whose shim has said hello.",
			count_up, hook);
	for (int kind = 0; kind < HOOK_EVENTS; kind++) {
		if (hook->use->on[kind] == NULL)
			continue;
		str_clear(&labels);
		str_addf(&labels, "event=\"%s\"",
			 hook_event_name((enum hook_event_kind)kind));
		hook->events[kind] = metric_counter(
			metrics, "annex_hook_events_total", labels.data,
			"What shims told or asked.");
	}
	str_fini(&labels);
}

struct hook *
hook_new(struct runtime *runtime, const struct hook_use *use,
	 const struct hook_settings *settings)
{
	struct hook *hook = calloc(1, sizeof(*hook));

	ensure(hook != NULL);
	hook->runtime = runtime;
	hook->use = use == NULL ? &no_use : use;
	hook->stanza_bytes = settings->stanza_bytes;
	add_hosts(hook, settings->hosts);
	if (use != NULL)
		add_metrics(hook);
	uv_timer_init(runtime->loop, &hook->timer);
	hook->timer.data = hook;
	hook_allowed_init(&hook->allowed, runtime);
	return hook;
}

static void
on_closed(uv_handle_t *handle)
{
	struct hook *hook = handle->data;

	for (size_t i = 0; i < hook->count; i++)
		hook_host_fini(&hook->hosts[i]);
	free(hook->hosts);
	free(hook);
}

static void
on_timer_closed(uv_handle_t *handle)
{
	struct hook *hook = handle->data;

	hook_allowed_close(&hook->allowed, hook, on_closed);
}

void
hook_free(struct hook **hook)
{
	if (*hook == NULL)
		return;
	uv_close((uv_handle_t *)&(*hook)->timer, on_timer_closed);
	*hook = NULL;
}

void
hook_attend(struct hook *hook, void *ctx)
{
	hook->ctx = ctx;
	hook->attended = true;
}

static void
tell(struct hook *hook, const struct hook_host *host)
{
	if (hook->attended && hook->use->host != NULL)
		hook->use->host(hook->ctx, host);
}

static void
take_down(struct hook *hook, struct hook_host *host)
{
	if (!host->up)
		return;
	host->up = false;
	tell(hook, host);
}

static void
add_why(const struct hook *hook, const struct hook_host *host,
	struct str *out)
{
	unsigned missing = hook->use->needs & ~host->hooks;

	if (!host->up) {
		str_addf(out, "the router's module mod_annex is not loaded "
			 "for %s, or does not name %s", host->domain,
			 hook->runtime->domain);
	} else if (missing != 0) {
		str_addf(out, "mod_annex of %s does not give %s: ",
			 host->domain, hook->runtime->domain);
		hook_host_add_names(out, missing);
	}
}

void
hook_add_missing(const struct hook *hook, struct str *out)
{
	size_t before;

	if (hook->use->needs == 0)
		return;
	if (hook->count == 0)
		str_addz(out, "no host of the router is named in "
			 "router.hosts\n");
	for (size_t i = 0; i < hook->count; i++) {
		before = out->len;
		add_why(hook, &hook->hosts[i], out);
		if (out->len > before)
			str_addc(out, '\n');
	}
}

/* Says in the log what hook_add_missing() says elsewhere. */
static void
log_missing(const struct hook *hook)
{
	struct str text = { 0 };
	char *line, *end;

	hook_add_missing(hook, &text);
	for (line = text.data; line != NULL && *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		log_warning("hook: %s", line);
	}
	str_fini(&text);
}

static void
on_missed(uv_timer_t *timer)
{
	log_missing(timer->data);
}

void
hook_link(struct hook *hook, bool up)
{
	if (up) {
		uv_timer_start(&hook->timer, on_missed, HELLO_MS, 0);
		return;
	}
	uv_timer_stop(&hook->timer);
	hook_allowed_forget(&hook->allowed);
	for (size_t i = 0; i < hook->count; i++)
		take_down(hook, &hook->hosts[i]);
}

/* Only the host itself speaks for its shim, and to the component itself. */
static struct hook_host *
find_sender(const struct hook *hook, const struct request *req)
{
	const struct jid *from = req->from, *to = req->to;

	if (*from->local != '\0' || *from->resource != '\0' ||
	    *to->local != '\0' || *to->resource != '\0' ||
	    jid_equal(from, to))
		return NULL;
	for (size_t i = 0; i < hook->count; i++)
		if (strcmp(hook->hosts[i].domain, from->domain) == 0)
			return &hook->hosts[i];
	return NULL;
}

static void
log_hello(const struct hook *hook, const struct hook_host *host)
{
	unsigned wanted = hook->use->needs | hook->use->uses;
	struct str names = { 0 };

	hook_host_add_names(&names, host->hooks & wanted);
	log_info("hook: %s (%s) has for us: %s", host->domain,
		 *host->router == '\0' ? "its router is not named" :
		 host->router, names.len > 0 ? names.data : "nothing");
	if (host->version > VERSION)
		log_info("hook: the shim of %s is newer than this program: "
			 "version %u of the protocol, where %d is known",
			 host->domain, host->version, VERSION);
	str_fini(&names);
	if (hook->use->needs & ~host->hooks)
		log_missing(hook);
}

static int
on_hello(struct hook *hook, struct hook_host *host, const struct xml *hello)
{
	hook_host_greet(host, hello);
	if (host->stanza_bytes > hook->stanza_bytes)
		host->stanza_bytes = hook->stanza_bytes;
	log_hello(hook, host);
	tell(hook, host);
	return 0;
}

/* A hello in another namespace than ours: another generation of the shim. */
static const struct xml *
find_foreign_hello(const struct request *req)
{
	const struct xml *el = xml_child(req->stanza.el, NULL, "hello");

	if (req->stanza.kind != STANZA_MESSAGE || el == NULL ||
	    strncmp(el->ns, NS_ANY, sizeof(NS_ANY) - 1) != 0)
		return NULL;
	return el;
}

/* Whoever does not take a tap may not leave it at that: those behind it would
   wait for its ack.  And a check without an answer would go on. */
static bool
is_owed(const struct hook_event *event)
{
	return event->kind == HOOK_ON_CHECK ||
	       (event->kind == HOOK_ON_TAP && event->seq > 0);
}

/* Anybody can cause as many of them as they like. */
static void
log_now_and_then(struct hook *hook, struct log_pace *pace, const char *what)
{
	char others[64] = "";
	uint64_t unsaid;

	if (!log_pace_says(pace, uv_now(hook->runtime->loop), &unsaid))
		return;
	if (unsaid > 0)
		snprintf(others, sizeof(others), "; nor were %" PRIu64
			 " since the last one that was told of", unsaid);
	log_warning("hook: %s%s", what, others);
}

/* Of a check something may be known, by which policies are chosen. */
static void
take_unclear(struct hook *hook, struct hook_event *event,
	     const struct error *err)
{
	/* Of what was cut the log has that. */
	if (!event->cut)
		log_now_and_then(hook, &hook->odd, arena_printf(
			event->req->arena, "not understood from %s: %s",
			event->host->domain, err->text));
	event->unclear = true;
	if (event->kind == HOOK_ON_TAP)
		event->stanza = (struct stanza){ .type = "" };
}

static int
run(struct hook *hook, struct hook_host *host, struct request *req,
    struct error *err)
{
	enum hook_event_kind kind;
	struct hook_event *event;
	int ret;

	if (!hook_event_find(req, &kind))
		return HANDLER_DECLINE;
	host->heard++;
	/* A message needs no answer, an IQ gets that of an unknown one. */
	if (hook->use->on[kind] == NULL)
		return req->stanza.kind == STANZA_MESSAGE ? 0 :
		       HANDLER_DECLINE;
	metric_add(hook->events[kind], 1);
	event = hook_event_new(req, kind, host);
	event->allowed = &hook->allowed;
	if (hook_event_parse(event, err) < 0) {
		take_unclear(hook, event, err);
		if (!is_owed(event))
			return req->stanza.kind == STANZA_MESSAGE ? 0 : -1;
	}
	ret = hook->use->on[kind](event, hook->ctx, err);
	if (ret < 0 && kind == HOOK_ON_DELEGATED) {
		hook_refuse(event, err);
		return 0;
	}
	return ret;
}

int
hook_on_request(struct request *req, void *ctx, struct error *err)
{
	struct hook *hook = ctx;
	struct hook_host *host;
	const struct xml *hello;

	host = find_sender(hook, req);
	if (host == NULL || !hook->attended)
		return HANDLER_DECLINE;
	hello = find_foreign_hello(req);
	if (hello != NULL && str_same(hello->ns, NS_ANNEX))
		return on_hello(hook, host, hello);
	if (hello != NULL) {
		log_warning("hook: the shim of %s speaks %.40s, where %s is "
			    "known: going on without it", host->domain,
			    hello->ns, NS_ANNEX);
		take_down(hook, host);
		return 0;
	}
	return host->up ? run(hook, host, req, err) : HANDLER_DECLINE;
}

/* What is owed an answer by us, whatever is missing in it; or NULL. */
static const struct hook_event *
find_owed(const struct hook *hook, const struct hook_host *host,
	  struct request *req)
{
	enum hook_event_kind kind;
	struct hook_event *event;
	struct error ignored;

	if (!hook_event_find(req, &kind) || hook->use->on[kind] == NULL)
		return NULL;
	event = hook_event_new(req, kind, host);
	hook_event_parse(event, &ignored);
	return is_owed(event) ? event : NULL;
}

static void
log_cut(struct hook *hook, const struct hook_event *event,
	const struct error *err)
{
	struct arena *arena = event->req->arena;
	const char *domain = event->host->domain;

	log_now_and_then(hook, &hook->cut, event->kind == HOOK_ON_TAP ?
		arena_printf(arena, "copy %" PRIu64 " of a message of %s is "
			     "not whole: %s", event->seq, domain, err->text) :
		arena_printf(arena, "a stanza of %s that is to be judged is "
			     "not whole: %s", domain, err->text));
}

bool
hook_wants_refused(struct hook *hook, struct arena *arena,
		   struct xml *el, const struct error *err)
{
	struct request req = { .runtime = hook->runtime, .arena = arena };
	const struct hook_event *event;
	const struct hook_host *host;
	struct error ignored;

	if (!hook->attended ||
	    stanza_parse(arena, el, &req.stanza, &ignored) < 0 ||
	    req.stanza.from == NULL || req.stanza.to == NULL)
		return false;
	req.from = req.stanza.from;
	req.to = req.stanza.to;
	host = find_sender(hook, &req);
	if (host == NULL || !host->up)
		return false;
	event = find_owed(hook, host, &req);
	if (event == NULL)
		return false;
	log_cut(hook, event, err);
	xml_set(arena, xml_child(el, NS_ANNEX, hook_event_name(event->kind)),
		HOOK_EVENT_CUT, "true");
	return true;
}

const char *
hook_host_named(const struct hook *hook, size_t n)
{
	return n < hook->count ? hook->hosts[n].domain : NULL;
}

const struct hook_host *
hook_find(const struct hook *hook, const char *domain)
{
	for (size_t i = 0; i < hook->count; i++)
		if (hook->hosts[i].up &&
		    strcmp(hook->hosts[i].domain, domain) == 0)
			return &hook->hosts[i];
	return NULL;
}

const struct hook_host *
hook_offering(const struct hook *hook, unsigned hooks)
{
	for (size_t i = 0; i < hook->count; i++)
		if (hook->hosts[i].up &&
		    (hook->hosts[i].hooks & hooks) == hooks)
			return &hook->hosts[i];
	return NULL;
}
