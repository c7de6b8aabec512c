#include "t/lib/callbed.h"

#include <stdlib.h>

#include "shared/arena.h"
#include "shared/call.h"
#include "shared/calls.h"
#include "shared/error.h"
#include "shared/log.h"
#include "t/lib/archivebed.h"
#include "t/lib/printout.h"

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

int
callbed_drop(void **state)
{
	struct callbed *bed = *state;

	callbed_free(&bed);
	return 0;
}

const char *
callbed_command(struct callbed *bed, const char *name,
		const char *const *fields)
{
	struct printout printout = { 0 };
	const struct call_plan plan = {
		.command = calls_find(bed->calls, name),
		.form = printout_form(bed->arena, fields),
		.who = "the operator",
		.output = &printout_output, .ctx = &printout,
	};
	struct error err;
	struct call *call;

	ensure(plan.command != NULL);
	printout.columns = command_column_count(plan.command);
	if (call_new(bed->calls, &plan, &call, &err) < 0) {
		printout_output.end(&printout, &err);
	} else {
		call_run(call);
		database_wait(bed->db, &printout.ended);
	}
	return printout_take(&printout, bed->arena);
}
