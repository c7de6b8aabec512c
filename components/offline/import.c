#include "components/offline/import.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "components/offline/delivery.h"
#include "components/offline/entry.h"
#include "components/offline/letter.h"
#include "components/offline/mailbox.h"
#include "components/offline/offline.h"
#include "components/offline/shelf.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/spool.h"
#include "shared/str.h"

static const struct spool *const spools[] = {
	&ejabberd_spool, &ejabberd_sql_spool, &prosody_spool,
	&prosody_sql_spool,
};

/* What became of the records. */
struct tally {
	uint64_t read, taken, known, skipped;
};

/* One at a time.  A page of records is read; they are judged one after the
   other, which may have to wait for their user's messages to be counted; and
   when the database has answered for all of them, the next page is read.  So
   their order is that of the spool, and nobody else waits for long. */
struct import {
	struct call *call;
	struct offline *offline;
	const struct spool *spool;
	void *source;		/* the spool's own */
	struct entry_scope scope;
	bool dry;
	struct spool_page page;
	bool reading;		/* the page: the source may be silent */
	size_t next;		/* the first record that is not judged */
	struct mailbox *counting;	/* whose messages are; held */
	size_t asked;		/* of the database, without an answer */
	struct error err;	/* why it has to end after this page */
	struct tally tally;
};

/* A record of the page, while the database is asked. */
struct asking {
	struct import *import;
	const struct spool_record *record;
	struct mailbox *mailbox;	/* held; or NULL */
	struct entry entry;
};

static void read_page(struct call *call);
static void judge_all(struct import *import);

static void
skip(struct import *import, const struct spool_record *record,
     const char *jid, const char *reason)
{
	const char *cells[] = { jid, record->place, reason };

	/* Where it was, if not whose it is now. */
	if (jid == NULL && record->user != NULL && record->host != NULL)
		cells[0] = arena_printf(import->page.arena, "%s@%s",
					record->user, record->host);
	import->tally.skipped++;
	call_row(import->call, cells);
}

static void
fini(struct call *call)
{
	struct import *import = call->state;

	import->offline->import = NULL;
	if (import->source != NULL)
		import->spool->close(import->source);
	arena_free(&import->page.arena);
	free(import);
}

static void
end(struct import *import)
{
	const struct tally *tally = &import->tally;
	const char *verb = import->dry ? "would be taken" : "taken";

	call_say(import->call, "%" PRIu64 " messages read: %" PRIu64 " %s, %"
		 PRIu64 " taken before, %" PRIu64 " skipped", tally->read,
		 tally->taken, verb, tally->known, tally->skipped);
	log_info("offline: import of %s: %" PRIu64 " read, %" PRIu64 " %s, %"
		 PRIu64 " taken before, %" PRIu64 " skipped",
		 import->spool->name, tally->read, tally->taken, verb,
		 tally->known, tally->skipped);
	call_end(import->call, import->err.cond == ERROR_NONE ? NULL :
		 &import->err);
}

/* All records of the page are judged and answered for. */
static void
end_page(struct import *import)
{
	call_progress(import->call, import->page.done, import->page.total);
	if (import->page.last || import->err.cond != ERROR_NONE)
		end(import);
	else
		call_then(import->call, read_page);
}

/* The page may be at its end. */
static void
check_page(struct import *import)
{
	if (import->next == import->page.count && import->asked == 0)
		end_page(import);
}

static struct asking *
ask(struct import *import, const struct entry *entry,
    struct mailbox *mailbox)
{
	struct asking *asking = arena_alloc(import->page.arena,
					    sizeof(*asking));

	asking->import = import;
	asking->record = &import->page.records[import->next];
	asking->mailbox = mailbox;
	asking->entry = *entry;
	if (mailbox != NULL)
		mailbox_hold(mailbox);
	import->asked++;
	return asking;
}

static void
take_answer(struct asking *asking, const struct error *err)
{
	if (asking->mailbox != NULL)
		mailbox_release(asking->mailbox);
	if (err != NULL)
		asking->import->err = *err;
	asking->import->asked--;
}

/* What was there had been counted already, unless it was put there by the same
   request, which is done again. */
static void
count_known(struct import *import, const struct asking *asking,
	    const struct store_result *result)
{
	import->tally.known++;
	if (store_is_repeated(result))
		mailbox_doubt(asking->mailbox);
	else
		mailbox_subtract(asking->mailbox,
				 asking->entry.message.sender, 1);
}

static void
count_taken(struct import *import, struct mailbox *mailbox)
{
	import->tally.taken++;
	offline_count(import->offline, OFFLINE_IMPORTED, 1);
	/* The user may be there. */
	if (!import->offline->stopping)
		delivery_start(mailbox);
}

static void
on_put(void *ctx, const struct store_result *result, const struct error *err)
{
	struct asking *asking = ctx;
	struct import *import = asking->import;

	take_answer(asking, err);
	if (err != NULL)
		mailbox_doubt(asking->mailbox);
	else if (store_rows(result) == 0)
		count_known(import, asking, result);
	else
		count_taken(import, asking->mailbox);
	check_page(import);
}

static void
put(struct import *import, const struct entry *entry,
    struct mailbox *mailbox)
{
	struct asking *asking = ask(import, entry, mailbox);

	mailbox_add(mailbox, entry->message.sender, 1);
	shelf_import(import->offline->shelf, mailbox->jid,
		     clock_now(), &asking->entry.message, on_put, asking);
}

