#include "components/archive/policy/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/keep/evidence.h"
#include "components/archive/policy/held.h"
#include "components/archive/policy/verdict.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/journal.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

struct ledger_entry {
	ledger_fn *fn;		/* NULL: nobody wants to know */
	void *ctx;
};

/* What goes into a room comes for no user, and no copy will be joined to it. */
static bool
is_copied(const struct ledger_item *item)
{
	const struct jid *to = item->stanza->to;

	return item->point == HOOK_POINT_SEND ||
	       (to != NULL && strcmp(to->domain, item->host) == 0);
}

/* Of what comes from outside a check does not say from where. */
static struct archive_mark
make_mark(struct archive *archive, const struct ledger_item *item)
{
	bool sent = item->point == HOOK_POINT_SEND;
	int64_t now = clock_now();

	return (struct archive_mark){
		.serial = serial_next(&archive->serial, now),
		.stamp = item->stamp > 0 ? item->stamp : now,
		.uid = item->id,
		.ways = evidence_ways(archive, item->stanza,
				      sent ? ARCHIVE_SENT : ARCHIVE_RECEIVED,
				      item->cut),
		.flags = (sent ? 0 : ARCHIVE_NO_ORIGIN) |
			 (item->cut ? ARCHIVE_REST_LOST : 0),
	};
}

/* Nothing where the archive does not keep it. */
static int
print(struct archive *archive, const struct ledger_item *item,
      struct str *text, struct error *err)
{
	struct archive_mark mark = make_mark(archive, item);
	struct archive_row row;

	if (mark.ways == 0 || !is_copied(item))
		return 0;
	if (evidence_row(item->arena, item->stanza, &mark, &row, err) < 0)
		return -1;
	archive_row_print(text, &row);
	return 0;
}

/* Whether it may be a message. */
static bool
is_wanted(const struct ledger_item *item)
{
	return item->stanza->el == NULL ||
	       item->stanza->kind == STANZA_MESSAGE;
}

static int
check(const struct archive *archive, const struct ledger_item *item,
      struct error *err)
{
	if (item->unclear || item->stanza->el == NULL)
		return error_set(err, ERROR_NOT_ACCEPTABLE,
				 "it was not understood");
	if (*item->id == '\0' || strlen(item->id) > ARCHIVE_UID_MAX)
		return error_set(err, ERROR_NOT_ACCEPTABLE,
				 "its id is none for the archive");
	if (archive->journal == NULL)
		return error_set(err, ERROR_SERVICE_UNAVAILABLE,
				 "the journal is closed");
	return 0;
}

static void
on_put(void *ctx, const struct error *err)
{
	struct ledger_entry *entry = ctx;

	if (entry->fn != NULL)
		entry->fn(entry->ctx, err);
	free(entry);
}

static struct ledger_entry *
put(struct archive *archive, const struct str *text, ledger_fn *fn, void *ctx)
{
	struct ledger_entry *entry = calloc(1, sizeof(*entry));

	ensure(entry != NULL);
	entry->fn = fn;
	entry->ctx = ctx;
	journal_put(archive->journal, text->data, on_put, entry);
	return entry;
}

int
ledger_put(struct archive *archive, const struct ledger_item *item,
	   struct ledger_entry **entry_r, struct error *err)
{
	struct str text = { 0 };

	*entry_r = NULL;
	if (!is_wanted(item))
		return 0;
	if (check(archive, item, err) < 0 ||
	    print(archive, item, &text, err) < 0)
		return -1;
	if (text.len > 0)
		*entry_r = put(archive, &text, item->fn, item->ctx);
	str_fini(&text);
	return 0;
}

/* As it will be tapped: the shim puts that in. */
static struct xml *
delay(struct arena *arena, const struct held *held, const struct xml *message)
{
	struct xml *late = xml_copy(arena, message);
	char stamp[CLOCK_TEXT_SIZE];
	struct xml *el = xml_add(arena, late, NS_DELAY, "delay");

	xml_set(arena, el, "from", held->host);
	xml_set(arena, el, "stamp", arena_strdup(
		arena, clock_print(held->stamp, stamp)));
	return late;
}

struct ledger_entry *
ledger_put_ending(struct archive *archive, const struct verdict_ending *ending,
		  ledger_fn *fn, void *ctx)
{
	struct ledger_entry *entry = NULL;
	struct str text = { 0 };

	if (archive->journal != NULL && ending->stanza->from != NULL) {
		verdict_print_ending(archive, ending, &text);
		entry = put(archive, &text, fn, ctx);
	}
	str_fini(&text);
	return entry;
}

static bool
is_for_room(const struct stanza *stanza)
{
	return stanza->kind == STANZA_MESSAGE &&
	       strcmp(stanza->type, "groupchat") == 0;
}

static int
put_late(struct archive *archive, const struct held *held,
	 const struct ledger_item *item, struct ledger_entry **entry_r,
	 struct error *err)
{
	struct stanza late = *item->stanza;
	struct ledger_item own = *item;

	late.el = delay(item->arena, held, late.el);
	own.stanza = &late;
	own.id = held->uid;
	own.host = held->host;
	own.point = held->point;
	own.stamp = held->stamp;
	return ledger_put(archive, &own, entry_r, err);
}

int
ledger_put_held(struct archive *archive, const struct held *held,
		const struct ledger_item *item,
		struct ledger_entry **entry_r, struct error *err)
{
	const struct verdict_ending ending = {
		.arena = item->arena, .held = held, .stanza = item->stanza,
		.word = "release",
	};

	*entry_r = NULL;
	if (is_for_room(item->stanza))
		*entry_r = ledger_put_ending(archive, &ending, item->fn,
					     item->ctx);
	else if (item->log_first)
		return put_late(archive, held, item, entry_r, err);
	return 0;
}

void
ledger_forget(struct ledger_entry **entry)
{
	if (*entry != NULL)
		(*entry)->fn = NULL;
	*entry = NULL;
}
