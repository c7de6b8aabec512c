#include <inttypes.h>

#include "components/archive/command/sieve.h"
#include "components/archive/commands.h"
#include "components/archive/format/link.h"
#include "components/archive/format/record.h"
#include "shared/archive_about.h"
#include "shared/archive_texts.h"
#include "shared/arena.h"
#include "shared/audit.h"
#include "shared/call.h"
#include "shared/error.h"
#include "shared/request.h"

/* Messages looked at for one answer. */
#define LOOKED_MAX 1000000

struct lookup {
	struct archive_search *search;
	struct arena *arena;	/* of a part's texts */
	size_t limit, told;
	int64_t last;		/* the serial of the last that was told */
};

static void
fini(struct call *call)
{
	struct lookup *lookup = call->state;

	archive_search_free(&lookup->search);
	arena_free(&lookup->arena);
}

static void
tell(struct call *call, const struct archive_row *row)
{
	struct lookup *lookup = call->state;
	struct arena *arena = lookup->arena;
	bool encrypted = (row->mark.flags & ARCHIVE_ENCRYPTED) != 0;
	const char *cells[] = {
		record_sent(arena, row), record_from(arena, row),
		record_to(arena, row), record_type(row), row->subject,
		archive_texts_bodies(arena, row), encrypted ? "1" : "0",
		row->mark.uid, record_serial(arena, row),
		archive_about_name(row->relation), row->original,
		link_summary(arena, row), record_copies_line(arena, row),
	};

	call_row(call, cells);
	lookup->told++;
	lookup->last = row->mark.serial;
}

static void
say_count(struct call *call, size_t told)
{
	call_say(call, told == 1 ? "1 message." : "%zu messages.", told);
	call_end(call, NULL);
}

static void
say_more(struct call *call, const char *why, int64_t before)
{
	call_say(call, "%s: go on with --before %" PRId64 ".", why, before);
	call_end(call, NULL);
}

static void read_part(struct call *call);

static void
on_part(void *ctx, const struct archive_search_part *part,
	const struct error *err)
{
	struct call *call = ctx;
	struct lookup *lookup = call->state;
	size_t i;

	if (err != NULL || call_is_cancelled(call)) {
		call_end(call, err);
		return;
	}
	arena_reset(lookup->arena);
	for (i = 0; i < part->count && lookup->told < lookup->limit; i++)
		tell(call, &part->rows[i]);
	call_progress(call, part->seen, 0);
	if (i < part->count || (lookup->told == lookup->limit &&
				!part->complete))
		say_more(call, "There may be more", lookup->last);
	else if (part->complete)
		say_count(call, lookup->told);
	else if (part->seen >= LOOKED_MAX)
		say_more(call, "Enough was looked at", part->reached);
	else
		call_then(call, read_part);
}

static void
read_part(struct call *call)
{
	const struct lookup *lookup = call->state;

	archive_search_next(lookup->search, on_part, call);
}

int
lookup_run(struct call *call, void *ctx, struct error *err)
{
	struct archive_search_filter filter;
	struct lookup *lookup = arena_alloc(call->arena, sizeof(*lookup));

	(void)ctx;
	if (sieve_read(call, &filter, err) < 0 ||
	    sieve_read_before(call, &filter.before, err) < 0)
		return -1;
	filter.backward = true;
	if (archive_search_new(call->runtime->store, &filter, &lookup->search,
			       err) < 0)
		return -1;
	lookup->arena = arena_new();
	lookup->limit = call_uint(call, "limit");
	call->state = lookup;
	call->fini = fini;
	audit_call(call, read_part);
	return CALL_PARKED;
}
