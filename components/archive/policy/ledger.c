#include "components/archive/policy/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/keep/evidence.h"
#include "components/archive/policy/held.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/journal.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

struct ledger_entry {
	ledger_fn *fn;		/* NULL: nobody wants to know */
	void *ctx;
};

/* Of what comes from outside a check does not say from where. */
static struct archive_mark
make_mark(struct archive *archive, const struct ledger_item *item,
	  const struct stanza *stanza)
{
	bool sent = item->point == HOOK_POINT_SEND;
	int64_t now = clock_now();

	return (struct archive_mark){
		.serial = serial_next(&archive->serial, now),
		.stamp = item->stamp > 0 ? item->stamp : now,
		.uid = item->id,
		.ways = evidence_ways(archive, stanza, sent ? ARCHIVE_SENT :
				      ARCHIVE_RECEIVED, false),
		.flags = sent ? 0 : ARCHIVE_NO_ORIGIN,
	};
}

static bool
print(struct archive *archive, const struct ledger_item *item,
      struct str *text)
{
	const struct stanza *stanza = item->stanza;
	struct archive_mark mark;
	struct archive_row row;
	struct error err;

	if (archive->journal == NULL || stanza->kind != STANZA_MESSAGE ||
	    *item->id == '\0' || strlen(item->id) > ARCHIVE_UID_MAX)
		return false;
	mark = make_mark(archive, item, stanza);
	if (mark.ways == 0)
		return false;
	if (evidence_row(item->arena, stanza, &mark, &row, &err) < 0) {
		log_warning("archive: a message from %s is not kept: %s",
			    stanza->from == NULL ? "nobody" :
			    stanza->from->bare, err.text);
		return false;
	}
	archive_row_print(text, &row);
	return true;
}

static void
on_put(void *ctx, const struct error *err)
{
	struct ledger_entry *entry = ctx;

	if (entry->fn != NULL)
		entry->fn(entry->ctx, err);
	free(entry);
}

struct ledger_entry *
ledger_put(struct archive *archive, const struct ledger_item *item,
	   ledger_fn *fn, void *ctx)
{
	struct ledger_entry *entry = NULL;
	struct str text = { 0 };

	if (print(archive, item, &text)) {
		ensure((entry = calloc(1, sizeof(*entry))) != NULL);
		entry->fn = fn;
		entry->ctx = ctx;
		journal_put(archive->journal, text.data, on_put, entry);
	}
	str_fini(&text);
	return entry;
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
ledger_put_held(struct archive *archive, struct arena *arena,
		const struct held *held, const struct stanza *stanza,
		ledger_fn *fn, void *ctx)
{
	struct stanza late = *stanza;
	const struct ledger_item item = {
		.arena = arena, .id = held->uid, .point = held->point,
		.stamp = held->stamp, .stanza = &late,
	};

	late.el = delay(arena, held, stanza->el);
	return ledger_put(archive, &item, fn, ctx);
}

void
ledger_forget(struct ledger_entry **entry)
{
	if (*entry != NULL)
		(*entry)->fn = NULL;
	*entry = NULL;
}
