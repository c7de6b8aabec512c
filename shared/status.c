#include "shared/status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <uv.h>

#include "shared/arena.h"
#include "shared/call.h"
#include "shared/command.h"
#include "shared/component.h"
#include "shared/hook.h"
#include "shared/request.h"
#include "shared/router.h"
#include "shared/store.h"
#include "shared/str.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define NS_PER_S UINT64_C(1000000000)
#define TEXT_BYTES 512

void
status_add(struct call *call, const char *what, const char *fmt, ...)
{
	char text[TEXT_BYTES];
	const char *cells[] = { what, text };
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	call_row(call, cells);
}

static void
add_uptime(struct call *call)
{
	uint64_t secs = (uv_hrtime() - call->runtime->started_ns) / NS_PER_S;
	uint64_t days = secs / 86400;

	status_add(call, "uptime",
		   "%" PRIu64 "d %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
		   days, secs / 3600 % 24, secs / 60 % 60, secs % 60);
}

static void
add_store(struct call *call)
{
	const struct store *store = call->runtime->store;

	if (store == NULL || !store_is_lasting(store))
		status_add(call, "store", "none");
	else
		status_add(call, "store", "%s, %s", store_dialect(store),
			   store_is_up(store) ? "up" : "away");
}

/* Of a component that has something to do with them: what is missing, a line
   for each host. */
static void
add_shims(struct call *call)
{
	struct str missing = { 0 };

	if (call->component->hooks == NULL || call->runtime->hook == NULL)
		return;
	hook_add_missing(call->runtime->hook, &missing);
	if (missing.len == 0)
		status_add(call, "shims", "as needed");
	for (const char *at = missing.data; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, "\n");

		status_add(call, "shims", "%.*s", (int)len, at);
		at += len + (at[len] == '\n');
	}
	str_fini(&missing);
}

static int
on_status(struct call *call, void *ctx, struct error *err)
{
	const struct component *component = call->component;
	const struct router *router = call->runtime->router;

	(void)err;
	status_add(call, "component", "annex-%s", component->name);
	status_add(call, "version", "%s", PACKAGE_VERSION);
	status_add(call, "domain", "%s", call->runtime->domain);
	add_uptime(call);
	status_add(call, "link", "%s",
		   router != NULL && router_is_up(router) ? "up" : "down");
	add_store(call);
	add_shims(call);
	/* It has not started while it waits for the database. */
	if (component->status != NULL && ctx != NULL)
		component->status(ctx, call);
	return 0;
}

static const struct command_column columns[] = {
	{ "what", COMMAND_TEXT, "What" },
	{ "value", COMMAND_TEXT, "Value" },
	{ .name = NULL }
};

const struct command status_command = {
	.name = "status",
	.title = "Show how the component is",
	.help = "Tells version, uptime, and whether the router and the "
		"database are there.",
	.columns = columns,
	.run = on_status,
};
