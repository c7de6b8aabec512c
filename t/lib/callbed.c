#include "t/lib/callbed.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/call.h"
#include "shared/calls.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/log.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/archivebed.h"

struct callbed *
callbed_new(enum database_kind kind, const struct command *commands,
	    void *ctx)
{
	struct callbed *bed = calloc(1, sizeof(*bed));

	ensure(bed != NULL);
	log_configure("test", LOG_LEVEL_ERROR + 1, false);
	bed->arena = arena_new();
	bed->db = archivebed_new(kind);
	bed->runtime.loop = &bed->db->loop;
	bed->runtime.store = bed->db->store;
	bed->component.name = "archive";
	bed->component.commands = commands;
	bed->calls = calls_new(&bed->runtime, &bed->component);
	calls_open(bed->calls, ctx);
	return bed;
}

void
callbed_free(struct callbed **bed_)
{
	struct callbed *bed = *bed_;

	calls_stop(bed->calls);
	database_close(bed->db, 0);
	calls_free(&bed->calls);
	database_free(&bed->db);
	arena_free(&bed->arena);
	free(bed);
	*bed_ = NULL;
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
	str_addc(&output->text, '\n');
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
		str_addf(&output->text, "error: %s\n", error_reason(err));
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

const char *
callbed_command(struct callbed *bed, const char *name,
		const char *const *fields)
{
	static const struct call_output to = {
		.row = on_row, .say = on_say, .progress = on_progress,
		.is_full = is_full, .end = on_end,
	};
	struct output output = { 0 };
	const struct call_plan plan = {
		.command = calls_find(bed->calls, name),
		.form = make_form(bed->arena, fields), .who = "the operator",
		.output = &to, .ctx = &output,
	};
	const char *text;
	struct error err;
	struct call *call;

	ensure(plan.command != NULL);
	output.columns = command_column_count(plan.command);
	if (call_new(bed->calls, &plan, &call, &err) < 0) {
		on_end(&output, &err);
	} else {
		call_run(call);
		database_wait(bed->db, &output.ended);
	}
	text = arena_dup(bed->arena, output.text.data != NULL ?
			 output.text.data : "", output.text.len);
	str_fini(&output.text);
	return text;
}