/* One that would be too much may be one that is there. */
static void
on_looked(void *ctx, const struct store_result *result,
	  const struct error *err)
{
	struct asking *asking = ctx;
	struct import *import = asking->import;

	take_answer(asking, err);
	if (err == NULL && store_rows(result) > 0)
		import->tally.known++;
	else if (err == NULL && import->dry)
		import->tally.taken++;
	else if (err == NULL)
		skip(import, asking->record, asking->entry.jid,
		     "the user, or the sender with this user, has as many as "
		     "are allowed");
	check_page(import);
}

static void
look(struct import *import, const struct entry *entry,
     struct mailbox *mailbox)
{
	struct asking *asking = ask(import, entry, mailbox);

	shelf_look_imported(import->offline->shelf, entry->jid,
			    asking->entry.message.id, on_looked, asking);
}

static void
on_counted(struct mailbox *mailbox, const struct error *err)
{
	struct import *import = mailbox->offline->import;

	if (import == NULL || import->counting != mailbox)
		return;
	import->counting = NULL;
	mailbox_release(mailbox);
	if (err != NULL) {
		import->err = *err;
		import->next = import->page.count;
	}
	judge_all(import);
}

/* Whether somebody's messages are delivered by us at all. */
static int
check_host(const struct import *import, const struct entry *entry,
	   struct error *err)
{
	const struct hook *hook = import->offline->runtime->hook;
	const char *domain = strrchr(entry->jid, '@') + 1, *named;
	const struct hook_host *host = hook_find(hook, domain);

	for (size_t n = 0; (named = hook_host_named(hook, n)) != NULL; n++)
		if (strcmp(named, domain) == 0)
			break;
	if (named == NULL)
		return error_set(err, ERROR_NOT_ALLOWED,
				 "messages of %s are not kept here", domain);
	if (!shelf_fits(entry->jid, &entry->message))
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "the addresses are too long");
	if (host != NULL && !letter_fits(entry->message.stanza, host))
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "too large to be delivered");
	return 0;
}

/* Returns false when its user's messages must be counted first. */
static bool
judge_entry(struct import *import, const struct entry *entry)
{
	struct mailbox *mailbox;
	const char *sender = entry->message.sender;
	unsigned keep;

	if (import->dry) {
		look(import, entry, NULL);
		return true;
	}
	mailbox = mailbox_use(import->offline, entry->jid);
	if (mailbox->state != MAILBOX_READY) {
		import->counting = mailbox;
		mailbox_hold(mailbox);
		mailbox_count(mailbox, on_counted);
		return false;
	}
	if (mailbox_is_full(mailbox, &sender, &keep))
		look(import, entry, mailbox);
	else
		put(import, entry, mailbox);
	return true;
}

/* The same. */
static bool
judge(struct import *import)
{
	const struct spool_record *record = &import->page.records[import->next];
	struct error err = { 0 };
	struct entry entry;
	int ret = entry_read(import->page.arena, record, &import->scope,
			     clock_now(), &entry, &err);

	if (ret == ENTRY_ELSEWHERE)
		return true;
	if (ret == 0)
		ret = check_host(import, &entry, &err);
	if (ret == 0 && !judge_entry(import, &entry))
		return false;
	import->tally.read++;
	if (ret < 0)
		skip(import, record, entry.jid, err.text);
	return true;
}

static void
judge_all(struct import *import)
{
	while (import->next < import->page.count) {
		if (!judge(import))
			return;
		import->next++;
	}
	check_page(import);
}

static void
on_page(void *ctx, const struct error *err)
{
	struct import *import = ctx;

	import->reading = false;
	if (err != NULL)
		import->err = *err;
	judge_all(import);
}

static void
read_page(struct call *call)
{
	struct import *import = call->state;
	struct spool_page *page = &import->page;

	arena_reset(page->arena);
	page->count = 0;
	page->began_ns = uv_hrtime();
	import->next = 0;
	import->reading = true;
	import->spool->read(import->source, page, on_page, import);
}

/* Our own database is waited for: what it takes is counted. */
static void
cancel(struct call *call)
{
	struct import *import = call->state;

	log_info("offline: import of %s: cancelled", import->spool->name);
	if (!import->reading)
		return;
	import->reading = false;
	import->spool->close(import->source);
	import->source = NULL;
	call_then(call, read_page);
}

static const struct spool *
find_spool(const char *name)
{
	for (size_t i = 0; i < sizeof(spools) / sizeof(spools[0]); i++)
		if (strcmp(spools[i]->name, name) == 0)
			return spools[i];
	return NULL;
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
static void
set_scope(const struct call *call, struct entry_scope *scope)
{
	scope->host = domain_of(call, "host");
	scope->from = domain_of(call, "from");
	if (scope->from == NULL)
		scope->from = scope->host;
}

int
import_run(struct call *call, void *ctx, struct error *err)
{
	struct offline *offline = ctx;
	struct import *import;

	if (offline->import != NULL)
		return error_set(err, ERROR_CONFLICT,
				 "another import is under way");
	if (check_domain(call, "from", err) < 0 ||
	    check_domain(call, "host", err) < 0)
		return -1;
	import = calloc(1, sizeof(*import));
	ensure(import != NULL);
	import->call = call;
	import->offline = offline;
	import->spool = find_spool(call_text(call, "source"));
	import->dry = call_bool(call, "dry-run");
	set_scope(call, &import->scope);
	import->page.arena = arena_new();
	offline->import = import;
	call->state = import;
	call->fini = fini;
	call->cancel = cancel;
	if (import->spool->open(offline->runtime, call_text(call, "place"),
				SPOOL_OFFLINE, &import->source, err) < 0)
		return -1;
	call_then(call, read_page);
	return CALL_PARKED;
}
