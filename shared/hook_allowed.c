#include "shared/hook_allowed.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/xml.h"

/* Of ids in one stanza. */
#define IDS_BYTES ((size_t)4096)

void
hook_allowed_init(struct hook_allowed *allowed, struct runtime *runtime)
{
	*allowed = (struct hook_allowed){ .runtime = runtime };
	uv_prepare_init(runtime->loop, &allowed->prepare);
	allowed->prepare.data = allowed;
}

void
hook_allowed_close(struct hook_allowed *allowed, void *data,
		   uv_close_cb closed)
{
	str_fini(&allowed->ids);
	allowed->prepare.data = data;
	uv_close((uv_handle_t *)&allowed->prepare, closed);
}

void
hook_allowed_forget(struct hook_allowed *allowed)
{
	str_clear(&allowed->ids);
	uv_prepare_stop(&allowed->prepare);
}

static void
say(struct hook_allowed *allowed)
{
	struct arena *arena = arena_new();
	struct xml *message = xml_new(arena, NS_CLIENT, "message");

	xml_set(arena, message, "from", allowed->runtime->domain);
	xml_set(arena, message, "to", allowed->host);
	xml_add_text(arena, message, NS_ANNEX, "allow", allowed->ids.data);
	runtime_send(allowed->runtime, message);
	hook_allowed_forget(allowed);
	arena_free(&arena);
}

static void
on_turn_end(uv_prepare_t *prepare)
{
	say(prepare->data);
}

void
hook_allowed_add(struct hook_allowed *allowed, const char *host,
		 const char *id)
{
	if (allowed->ids.len > 0 &&
	    (allowed->host != host || allowed->ids.len > IDS_BYTES))
		say(allowed);
	allowed->host = host;
	/* What was begun last ends first: before the link writes. */
	if (allowed->ids.len == 0)
		uv_prepare_start(&allowed->prepare, on_turn_end);
	else
		str_addc(&allowed->ids, '\n');
	str_addz(&allowed->ids, id);
}
