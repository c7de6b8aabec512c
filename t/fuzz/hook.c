#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/dispatch.h"
#include "shared/error.h"
#include "shared/fanout.h"
#include "shared/hook.h"
#include "shared/hook_answer.h"
#include "shared/hook_request.h"
#include "shared/jid.h"
#include "shared/multicast.h"
#include "shared/request.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/hookbed.h"
#include "t/lib/script.h"

/* The input is a script.  Where an address is missing, the stanza is from the
   host to the component.  What comes is used: answered, or sent back in
   requests. */

#define RECIPIENTS 30
#define SENDINGS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fanout *fanout;
static unsigned turn, sendings;

static void
on_done(void *ctx, const struct error *err, const struct stanza *answer)
{
	struct str text = { 0 };

	(void)ctx;
	ensure(err == NULL || err->cond != ERROR_NONE);
	if (answer != NULL)
		xml_print(&text, answer->el, NULL);
	str_fini(&text);
}

static const struct hook_done done = { on_done, NULL };

/* Everything that can be asked with what came. */
static void
ask(struct hookbed *bed, const struct hook_event *event)
{
	struct runtime *runtime = &bed->runtime;
	const struct hook_item item = { event->id, event->stanza.el,
					event->stamp };
	const char *who = event->who != NULL ? event->who->full : "a@b";
	const struct hook_delivery delivery = { who, &item, 1 };
	const struct hook_release release = { event->id, event->point,
					      event->stanza.el,
					      event->stamp };

	hook_ack(runtime, event->host, event->seq);
	hook_forget(runtime, event->host, who, &event->id, 1);
	if (event->stanza.el == NULL)
		return;
	hook_deliver(runtime, event->host, &delivery, done);
	hook_release(runtime, event->host, &release, done);
	hook_act(runtime, event->host, who, event->stanza.el, done);
}

static int
answer(struct hook_event *event, struct error *err)
{
	const struct hook_verdict verdict = {
		.action = (enum hook_action)(turn % 4),
		.condition = ERROR_NOT_ALLOWED, .text = event->profile,
		.stanza = event->stanza.el,
	};

	if (turn % 5 == 0)
		return error_set(err, ERROR_RESOURCE_CONSTRAINT, "later");
	if (event->kind == HOOK_ON_CHECK)
		hook_judge(event, &verdict);
	else if (event->kind == HOOK_ON_STORE && turn % 2)
		hook_bounce(event, ERROR_SERVICE_UNAVAILABLE);
	else if (event->kind == HOOK_ON_DELEGATED)
		hook_reply(event, NULL);
	else
		hook_accept(event);
	return 0;
}

static int
on_event(struct hook_event *event, void *ctx, struct error *err)
{
	ensure(event->host->up);
	ensure(strcmp(event->host->domain, "example") == 0);
	turn++;
	ask(ctx, event);
	return event->req->stanza.kind == STANZA_IQ ? answer(event, err) : 0;
}

static const struct hook_use use = {
	.needs = HOOK_STORE | HOOK_TAP, .uses = HOOK_FANOUT,
	.on = {
		[HOOK_ON_TAP] = on_event,
		[HOOK_ON_CHECK] = on_event,
		[HOOK_ON_STORE] = on_event,
		[HOOK_ON_ONLINE] = on_event,
		[HOOK_ON_OFFLINE] = on_event,
		[HOOK_ON_ROUTE] = on_event,
		[HOOK_ON_DELEGATED] = on_event,
	},
};

static void
take(struct hookbed *bed, const char *line, size_t len)
{
	struct arena *arena = arena_new();
	struct xml *el = script_stanza(arena, line, len, "example",
				       "comp.example");

	if (el != NULL && script_is_for("comp.example", el))
		hookbed_take(bed, arena, el);
	else
		arena_free(&arena);
}

/* What is sent is parsed again: so few addresses, but long ones, that the list
   of them is more than one request, and not more often than that. */
static void
send_to_many(void)
{
	static const char to[] = "someone@example/"
		"0123456789012345678901234567890123456789012345678901234567"
		"0123456789012345678901234567890123456789012345678901234567"
		"0123456789012345678901234567890123456789012345678901234567";
	struct router_template stanza = {
		.head = "<message from='a@comp.example'",
		.head_len = sizeof("<message from='a@comp.example'") - 1,
		.tail = "/>", .tail_len = 2,
	};

	if (sendings++ >= SENDINGS_MAX)
		return;
	fanout_begin(fanout, &stanza);
	for (unsigned i = 0; i < RECIPIENTS; i++)
		fanout_add(fanout, to, sizeof(to) - 1);
	fanout_end(fanout);
	fanout_gather(fanout, "a@b", 3);
	fanout_send_to(fanout, &stanza, "a@b", 3);
	fanout_send_to(fanout, &stanza, "a@b", 3);
	fanout_end(fanout);
}

/* As in shared/service.c. */
static int
on_first(struct request *req, void *ctx, struct error *err)
{
	struct runtime *runtime = ctx;
	int ret = hook_on_request(req, runtime->hook, err);

	return ret != HANDLER_DECLINE ? ret :
	       multicast_on_request(req, runtime->multicast, err);
}

static void
set_link(struct runtime *runtime, bool up)
{
	hook_link(runtime->hook, up);
	multicast_link(runtime->multicast, up);
}

static void
happen(void *ctx, const char *line, size_t len)
{
	struct hookbed *bed = ctx;

	if (strcmp(line, "down") == 0)
		set_link(&bed->runtime, false);
	else if (strcmp(line, "up") == 0)
		set_link(&bed->runtime, true);
	else if (strcmp(line, "timeout") == 0)
		fake_router_time_out(bed->runtime.router);
	else if (strcmp(line, "many") == 0)
		send_to_many();
	else
		take(bed, line, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str missing = { 0 };
	struct hookbed *bed = hookbed_new(&use, NULL);
	int ret;

	sendings = 0;
	bed->runtime.multicast = multicast_new(&bed->runtime);
	dispatch_put_first(bed->dispatch, on_first, &bed->runtime);
	fanout = fanout_new(&bed->runtime);
	ret = script_play(data, size, happen, bed);
	hook_add_missing(bed->runtime.hook, &missing);
	str_fini(&missing);
	fake_router_time_out(bed->runtime.router);
	fanout_free(&fanout);
	multicast_free(&bed->runtime.multicast);
	hookbed_free(&bed);
	return ret;
}
