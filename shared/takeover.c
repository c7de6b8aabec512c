#include "shared/takeover.h"

#include <inttypes.h>
#include <stddef.h>
#include <uv.h>

#include "shared/arena.h"
#include "shared/call.h"
#include "shared/component.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/str.h"

static const char *
domain_of(const struct call *call, const char *field)
{
	const struct jid *jid = call_jid(call, field);

	return jid == NULL ? NULL : jid->domain;
}

static int
check_domain(const struct call *call, const char *field, struct error *err)
{
	const struct jid *jid = call_jid(call, field);

	return jid == NULL || str_same(jid->full, jid->domain) ? 0 :
	       error_set(err, ERROR_BAD_REQUEST, "%s: a host is wanted",
			 field);
}

/* Without a host that they are of, all would become those of one. */
int
takeover_scope(const struct call *call, const char **from_r,
	       const char **host_r, struct error *err)
{
	if (check_domain(call, "from", err) < 0 ||
	    check_domain(call, "host", err) < 0)
		return -1;
	*host_r = domain_of(call, "host");
	*from_r = domain_of(call, "from");
	if (*from_r == NULL)
		*from_r = *host_r;
	return 0;
}

void
takeover_skip(struct takeover *takeover, const struct spool_record *record,
	      const char *owner, const char *reason)
{
	const char *cells[] = { owner, record->place, reason };

	/* Where it was, if not whose it is now. */
	if (owner == NULL && record->user != NULL && record->host != NULL)
		cells[0] = arena_printf(takeover->page.arena, "%s@%s",
					record->user, record->host);
	takeover->tally.skipped++;
	call_row(takeover->call, cells);
}

static void
end(struct takeover *takeover)
{
	struct takeover_tally *tally = &takeover->tally;
	struct call *call = takeover->call;
	const char *verb = takeover->dry ? "would be taken" : "taken";

	call_say(call, "%" PRIu64 " messages read: %" PRIu64 " %s, %" PRIu64
		 " taken before, %" PRIu64 " skipped", tally->read,
		 tally->taken, verb, tally->known, tally->skipped);
	log_info("%s: import of %s: %" PRIu64 " read, %" PRIu64 " %s, %"
		 PRIu64 " taken before, %" PRIu64 " skipped",
		 call->component->name, takeover->spool->name, tally->read,
		 tally->taken, verb, tally->known, tally->skipped);
	tally->whole = takeover->err.cond == ERROR_NONE;
	if (takeover->report != NULL)
		takeover->report(takeover);
	call_end(call, tally->whole ? NULL : &takeover->err);
}

void
takeover_end_page(struct takeover *takeover)
{
	const struct spool_page *page = &takeover->page;
	bool is_over = page->last || takeover->err.cond != ERROR_NONE;

	call_progress(takeover->call, page->done, page->total);
	if (is_over && !call_is_cancelled(takeover->call))
		end(takeover);
	else
		call_then(takeover->call, takeover_begin);
}

static void
on_page(void *ctx, const struct error *err)
{
	struct takeover *takeover = ctx;

	takeover->reading = false;
	if (err != NULL)
		takeover->err = *err;
	takeover->take(takeover);
}

void
takeover_begin(struct call *call)
{
	struct takeover *takeover = call->state;
	struct spool_page *page = &takeover->page;

	arena_reset(page->arena);
	page->count = 0;
	page->began_ns = uv_hrtime();
	takeover->reading = true;
	takeover->spool->read(takeover->source, page, on_page, takeover);
}

/* Our own database is waited for: what it takes is counted. */
static void
cancel(struct call *call)
{
	struct takeover *takeover = call->state;

	log_info("%s: import of %s: cancelled", call->component->name,
		 takeover->spool->name);
	if (!takeover->reading)
		return;
	takeover->reading = false;
	takeover->spool->close(takeover->source);
	takeover->source = NULL;
	call_then(call, takeover_begin);
}

int
takeover_open(struct takeover *takeover, struct call *call,
	      const struct spool *spool, enum spool_content content,
	      struct error *err)
{
	takeover->call = call;
	takeover->spool = spool;
	takeover->page.arena = arena_new();
	if (spool->open(call->runtime, call_text(call, "place"), content,
			&takeover->source, err) < 0)
		return -1;
	call->cancel = cancel;
	return 0;
}

void
takeover_fini(struct takeover *takeover)
{
	if (takeover->source != NULL)
		takeover->spool->close(takeover->source);
	arena_free(&takeover->page.arena);
}
