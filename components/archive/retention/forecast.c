#include "components/archive/commands.h"


#include "components/archive/archive.h"
#include "components/archive/retention/sweep.h"
#include "components/archive/retention/tenure.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/clock.h"

static void
tell(struct call *call, const struct sweep *sweep, size_t rule)
{
	const struct sweep_count *count = sweep_count(sweep, rule);
	char text[CLOCK_TEXT_SIZE];
	const char *cells[] = {
		tenure_text(sweep_tenure(sweep), rule),
		arena_number(call->arena, (int64_t)count->owners),
		arena_number(call->arena, (int64_t)count->copies),
		arena_number(call->arena, (int64_t)count->held),
		count->oldest == 0 ? NULL : clock_print(count->oldest, text),
	};

	call_row(call, cells);
}

static void
on_done(void *ctx, const struct error *err)
{
	struct call *call = ctx;
	const struct sweep *sweep = call->state;
	size_t rules = tenure_count(sweep_tenure(sweep));

	for (size_t i = 0; err == NULL && i < rules; i++)
		tell(call, sweep, i);
	if (err == NULL && rules == 0)
		call_say(call, "There are no rules: everything stays.");
	call_end(call, err);
}

static void
fini(struct call *call)
{
	struct sweep *sweep = call->state;

	sweep_free(&sweep);
	call->state = NULL;
}

static void
give_up(struct call *call)
{
	call_end(call, NULL);
}

static void
cancel(struct call *call)
{
	fini(call);
	call_then(call, give_up);
}

static void
look(struct call *call)
{
	const struct archive *archive = call->state;
	const struct sweep_plan plan = {
		.loop = call->runtime->loop, .store = call->runtime->store,
		.rules = archive->settings->retention,
		.groups = archive->groups, .now = clock_now(),
		.dry = true, .done = on_done, .ctx = call,
	};

	call->fini = fini;
	call->cancel = cancel;
	call->state = sweep_new(&plan);
}

int
forecast_run(struct call *call, void *ctx, struct error *err)
{
	(void)err;
	call->state = ctx;
	audit_call(call, look);
	return CALL_PARKED;
}
