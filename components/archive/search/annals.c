#include <inttypes.h>

#include "components/archive/command/period.h"
#include "components/archive/command/sieve.h"
#include "components/archive/commands.h"
#include "components/archive/format/record.h"
#include "components/archive/search/eventlist.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/jid.h"
#include "shared/request.h"

struct annals {
	struct eventlist_filter filter;
	struct arena *arena;	/* of a part's texts */
	size_t limit, told;
};

static void
fini(struct call *call)
{
	struct annals *annals = call->state;

	arena_free(&annals->arena);
}

static void
tell(struct call *call, const struct archive_event *event)
{
	struct annals *annals = call->state;
	char time[CLOCK_TEXT_SIZE];
	const char *cells[] = {
		clock_print(event->mark.stamp, time),
		archive_event_name(event->kind),
		record_client(annals->arena, event), event->recipient,
		event->about, event->detail, event->mark.uid,
		arena_printf(annals->arena, "%" PRId64, event->mark.serial),
	};

	call_row(call, cells);
	annals->told++;
	annals->filter.before = event->mark.serial;
}

static void
say_count(struct call *call)
{
	const struct annals *annals = call->state;

	call_say(call, annals->told == 1 ? "1 event." : "%zu events.",
		 annals->told);
	call_end(call, NULL);
}

static void
say_more(struct call *call)
{
	const struct annals *annals = call->state;

	call_say(call, "There is more: go on with --before %" PRId64 ".",
		 annals->filter.before);
	call_end(call, NULL);
}

static void read_part(struct call *call);

/* One more than are wanted is asked for, to know whether there is one. */
static void
on_part(void *ctx, const struct store_result *result, const struct error *err)
{
	struct call *call = ctx;
	struct annals *annals = call->state;
	size_t rows, told = 0;

	if (err != NULL || call_is_cancelled(call)) {
		call_end(call, err);
		return;
	}
	rows = store_rows(result);
	arena_reset(annals->arena);
	for (; told < rows && annals->told < annals->limit; told++) {
		const struct archive_event event =
			eventlist_event(annals->arena, result, told);

		tell(call, &event);
	}
	if (told < rows)
		say_more(call);
	else if (rows < EVENTLIST_ROWS)
		say_count(call);
	else
		call_then(call, read_part);
}

static void
read_part(struct call *call)
{
	const struct annals *annals = call->state;

	eventlist_read(call->runtime->store, &annals->filter,
		       annals->limit - annals->told + 1, on_part, call);
}

static int
read_filter(const struct call *call, struct eventlist_filter *filter,
	    struct error *err)
{
	const struct jid *who = call_jid(call, "participant");
	const struct jid *room = call_jid(call, "room");
	const char *kind = call_text(call, "kind");
	struct period period;

	*filter = eventlist_all;
	filter->backward = true;
	filter->who = who == NULL ? NULL : who->bare;
	filter->room = room == NULL ? NULL : room->bare;
	if (kind != NULL)
		filter->kind = archive_event_find(kind);
	if (period_read(call, &period, err) < 0 ||
	    sieve_read_before(call, &filter->before, err) < 0)
		return -1;
	filter->start = period.since;
	filter->end = period.until;
	return 0;
}

int
annals_run(struct call *call, void *ctx, struct error *err)
{
	struct annals *annals = arena_alloc(call->arena, sizeof(*annals));

	(void)ctx;
	if (read_filter(call, &annals->filter, err) < 0)
		return -1;
	annals->arena = arena_new();
	annals->limit = call_uint(call, "limit");
	call->state = annals;
	call->fini = fini;
	audit_call(call, read_part);
	return CALL_PARKED;
}
