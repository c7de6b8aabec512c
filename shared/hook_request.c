#include "shared/hook_request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook_host.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/router.h"
#include "shared/str.h"
#include "shared/xml.h"

/* How long the shim may take; an IQ by act waits for somebody else's answer
   as well. */
#define DONE_SECS 10
#define ACT_SECS 60

/* What a request needs beyond what is sent of its items. */
#define ENVELOPE_BYTES ((size_t)4096)

/* Of ids in one message. */
#define FORGET_BYTES ((size_t)4096)

/* A request on its way. */
struct call {
	struct arena *arena;	/* its own, and all of its memory */
	struct runtime *runtime;
	struct hook_done done;
	struct xml *el;		/* the payload */
};

static struct call *
call_new(struct runtime *runtime, const char *name, struct hook_done done)
{
	struct arena *arena = arena_new();
	struct call *call = arena_alloc(arena, sizeof(*call));

	call->arena = arena;
	call->runtime = runtime;
	call->done = done;
	call->el = xml_new(arena, NS_ANNEX, name);
	return call;
}

static void
set(struct call *call, const char *name, const char *value)
{
	if (value != NULL)
		xml_set(call->arena, call->el, name,
			arena_strdup(call->arena, value));
}

/* The answer that travels in that of act. */
static void
give_answer(struct call *call, const struct xml *el)
{
	const struct xml *act = xml_child(el, NS_ANNEX, "act");
	struct forward forward;
	struct error err = { 0 };

	if (act == NULL)
		call->done.fn(call->done.ctx, NULL, NULL);
	else if (forward_parse(call->arena, act, &forward, &err) < 0)
		call->done.fn(call->done.ctx, &err, NULL);
	else
		call->done.fn(call->done.ctx, NULL, &forward.stanza);
}

static void
finish(struct call *call, const struct xml *answer)
{
	const char *type = answer == NULL ? NULL : xml_attr(answer, "type");
	struct error err = { 0 };

	if (answer == NULL)
		error_set(&err, ERROR_REMOTE_SERVER_TIMEOUT,
			  "the router did not answer");
	else if (!str_same(type, "result"))
		stanza_read_error(call->arena, answer, &err);
	if (err.cond == ERROR_NONE)
		give_answer(call, answer);
	else
		call->done.fn(call->done.ctx, &err, NULL);
}

static void
on_answer(void *ctx, const struct xml *answer)
{
	struct call *call = ctx;
	struct arena *arena = call->arena;

	if (call->done.fn != NULL)
		finish(call, answer);
	arena_free(&arena);
}

/* Sends the call, which goes with its answer. */
static void
go(struct call *call, const struct hook_host *host, unsigned secs)
{
	struct xml *iq = stanza_new(call->arena, "iq", call->runtime->domain,
				    arena_strdup(call->arena, host->domain),
				    "set");

	xml_append(iq, call->el);
	router_query(call->runtime->router, call->arena, iq, secs, on_answer,
		     call);
}

/* The same for what is not answered. */
static void
tell(struct call *call, const struct hook_host *host)
{
	struct xml *message = stanza_new(call->arena, "message",
					 call->runtime->domain, host->domain,
					 NULL);
	struct arena *arena = call->arena;

	xml_append(message, call->el);
	runtime_send(call->runtime, message);
	arena_free(&arena);
}

static const struct hook_done nobody;

void
hook_ack(struct runtime *runtime, const struct hook_host *host, uint64_t seq)
{
	struct call *call = call_new(runtime, "ack", nobody);

	xml_set(call->arena, call->el, "seq",
		arena_printf(call->arena, "%" PRIu64, seq));
	tell(call, host);
}

static const char *
point_name(enum hook_point point)
{
	return point == HOOK_POINT_SEND ? "send" : "receive";
}

void
hook_release(struct runtime *runtime, const struct hook_host *host,
	     const struct hook_release *release, struct hook_done done)
{
	struct call *call = call_new(runtime, "release", done);

	set(call, "id", release->id);
	set(call, "point", point_name(release->point));
	forward_add(call->arena, call->el, release->stanza, release->stamp);
	go(call, host, DONE_SECS);
}

void
hook_deny(struct runtime *runtime, const struct hook_host *host,
	  const struct hook_denial *denial, struct hook_done done)
{
	struct call *call = call_new(runtime, "refuse", done);

	set(call, "id", denial->id);
	set(call, "point", point_name(denial->point));
	if (denial->condition != ERROR_NONE)
		set(call, "condition", error_cond_name(denial->condition));
	if (denial->text != NULL)
		xml_add_text(call->arena, call->el, NULL, "text",
			     arena_strdup(call->arena, denial->text));
	forward_add(call->arena, call->el, denial->stanza, 0);
	go(call, host, DONE_SECS);
}

