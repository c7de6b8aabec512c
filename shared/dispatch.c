#include "shared/dispatch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/handler.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"

#define KINDS (STANZA_IQ + 1)
#define CONDITIONS (ERROR_UNEXPECTED_REQUEST + 1)

enum exchange_state {
	EXCHANGE_RUNNING,	/* a handler has it */
	EXCHANGE_PARKED,	/* waits for resume or finish */
	EXCHANGE_RESUMED,	/* resumed before its handler returned */
	EXCHANGE_FINISHED,	/* finished before its handler returned */
};

/* A request and what only the dispatch needs to know of it; all of it is in
   the request's arena. */
struct exchange {
	struct request req;
	struct dispatch *dispatch;
	enum handler_kind kind;	/* what handlers are asked for */
	enum handler_to to;
	enum exchange_state state;
	struct exchange *prev, *next;	/* among the parked */
};

struct dispatch {
	struct runtime *runtime;
	const struct component *component;
	handler_fn *owed, *first;
	void *owed_ctx, *first_ctx;
	void *ctx;		/* the component's */
	bool open;
	struct exchange *parked;
	struct metric *received[KINDS];
	struct metric *invalid;
	struct metric *errors[CONDITIONS];
	struct metric *waiting;
};

static const char *
metric_name(struct str *name, const struct component *component,
	    const char *what)
{
	str_clear(name);
	str_addf(name, "annex_%s_%s", component->name, what);
	return name->data;
}

static void
add_metrics(struct dispatch *dispatch)
{
	const struct component *component = dispatch->component;
	struct metrics *metrics = dispatch->runtime->metrics;
	struct str name = { 0 }, labels = { 0 };

	metric_name(&name, component, "stanzas_received_total");
	for (int i = 0; i < KINDS; i++) {
		str_clear(&labels);
		str_addf(&labels, "kind=\"%s\"", stanza_kind_name(i));
		dispatch->received[i] =
			metric_counter(metrics, name.data, labels.data,
				       "Stanzas received, by kind.");
	}
	metric_name(&name, component, "errors_sent_total");
	for (int i = ERROR_BAD_REQUEST; i < CONDITIONS; i++) {
		str_clear(&labels);
		str_addf(&labels, "condition=\"%s\"", error_cond_name(i));
		dispatch->errors[i] =
			metric_counter(metrics, name.data, labels.data,
				       "Stanza errors sent, by condition.");
	}
	dispatch->invalid = metric_counter(
		metrics, metric_name(&name, component,
				     "stanzas_invalid_total"), "",
		"Stanzas received that RFC 6120 forbids.");
	dispatch->waiting = metric_gauge(
		metrics, metric_name(&name, component, "requests_parked"), "",
		"Requests that wait for something.");
	str_fini(&name);
	str_fini(&labels);
}

struct dispatch *
dispatch_new(struct runtime *runtime, const struct component *component,
	     handler_fn *owed, void *owed_ctx)
{
	struct dispatch *dispatch;

	ensure((dispatch = calloc(1, sizeof(*dispatch))) != NULL);
	dispatch->runtime = runtime;
	dispatch->component = component;
	dispatch->owed = owed;
	dispatch->owed_ctx = owed_ctx;
	add_metrics(dispatch);
	return dispatch;
}

void
dispatch_put_first(struct dispatch *dispatch, handler_fn *fn, void *ctx)
{
	dispatch->first = fn;
	dispatch->first_ctx = ctx;
}

static void
exchange_free(struct exchange *exchange)
{
	struct arena *arena = exchange->req.arena;

	arena_free(&arena);
}

void
dispatch_free(struct dispatch **dispatch)
{
	struct exchange *exchange, *next;

	if (*dispatch == NULL)
		return;
	DL_FOREACH_SAFE((*dispatch)->parked, exchange, next)
		exchange_free(exchange);
	free(*dispatch);
	*dispatch = NULL;
}

void
dispatch_open(struct dispatch *dispatch, void *ctx)
{
	dispatch->ctx = ctx;
	dispatch->open = true;
}

void
dispatch_close(struct dispatch *dispatch)
{
	dispatch->open = false;
}

/* An error is counted and logged here and nowhere else. */
static void
note_error(struct dispatch *dispatch, const struct stanza *stanza,
	   const struct error *err)
{
	enum log_level level = err->cond == ERROR_INTERNAL_SERVER_ERROR ?
			       LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG;
	char why[ERROR_PRINT_SIZE];

	if (dispatch->errors[err->cond] != NULL)
		metric_add(dispatch->errors[err->cond], 1);
	log_write(level, "dispatch: %s from %s to %s: %s",
		  stanza_kind_name(stanza->kind), stanza->from->full,
		  stanza->to->full, error_print(err, why));
}

