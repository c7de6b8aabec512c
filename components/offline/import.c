#include "components/offline/import.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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
#include "shared/takeover.h"

static const struct spool *const spools[] = {
	&ejabberd_spool, &ejabberd_sql_spool, &prosody_spool,
	&prosody_sql_spool,
};

/* One at a time.  A page of records is read; they are judged one after the
   other, which may have to wait for their user's messages to be counted; and
   when the database has answered for all of them, the next page is read.  So
   their order is that of the spool, and nobody else waits for long. */
struct import {
	struct takeover takeover;
	struct offline *offline;
	struct entry_scope scope;
	size_t next;		/* the first record that is not judged */
	struct mailbox *counting;	/* whose messages are; held */
	size_t asked;		/* of the database, without an answer */
};

/* A record of the page, while the database is asked. */
struct asking {
	struct import *import;
	const struct spool_record *record;
	struct mailbox *mailbox;	/* held; or NULL */
	struct entry entry;
};

static void judge_all(struct import *import);

static void
fini(struct call *call)
{
	struct import *import = call->state;

	import->offline->import = NULL;
	takeover_fini(&import->takeover);
	free(import);
}

/* All records of the page may be judged and answered for. */
static void
check_page(struct import *import)
{
	if (import->next == import->takeover.page.count && import->asked == 0)
		takeover_end_page(&import->takeover);
}

static struct asking *
ask(struct import *import, const struct entry *entry,
    struct mailbox *mailbox)
{
	struct asking *asking = arena_alloc(import->takeover.page.arena,
					    sizeof(*asking));

	asking->import = import;
	asking->record = &import->takeover.page.records[import->next];
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
		asking->import->takeover.err = *err;
	asking->import->asked--;
}

/* What was there had been counted already, unless it was put there by the same
   request, which is done again. */
static void
count_known(struct import *import, const struct asking *asking,
	    const struct store_result *result)
{
	import->takeover.tally.known++;
	if (store_is_repeated(result))
		mailbox_doubt(asking->mailbox);
	else
		mailbox_subtract(asking->mailbox,
				 asking->entry.message.sender, 1);
}

static void
count_taken(struct import *import, struct mailbox *mailbox)
{
	import->takeover.tally.taken++;
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
		import->takeover.tally.known++;
	else if (err == NULL && import->takeover.dry)
		import->takeover.tally.taken++;
	else if (err == NULL)
		takeover_skip(&import->takeover, asking->record,
			      asking->entry.jid, "the user, or the sender "
			      "with this user, has as many as are allowed");
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
		import->takeover.err = *err;
		import->next = import->takeover.page.count;
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

	if (import->takeover.dry) {
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
	struct takeover *takeover = &import->takeover;
	const struct spool_record *record =
		&takeover->page.records[import->next];
	struct error err = { 0 };
	struct entry entry;
	int ret = entry_read(takeover->page.arena, record, &import->scope,
			     clock_now(), &entry, &err);

	if (ret == ENTRY_ELSEWHERE)
		return true;
	if (ret == 0)
		ret = check_host(import, &entry, &err);
	if (ret == 0 && !judge_entry(import, &entry))
		return false;
	takeover->tally.read++;
	if (ret < 0)
		takeover_skip(takeover, record, entry.jid, err.text);
	return true;
}

static void
judge_all(struct import *import)
{
	while (import->next < import->takeover.page.count) {
		if (!judge(import))
			return;
		import->next++;
	}
	check_page(import);
}

static void
take(struct takeover *takeover)
{
	struct import *import = takeover->call->state;

	import->next = 0;
	judge_all(import);
}

static const struct spool *
find_spool(const char *name)
{
	for (size_t i = 0; i < sizeof(spools) / sizeof(spools[0]); i++)
		if (strcmp(spools[i]->name, name) == 0)
			return spools[i];
	return NULL;
}

int
import_run(struct call *call, void *ctx, struct error *err)
{
	struct offline *offline = ctx;
	struct entry_scope scope;
	struct import *import;

	if (offline->import != NULL)
		return error_set(err, ERROR_CONFLICT,
				 "another import is under way");
	if (takeover_scope(call, &scope.from, &scope.host, err) < 0)
		return -1;
	import = calloc(1, sizeof(*import));
	ensure(import != NULL);
	import->offline = offline;
	import->scope = scope;
	import->takeover.dry = call_bool(call, "dry-run");
	import->takeover.take = take;
	offline->import = import;
	call->state = import;
	call->fini = fini;
	if (takeover_open(&import->takeover, call,
			  find_spool(call_text(call, "source")), SPOOL_OFFLINE,
			  err) < 0)
		return -1;
	call_then(call, takeover_begin);
	return CALL_PARKED;
}
