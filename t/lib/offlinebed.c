#include "t/lib/offlinebed.h"

#include <stdlib.h>
#include <string.h>

#include "components/offline/office.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/calls.h"
#include "shared/error.h"
#include "t/lib/declaration.h"
#include "t/lib/fake_store.h"
#include "t/lib/printout.h"

/* components/offline/main.c, which gives its constant to component_main(). */
int offline_main(int argc, char **argv);

static const struct component *declared;

bool
offlinebed_has_stopped(void)
{
	return declaration_stopped();
}

static const struct offline_settings usual = {
	.user_messages = 10, .sender_messages = 5, .at_limit = "bounce",
};

struct offlinebed *
offlinebed_new(void)
{
	struct offlinebed *bed = calloc(1, sizeof(*bed));
	struct error err;
	void *ctx;

	ensure(bed != NULL);
	declared = declaration_of(offline_main);
	bed->settings = usual;
	bed->hooks = hookbed_new(declared->hooks, NULL);
	bed->calls = calls_new(&bed->hooks->runtime, declared);
	bed->store = bed->hooks->runtime.store = fake_store_new("offline");
	ensure(declared->start(&bed->hooks->runtime, &bed->settings, &ctx,
			       &err) == 0);
	bed->offline = ctx;
	calls_open(bed->calls, ctx);
	hook_attend(bed->hooks->runtime.hook, ctx);
	hookbed_greet(bed->hooks, "hooks='store presence deliver delegate'");
	hookbed_sent(bed->hooks);
	return bed;
}

/* All that is under way ends one way or the other. */
static void
finish(struct offlinebed *bed)
{
	do
		fake_router_time_out(bed->hooks->runtime.router);
	while (fake_store_tell(bed->store) > 0);
}

void
offlinebed_free(struct offlinebed **bed_)
{
	struct offlinebed *bed = *bed_;

	declared->stop(bed->offline);
	finish(bed);
	calls_free(&bed->calls);
	declared->free(bed->offline);
	fake_store_free(&bed->store);
	hookbed_free(&bed->hooks);
	free(bed);
	*bed_ = NULL;
}

int
offlinebed_setup(void **state)
{
	*state = offlinebed_new();
	return 0;
}

int
offlinebed_teardown(void **state)
{
	struct offlinebed *bed = *state;

	offlinebed_free(&bed);
	return 0;
}

const char *
offlinebed_receive(struct offlinebed *bed, const char *stanza)
{
	const char *at_once = hookbed_receive(bed->hooks, stanza);

	fake_store_tell(bed->store);
	return arena_printf(bed->hooks->arena, "%s%s", at_once,
			    hookbed_sent(bed->hooks));
}

static void
run(struct offlinebed *bed, const struct call_plan *plan,
    struct printout *printout)
{
	struct error err;
	struct call *call;

	if (call_new(bed->calls, plan, &call, &err) < 0) {
		printout_output.end(printout, &err);
		return;
	}
	bed->answers = 0;
	call_run(call);
	while (!printout->ended) {
		bed->answers += fake_store_tell(bed->store);
		uv_run(&bed->hooks->loop, UV_RUN_NOWAIT);
	}
}

const char *
offlinebed_command(struct offlinebed *bed, const char *name,
		   const char *const *fields)
{
	struct arena *arena = bed->hooks->arena;
	struct printout printout = { 0 };
	const struct call_plan plan = {
		.command = calls_find(bed->calls, name),
		.form = printout_form(arena, fields), .who = "the operator",
		.output = &printout_output, .ctx = &printout,
	};

	printout.columns = command_column_count(plan.command);
	run(bed, &plan, &printout);
	return printout_take(&printout, arena);
}

void
offlinebed_fill(struct offlinebed *bed, const char *jid, int count,
		const char *sender)
{
	fake_store_ask(bed->store, arena_printf(
		bed->hooks->arena,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
		"FROM n WHERE i < %d) INSERT INTO offline_message (jid, id, "
		"sender, resource, arrived, stamp, stanza) SELECT '%s', "
		"'x' || i, '%s', '', 1, 1, '<message xmlns=''jabber:client''>"
		"<body>no ' || i || '</body></message>' FROM n", count, jid,
		sender));
}

int64_t
offlinebed_stored(struct offlinebed *bed, const char *where)
{
	return fake_store_ask(bed->store, arena_printf(
		bed->hooks->arena,
		"SELECT COUNT(*) FROM offline_message WHERE %s", where));
}
