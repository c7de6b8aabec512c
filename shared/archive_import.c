#include "shared/archive_import.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "shared/archive_row.h"
#include "shared/archive_write.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/causes.h"
#include "shared/clock.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/str.h"

#define DAY (24 * 3600LL * CLOCK_SECOND)
/* The year 1999, when there was no XMPP yet. */
#define EARLIEST (915148800LL * CLOCK_SECOND)

/* Whose ids are remembered: of many users in turn, few at a time. */
#define ADDRESSES 10000

const char *const archive_import_sources[] = { "ejabberd", "prosody", NULL };

/* What they have, as files and in a database. */
static const struct spool *const spools[][2] = {
	{ &ejabberd_spool, &ejabberd_sql_spool },
	{ &prosody_spool, &prosody_sql_spool },
};

/* A page of records is read; it is looked up which of them are here; the others
   are written; and when the database has them, the next page is read.  So
   nobody else waits for long. */
struct import {
	struct call *call;
	struct archive_import_plan plan;
	const struct spool *spool;
	void *source;		/* the spool's own */
	struct archive_write *write;
	struct spool_page page;
	bool reading;		/* the page: the source may be silent */
	/* Those of the page that can be taken, and their records. */
	struct archive_shelving shelving;
	const struct spool_record *records[ARCHIVE_SHELVING_MAX];
	/* Those of them that are written, by their places. */
	size_t places[ARCHIVE_SHELVING_MAX];
	struct archive_row rows[ARCHIVE_SHELVING_MAX];
	size_t count;
	bool alone;		/* each by itself, as one is refused */
	size_t next, refused;	/* then: which one, and how many were */
	struct error err;	/* why it has to end after this page */
	struct archive_import_tally tally;
	struct causes causes;
};

static void read_page(struct call *call);

static void
skip(struct import *import, const struct spool_record *record,
     const char *owner, const char *reason)
{
	const char *cells[] = { owner, record->place, reason };

	/* Where it was, if not whose it is now. */
	if (owner == NULL && record->user != NULL && record->host != NULL)
		cells[0] = arena_printf(import->page.arena, "%s@%s",
					record->user, record->host);
	import->tally.skipped++;
	causes_add(&import->causes, reason);
	call_row(import->call, cells);
}

static void
fini(struct call *call)
{
	struct import *import = call->state;

	import->plan.free(import->plan.ctx);
	if (import->source != NULL)
		import->spool->close(import->source);
	archive_write_free(&import->write);
	causes_fini(&import->causes);
	arena_free(&import->page.arena);
	free(import);
}

static void
say_causes(struct call *call, const struct causes *causes)
{
	for (size_t i = 0; i < causes->count; i++)
		call_say(call, "%" PRIu64 " skipped: %s",
			 causes->causes[i].times, causes->causes[i].text);
	if (causes->others > 0)
		call_say(call, "%" PRIu64 " skipped for other reasons",
			 causes->others);
}

static void
end(struct import *import)
{
	struct archive_import_tally *tally = &import->tally;
	const char *verb = import->plan.dry ? "would be taken" : "taken";

	call_say(import->call, "%" PRIu64 " messages read: %" PRIu64 " %s, %"
		 PRIu64 " taken before, %" PRIu64 " skipped", tally->read,
		 tally->taken, verb, tally->known, tally->skipped);
	say_causes(import->call, &import->causes);
	log_info("%s: import of %s: %" PRIu64 " read, %" PRIu64 " %s, %"
		 PRIu64 " taken before, %" PRIu64 " skipped",
		 import->call->component->name, import->spool->name,
		 tally->read, tally->taken, verb, tally->known,
		 tally->skipped);
	tally->whole = import->err.cond == ERROR_NONE;
	if (import->plan.report != NULL)
		import->plan.report(import->plan.ctx, import->call, tally);
	call_end(import->call, import->err.cond == ERROR_NONE ? NULL :
		 &import->err);
}

static void
end_page(struct import *import)
{
	bool is_over = import->page.last || import->err.cond != ERROR_NONE;

	call_progress(import->call, import->page.done, import->page.total);
	if (is_over && !call_is_cancelled(import->call))
		end(import);
	else
		call_then(import->call, read_page);
}

static void write_rows(struct import *import);

static void
on_refused(struct import *import, const struct error *err)
{
	size_t place = import->places[import->next];

	if (!import->alone && import->count > 1) {
		import->alone = true;
		write_rows(import);
		return;
	}
	skip(import, import->records[place],
	     import->shelving.items[place].owner,
	     "the database refuses it: the log says why");
	import->next++;
	if (++import->refused == import->count && import->count > 1) {
		import->err = *err;
		end_page(import);
	} else {
		write_rows(import);
	}
}

static void
on_written(void *ctx, const struct error *err)
{
	struct import *import = ctx;
	size_t count = import->alone ? 1 : import->count;

	if (err == NULL) {
		import->tally.taken += count;
		import->next += count;
		write_rows(import);
	} else if (err->cond == ERROR_INTERNAL_SERVER_ERROR) {
		on_refused(import, err);
	} else {
		import->err = *err;
		end_page(import);
	}
}