static void
answer_error(struct dispatch *dispatch, struct arena *arena,
	     const struct stanza *stanza, const struct error *err)
{
	const char *by = stanza->kind == STANZA_IQ ? NULL : stanza->to->bare;
	struct xml *el = stanza_error(arena, stanza, err, by);

	if (el == NULL)
		return;
	note_error(dispatch, stanza, err);
	if (runtime_send(dispatch->runtime, el) == 0)
		return;
	/* With less: what was sent need not come back (RFC 6120 section
	   8.3.1). */
	while (!xml_is(el->first, NS_CLIENT, "error"))
		xml_remove(el->first);
	runtime_send(dispatch->runtime, el);
}

static bool
fits(const struct handler *handler, struct exchange *exchange)
{
	return handler->kind == exchange->kind &&
	       (handler->to == TO_ANY || handler->to == exchange->to) &&
	       handler_finds_payload(handler, &exchange->req);
}

/* What nobody wanted (RFC 6120 section 8.4, RFC 6121 section 8.5.1). */
static int
refuse(const struct exchange *exchange, struct error *err)
{
	switch (exchange->kind) {
	case MESSAGE:
		if (strcmp(exchange->req.stanza.type, "headline") == 0)
			return 0;
		break;
	case MESSAGE_GROUPCHAT:
	case IQ_GET:
	case IQ_SET:
		break;
	default:
		return 0;
	}
	return error_set(err, ERROR_SERVICE_UNAVAILABLE, "%s", "");
}

static int
run_handlers(struct exchange *exchange, struct error *err)
{
	struct dispatch *dispatch = exchange->dispatch;
	const struct handler *handler = dispatch->component->handlers;
	struct request *req = &exchange->req;

	for (; handler->kind != HANDLER_END; handler++) {
		int ret;

		if (!fits(handler, exchange))
			continue;
		ret = handler->fn(req, dispatch->ctx, err);
		if (ret != HANDLER_DECLINE)
			return ret;
	}

	req->payload = xml_child(req->stanza.el, NULL, NULL);
	if ((exchange->kind == IQ_GET || exchange->kind == IQ_SET) &&
	    exchange->to == TO_HOST) {
		int ret = dispatch->owed(req, dispatch->owed_ctx, err);

		if (ret != HANDLER_DECLINE)
			return ret;
	}
	return refuse(exchange, err);
}

static int
run_first(struct exchange *exchange, struct error *err)
{
	struct dispatch *dispatch = exchange->dispatch;

	if (dispatch->first == NULL)
		return HANDLER_DECLINE;
	return dispatch->first(&exchange->req, dispatch->first_ctx, err);
}

static int
run_admit(struct exchange *exchange, struct error *err)
{
	struct dispatch *dispatch = exchange->dispatch;
	int ret = run_first(exchange, err);

	if (ret != HANDLER_DECLINE)
		return ret;
	ret = 0;
	if (dispatch->component->admit != NULL)
		ret = dispatch->component->admit(&exchange->req, dispatch->ctx,
						 err);
	return ret == 0 || ret == HANDLER_DECLINE ?
	       run_handlers(exchange, err) : ret;
}

/* From running, as all begin, to one of the others, and from those back. */
static void
set_state(struct exchange *exchange, enum exchange_state state)
{
	ensure((exchange->state == EXCHANGE_RUNNING) !=
	       (state == EXCHANGE_RUNNING));
	exchange->state = state;
}

static void
park(struct exchange *exchange)
{
	struct dispatch *dispatch = exchange->dispatch;

	set_state(exchange, EXCHANGE_PARKED);
	DL_APPEND(dispatch->parked, exchange);
	dispatch->waiting->value++;
}

static void
unpark(struct exchange *exchange)
{
	struct dispatch *dispatch = exchange->dispatch;

	ensure(exchange->state == EXCHANGE_PARKED);
	DL_DELETE(dispatch->parked, exchange);
	dispatch->waiting->value--;
	set_state(exchange, EXCHANGE_RUNNING);
}

