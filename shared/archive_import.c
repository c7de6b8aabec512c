#include "shared/archive_import.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared/archive_row.h"
#include "shared/archive_write.h"
#include "shared/call.h"
#include "shared/causes.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/request.h"
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
	struct takeover takeover;
	struct archive_import_plan plan;
	struct archive_write *write;
	/* Those of the page that can be taken, and their records. */
	struct archive_shelving shelving;
	const struct spool_record *records[ARCHIVE_SHELVING_MAX];
	/* Those of them that are written, by their places. */
	size_t places[ARCHIVE_SHELVING_MAX];
	struct archive_row rows[ARCHIVE_SHELVING_MAX];
	size_t count;
	bool alone;		/* each by itself, as one is refused */
	size_t next, refused;	/* then: which one, and how many were */
	struct causes causes;
};

static void
skip(struct import *import, const struct spool_record *record,
     const char *owner, const char *reason)
{
	causes_add(&import->causes, reason);
	takeover_skip(&import->takeover, record, owner, reason);
}

static void
fini(struct call *call)
{
	struct import *import = call->state;

	import->plan.free(import->plan.ctx);
	takeover_fini(&import->takeover);
	archive_write_free(&import->write);
	causes_fini(&import->causes);
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
report(struct takeover *takeover)
{
	struct import *import = takeover->call->state;

	say_causes(takeover->call, &import->causes);
	if (import->plan.report != NULL)
		import->plan.report(import->plan.ctx, takeover->call,
				    &takeover->tally);
}

/* What was to be done with the page failed. */
static void
fail(struct import *import, const struct error *err)
{
	import->takeover.err = *err;
	takeover_end_page(&import->takeover);
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
	if (++import->refused == import->count && import->count > 1)
		fail(import, err);
	else
		write_rows(import);
}

static void
on_written(void *ctx, const struct error *err)
{
	struct import *import = ctx;
	size_t count = import->alone ? 1 : import->count;

	if (err == NULL) {
		import->takeover.tally.taken += count;
		import->next += count;
		write_rows(import);
	} else if (err->cond == ERROR_INTERNAL_SERVER_ERROR) {
		on_refused(import, err);
	} else {
		fail(import, err);
	}
}

/* Those that are left. */
static void
write_rows(struct import *import)
{
	size_t count = import->alone ? 1 : import->count;

	if (import->next == import->count)
		takeover_end_page(&import->takeover);
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
		import->takeover.tally.known++;
	} else if (item->state == ARCHIVE_SHELVING_CROWDED) {
		skip(import, import->records[place], item->owner,
		     "too many were sent at the same time");
	} else if (import->takeover.dry) {
		import->takeover.tally.taken++;
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
		fail(import, err);
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
	ret = import->plan.read(import->plan.ctx, import->takeover.page.arena,
				record, item, &err);
	if (ret == ARCHIVE_IMPORT_ELSEWHERE)
		return;
	import->takeover.tally.read++;
	if (ret < 0)
		skip(import, record, item->owner, err.text);
	else
		import->records[shelving->count++] = record;
}

static void
on_prepared(void *ctx, const struct error *err)
{
	struct import *import = ctx;
	struct takeover *takeover = &import->takeover;

	import->shelving.count = 0;
	for (size_t i = 0; err == NULL && i < takeover->page.count; i++)
		take_record(import, &takeover->page.records[i]);
	if (err != NULL)
		takeover->err = *err;
	if (import->shelving.count == 0)
		takeover_end_page(takeover);
	else
		archive_shelving_find(takeover->call->runtime->store,
				      takeover->page.arena, &import->shelving,
				      on_shelved, import);
}

static void
take(struct takeover *takeover)
{
	struct import *import = takeover->call->state;

	if (import->plan.prepare != NULL)
		import->plan.prepare(import->plan.ctx, &takeover->page,
				     on_prepared, import);
	else
		on_prepared(import, NULL);
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
	const struct spool *spool = find_spool(call_text(call, "source"),
					       call_text(call, "place"));
	struct import *import = calloc(1, sizeof(*import));

	ensure(import != NULL);
	import->plan = *plan;
	import->write = archive_write_new(call->runtime->store, ADDRESSES);
	import->takeover.dry = plan->dry;
	import->takeover.take = take;
	import->takeover.report = report;
	call->state = import;
	call->fini = fini;
	return takeover_open(&import->takeover, call, spool, plan->content,
			     err);
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