/* Those that are left. */
static void
write_rows(struct import *import)
{
	size_t count = import->alone ? 1 : import->count;

	if (import->next == import->count)
		end_page(import);
	else
		archive_write_rows(import->write, &import->rows[import->next],
				   count, on_written, import);
}

static void
take_item(struct import *import, size_t place)
{
	const struct archive_shelving_item *item =
		&import->shelving.items[place];

	if (item->state == ARCHIVE_SHELVING_KNOWN) {
		import->tally.known++;
	} else if (item->state == ARCHIVE_SHELVING_CROWDED) {
		skip(import, import->records[place], item->owner,
		     "too many were sent at the same time");
	} else if (import->plan.dry) {
		import->tally.taken++;
	} else {
		import->places[import->count] = place;
		import->rows[import->count++] = item->row;
	}
}

static void
on_shelved(void *ctx, const struct error *err)
{
	struct import *import = ctx;

	if (err != NULL) {
		import->err = *err;
		end_page(import);
		return;
	}
	import->count = import->next = import->refused = 0;
	import->alone = false;
	for (size_t i = 0; i < import->shelving.count; i++)
		take_item(import, i);
	write_rows(import);
}

static void
take_record(struct import *import, const struct spool_record *record)
{
	struct archive_shelving *shelving = &import->shelving;
	struct archive_shelving_item *item =
		&shelving->items[shelving->count];
	struct error err = { 0 };
	int ret;

	item->owner = NULL;
	ret = import->plan.read(import->plan.ctx, import->page.arena, record,
				item, &err);
	if (ret == ARCHIVE_IMPORT_ELSEWHERE)
		return;
	import->tally.read++;
	if (ret < 0)
		skip(import, record, item->owner, err.text);
	else
		import->records[shelving->count++] = record;
}

static void
on_prepared(void *ctx, const struct error *err)
{
	struct import *import = ctx;

	import->shelving.count = 0;
	for (size_t i = 0; err == NULL && i < import->page.count; i++)
		take_record(import, &import->page.records[i]);
	if (err != NULL)
		import->err = *err;
	if (import->shelving.count == 0)
		end_page(import);
	else
		archive_shelving_find(import->call->runtime->store,
				      import->page.arena, &import->shelving,
				      on_shelved, import);
}

static void
on_page(void *ctx, const struct error *err)
{
	struct import *import = ctx;

	import->reading = false;
	if (err != NULL)
		import->err = *err;
	if (import->plan.prepare != NULL)
		import->plan.prepare(import->plan.ctx, &import->page,
				     on_prepared, import);
	else
		on_prepared(import, NULL);
}

static void
read_page(struct call *call)
{
	struct import *import = call->state;
	struct spool_page *page = &import->page;

	arena_reset(page->arena);
	page->count = 0;
	page->began_ns = uv_hrtime();
	import->reading = true;
	import->spool->read(import->source, page, on_page, import);
}

/* Our own database is waited for: what it takes is counted. */
static void
cancel(struct call *call)
{
	struct import *import = call->state;

	log_info("%s: import of %s: cancelled", call->component->name,
		 import->spool->name);
	if (!import->reading)
		return;
	import->reading = false;
	import->spool->close(import->source);
	import->source = NULL;
	call_then(call, read_page);
}

/* A database is named by a URL. */
static const struct spool *
find_spool(const char *name, const char *place)
{
	bool is_url = place[strcspn(place, "/:")] == ':';
	size_t i = 0;

	while (!str_same(archive_import_sources[i], name))
		i++;
	return spools[i][is_url];
}

int
archive_import_new(struct call *call, const struct archive_import_plan *plan,
		   struct error *err)
{
	const char *place = call_text(call, "place");
	struct import *import = calloc(1, sizeof(*import));

	ensure(import != NULL);
	import->call = call;
	import->plan = *plan;
	import->spool = find_spool(call_text(call, "source"), place);
	import->page.arena = arena_new();
	import->write = archive_write_new(call->runtime->store, ADDRESSES);
	call->state = import;
	call->fini = fini;
	if (import->spool->open(call->runtime, place, plan->content,
				&import->source, err) < 0)
		return -1;
	call->cancel = cancel;
	return 0;
}

void
archive_import_begin(struct call *call)
{
	read_page(call);
}

int
archive_import_check(const struct spool_record *record, int64_t now,
		     struct error *err)
{
	if (record->stamp < EARLIEST || record->stamp >= now + DAY)
		return error_set(err, ERROR_BAD_REQUEST,
				 "when it was sent is not known");
	if (!archive_shelving_takes(record->key))
		return error_set(err, ERROR_BAD_REQUEST,
				 "it has no id that an archive may have");
	return 0;
}

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
archive_import_scope(const struct call *call, const char **from_r,
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