/* Runs it until it ends or waits. */
static void
run(struct exchange *exchange, bool admit)
{
	struct error err = { 0 };
	int ret = admit ? run_admit(exchange, &err) :
		  run_handlers(exchange, &err);

	/* What it waited for was there at once. */
	while (ret == REQUEST_PARKED && exchange->state == EXCHANGE_RESUMED) {
		set_state(exchange, EXCHANGE_RUNNING);
		err = (struct error){ 0 };
		ret = run_handlers(exchange, &err);
	}
	if (ret == REQUEST_PARKED && exchange->state == EXCHANGE_RUNNING) {
		park(exchange);
		return;
	}
	if (ret < 0 && exchange->state != EXCHANGE_FINISHED)
		answer_error(exchange->dispatch, exchange->req.arena,
			     &exchange->req.stanza, &err);
	exchange_free(exchange);
}

/* stanza_parse() filled in what it understood before it failed. */
static void
refuse_invalid(struct dispatch *dispatch, struct arena *arena,
	       struct stanza *stanza, const struct error *err)
{
	struct error ignored;

	metric_add(dispatch->invalid, 1);
	/* Nobody to tell. */
	if (stanza->el == NULL || stanza->from == NULL) {
		log_debug("dispatch: dropped a stanza: %s", err->text);
		return;
	}
	/* The router takes only our own addresses for a sender. */
	if (stanza->to == NULL &&
	    jid_parsez(arena, dispatch->runtime->domain, &stanza->to,
		       &ignored) < 0)
		return;
	answer_error(dispatch, arena, stanza, err);
}

static struct exchange *
exchange_new(struct dispatch *dispatch, struct arena *arena,
	     const struct stanza *stanza)
{
	struct exchange *exchange = arena_alloc(arena, sizeof(*exchange));

	exchange->dispatch = dispatch;
	exchange->kind = handler_kind_of(stanza);
	exchange->to = handler_to_of(stanza->to);
	exchange->req = (struct request){
		.runtime = dispatch->runtime, .arena = arena,
		.stanza = *stanza, .from = stanza->from, .to = stanza->to,
	};
	if (stanza->kind == STANZA_IQ)
		exchange->req.payload = xml_child(stanza->el, NULL, NULL);
	return exchange;
}

void
dispatch_stanza(struct dispatch *dispatch, struct arena *arena,
		struct xml *el)
{
	struct stanza stanza = { 0 };
	struct error err = { 0 };

	if (!dispatch->open) {
		arena_free(&arena);
		return;
	}
	if (stanza_parse(arena, el, &stanza, &err) < 0) {
		refuse_invalid(dispatch, arena, &stanza, &err);
		arena_free(&arena);
		return;
	}
	metric_add(dispatch->received[stanza.kind], 1);
	/* XEP-0114 section 3: a router sends none without both. */
	if (stanza.from == NULL || stanza.to == NULL) {
		metric_add(dispatch->invalid, 1);
		arena_free(&arena);
		return;
	}
	run(exchange_new(dispatch, arena, &stanza), true);
}

/* The request is the exchange's first member. */
static struct exchange *
exchange_of(struct request *req)
{
	return (struct exchange *)req;
}

void
request_resume(struct request *req)
{
	struct exchange *exchange = exchange_of(req);

	if (exchange->state == EXCHANGE_RUNNING) {
		set_state(exchange, EXCHANGE_RESUMED);
		return;
	}
	unpark(exchange);
	if (exchange->dispatch->open)
		run(exchange, false);
	else
		exchange_free(exchange);
}

void
request_finish(struct request *req, const struct error *err)
{
	struct exchange *exchange = exchange_of(req);

	if (err != NULL)
		answer_error(exchange->dispatch, req->arena, &req->stanza,
			     err);
	if (exchange->state == EXCHANGE_RUNNING) {
		set_state(exchange, EXCHANGE_FINISHED);
		return;
	}
	unpark(exchange);
	exchange_free(exchange);
}

void
request_reply(struct request *req, struct xml *payload)
{
	struct xml *el = stanza_result(req->arena, &req->stanza);
	struct error err;

	if (payload != NULL)
		xml_append(el, payload);
	if (runtime_send(req->runtime, el) < 0) {
		error_set(&err, ERROR_RESOURCE_CONSTRAINT,
			  "the answer is too large");
		answer_error(exchange_of(req)->dispatch, req->arena,
			     &req->stanza, &err);
	}
}

int
runtime_send(struct runtime *runtime, const struct xml *el)
{
	struct error err;

	/* Closed already, while the component's last timers run out. */
	return runtime->router == NULL ? 0 :
	       router_send(runtime->router, el, &err);
}