/* Bytes of the item, or a little more. */
static size_t
measure(const struct hook_item *item)
{
	struct str text = { 0 };
	size_t len;

	xml_print(&text, item->message, NULL);
	len = text.len + strlen(item->id) * 6 + 200;
	str_fini(&text);
	return len;
}

static void
add_item(struct call *call, const struct hook_item *item)
{
	struct xml *el = xml_add(call->arena, call->el, NULL, "item");

	if (*item->id != '\0')
		xml_set(call->arena, el, "id",
			arena_strdup(call->arena, item->id));
	forward_add(call->arena, el, item->message, item->stamp);
}

size_t
hook_deliver(struct runtime *runtime, const struct hook_host *host,
	     const struct hook_delivery *delivery, struct hook_done done)
{
	struct call *call = call_new(runtime, "deliver", done);
	size_t bytes = ENVELOPE_BYTES, n = 0;

	set(call, "jid", delivery->session);
	while (n < delivery->count) {
		bytes += measure(&delivery->items[n]);
		if (n > 0 && bytes > host->stanza_bytes)
			break;
		add_item(call, &delivery->items[n++]);
	}
	go(call, host, DONE_SECS);
	return n;
}

bool
hook_is_refusal(const struct error *err)
{
	return err->cond == ERROR_BAD_REQUEST ||
	       err->cond == ERROR_JID_MALFORMED ||
	       err->cond == ERROR_NOT_ACCEPTABLE ||
	       err->cond == ERROR_POLICY_VIOLATION;
}

void
hook_forget(struct runtime *runtime, const struct hook_host *host,
	    const char *user, const char *const *ids, size_t count)
{
	struct str text = { 0 };
	size_t n = 0;

	while (n < count) {
		struct call *call = call_new(runtime, "forget", nobody);

		str_clear(&text);
		while (n < count && text.len < FORGET_BYTES)
			str_addf(&text, "%s%s", text.len > 0 ? "\n" : "",
				 ids[n++]);
		set(call, "user", user);
		xml_put_text(call->arena, call->el,
			     arena_strdup(call->arena, text.data));
		tell(call, host);
	}
	str_fini(&text);
}

static void
add_text(struct call *call, const char *name, const char *text)
{
	if (text != NULL)
		xml_add_text(call->arena, call->el, NULL, name,
			     arena_strdup(call->arena, text));
}

void
hook_overlay(struct runtime *runtime, const struct hook_host *host,
	     const struct hook_overlay *overlay, struct hook_done done)
{
	struct call *call = call_new(runtime, "overlay", done);
	char when[CLOCK_TEXT_SIZE];

	set(call, "user", overlay->user);
	set(call, "key", overlay->key);
	xml_set(call->arena, call->el, "rank",
		arena_printf(call->arena, "%u", overlay->rank));
	if (overlay->replace)
		set(call, "mode", "replace");
	if (overlay->expires != 0)
		set(call, "expires", clock_print(overlay->expires, when));
	add_text(call, "show", overlay->show);
	add_text(call, "status", overlay->status);
	go(call, host, DONE_SECS);
}

void
hook_act(struct runtime *runtime, const struct hook_host *host,
	 const char *user, const struct xml *stanza, struct hook_done done)
{
	struct call *call = call_new(runtime, "act", done);

	set(call, "user", user);
	forward_add(call->arena, call->el, stanza, 0);
	go(call, host, ACT_SECS);
}

static void
add_feature(struct call *call, const char *var)
{
	struct xml *el = xml_add(call->arena, call->el, NULL, "feature");

	xml_set(call->arena, el, "var", arena_strdup(call->arena, var));
}

void
hook_delegate(struct runtime *runtime, const struct hook_host *host,
	      const struct hook_delegate *delegate, struct hook_done done)
{
	struct call *call = call_new(runtime, "delegate", done);

	set(call, "ns", delegate->ns);
	set(call, "node", delegate->node);
	if (delegate->host)
		set(call, "host", "true");
	if (delegate->secs != 0)
		xml_set(call->arena, call->el, "timeout",
			arena_printf(call->arena, "%u", delegate->secs));
	for (const char *const *var = delegate->features;
	     var != NULL && *var != NULL; var++)
		add_feature(call, *var);
	go(call, host, DONE_SECS);
}
