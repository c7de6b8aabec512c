#include "t/lib/offlinebed.h"

#include <stdlib.h>
#include <string.h>

#include "components/offline/office.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/calls.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/str.h"
#include "t/lib/declaration.h"
#include "t/lib/fake_store.h"

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

/* What a command puts out. */
struct output {
	size_t columns;
	struct str text;
	bool ended;
};

static void
on_row(void *ctx, const char *const *cells)
{
	struct output *output = ctx;

	for (size_t i = 0; i < output->columns; i++)
		str_addf(&output->text, "%s%s", i > 0 ? "|" : "",
			 cells[i] != NULL ? cells[i] : "");
	str_addz(&output->text, "\n");
}

static void
on_say(void *ctx, const char *text)
{
	struct output *output = ctx;

	str_addf(&output->text, "%s\n", text);
}

static void
on_progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	(void)done;
	(void)total;
}

static bool
is_full(void *ctx)
{
	(void)ctx;
	return false;
}

static void
on_end(void *ctx, const struct error *err)
{
	struct output *output = ctx;

	output->ended = true;
	if (err != NULL)
		str_addf(&output->text, "error: %s\n", err->text);
}

static const struct form *
make_form(struct arena *arena, const char *const *fields)
{
	struct xml *el = form_new(arena, "submit", NULL);
	const struct form *form;
	struct error err;

	for (; *fields != NULL; fields++) {
		size_t len = strcspn(*fields, "=");
		struct xml *field = form_add(arena, el, NULL,
					     arena_dup(arena, *fields, len),
					     NULL);

		form_add_value(arena, field, *fields + len + 1);
	}
	ensure(form_parse(arena, el, &form, &err) == 0);
	return form;
}

static void
run(struct offlinebed *bed, const struct call_plan *plan,
    struct output *output)
{
	struct error err;
	struct call *call;

	if (call_new(bed->calls, plan, &call, &err) < 0) {
		on_end(output, &err);
		return;
	}
	bed->answers = 0;
	call_run(call);
	while (!output->ended) {
		bed->answers += fake_store_tell(bed->store);
		uv_run(&bed->hooks->loop, UV_RUN_NOWAIT);
	}
}

const char *
offlinebed_command(struct offlinebed *bed, const char *name,
		   const char *const *fields)
{
	static const struct call_output to = {
		.row = on_row, .say = on_say, .progress = on_progress,
		.is_full = is_full, .end = on_end,
	};
	struct arena *arena = bed->hooks->arena;
	struct output output = { 0 };
	const struct call_plan plan = {
		.command = calls_find(bed->calls, name),
		.form = make_form(arena, fields), .who = "the operator",
		.output = &to, .ctx = &output,
	};
	const char *text;

	output.columns = command_column_count(plan.command);
	run(bed, &plan, &output);
	text = arena_dup(arena, output.text.data != NULL ? output.text.data :
			 "", output.text.len);
	str_fini(&output.text);
	return text;
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
