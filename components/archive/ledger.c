#include "components/archive/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/compliance.h"
#include "shared/archive_row.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/journal.h"
#include "shared/log.h"
#include "shared/str.h"

struct ledger_entry {
	ledger_fn *fn;		/* NULL: nobody wants to know */
	void *ctx;
};

/* Who receives it from outside may be told more by its copy. */
static struct archive_mark
make_mark(struct archive *archive, const struct hook_event *event,
	  const struct stanza *stanza)
{
	int64_t now = clock_now();

	return (struct archive_mark){
		.serial = serial_next(&archive->serial, now),
		.stamp = event->stamp > 0 ? event->stamp : now,
		.uid = event->id,
		.ways = compliance_ways(archive->compliance, stanza,
			event->point == HOOK_POINT_SEND ? ARCHIVE_SENT :
							  ARCHIVE_RECEIVED,
			false),
	};
}

static bool
print(struct archive *archive, const struct hook_event *event,
      const struct stanza *stanza, struct str *text)
{
	struct archive_mark mark;
	struct archive_row row;
	struct error err;

	if (archive->journal == NULL || stanza->kind != STANZA_MESSAGE ||
	    *event->id == '\0' || strlen(event->id) > ARCHIVE_UID_MAX)
		return false;
	mark = make_mark(archive, event, stanza);
	if (mark.ways == 0)
		return false;
	if (archive_row_of(event->req->arena, stanza, &mark, &row,
			   &err) < 0) {
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
ledger_put(struct archive *archive, const struct hook_event *event,
	   const struct stanza *stanza, ledger_fn *fn, void *ctx)
{
	struct ledger_entry *entry = NULL;
	struct str text = { 0 };

	if (print(archive, event, stanza, &text)) {
		ensure((entry = calloc(1, sizeof(*entry))) != NULL);
		entry->fn = fn;
		entry->ctx = ctx;
		journal_put(archive->journal, text.data, on_put, entry);
	}
	str_fini(&text);
	return entry;
}

void
ledger_forget(struct ledger_entry **entry)
{
	if (*entry != NULL)
		(*entry)->fn = NULL;
	*entry = NULL;
}
