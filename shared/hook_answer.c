#include "shared/hook_answer.h"

#include <stddef.h>

#include "shared/forward.h"
#include "shared/hook_allowed.h"
#include "shared/hook_event.h"
#include "shared/hook_host.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/xml.h"

static const char *const actions[] = {
	[HOOK_ALLOW] = "allow",
	[HOOK_DENY] = "deny",
	[HOOK_REPLACE] = "replace",
	[HOOK_HOLD] = "hold",
};

void
hook_judge(struct hook_event *event, const struct hook_verdict *verdict)
{
	struct arena *arena = event->req->arena;
	struct xml *el;

	if (verdict->action == HOOK_ALLOW &&
	    event->host->version >= HOOK_VERSION_ALLOW &&
	    event->req->stanza.id != NULL) {
		hook_allowed_add(event->allowed, event->host->domain,
				 event->req->stanza.id);
		return;
	}
	el = xml_new(arena, NS_ANNEX, "verdict");
	xml_set(arena, el, "action", actions[verdict->action]);
	if (verdict->action == HOOK_DENY && verdict->silent)
		xml_set(arena, el, "silent", "true");
	if (verdict->action == HOOK_DENY && verdict->condition != ERROR_NONE)
		xml_set(arena, el, "condition",
			error_cond_name(verdict->condition));
	if (verdict->action == HOOK_DENY && verdict->text != NULL)
		xml_add_text(arena, el, NULL, "text", verdict->text);
	if (verdict->action == HOOK_REPLACE)
		forward_add(arena, el, verdict->stanza, 0);
	request_reply(event->req, el);
}

void
hook_accept(struct hook_event *event)
{
	request_reply(event->req, NULL);
}

void
hook_bounce(struct hook_event *event, enum error_cond cond)
{
	struct arena *arena = event->req->arena;
	struct xml *el = xml_new(arena, NS_ANNEX, "store");

	xml_set(arena, el, "bounce", error_cond_name(cond));
	request_reply(event->req, el);
}

static void
answer(struct hook_event *event, const struct xml *stanza)
{
	struct arena *arena = event->req->arena;
	struct xml *el = xml_new(arena, NS_ANNEX, "delegated");

	forward_add(arena, el, stanza, 0);
	request_reply(event->req, el);
}

void
hook_reply(struct hook_event *event, struct xml *payload)
{
	struct xml *result = stanza_result(event->req->arena, &event->stanza);

	if (payload != NULL)
		xml_append(result, payload);
	answer(event, result);
}

void
hook_refuse(struct hook_event *event, const struct error *err)
{
	struct xml *el = stanza_error(event->req->arena, &event->stanza, err,
				      NULL);

	/* A shim sends requests alone. */
	if (el != NULL)
		answer(event, el);
	else
		request_reply(event->req, NULL);
}

void
hook_finish(struct hook_event *event, struct xml *payload,
	    const struct error *err)
{
	if (err != NULL)
		hook_refuse(event, err);
	else
		hook_reply(event, payload);
	request_finish(event->req, NULL);
}
