#include "components/archive/intake/tap.h"

#include <inttypes.h>
#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/intake/disclosure.h"
#include "components/archive/intake/intake.h"
#include "components/archive/intake/removals.h"
#include "components/archive/keep/evidence.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/str.h"

static const unsigned ways[] = {
	[HOOK_DIR_OUT] = ARCHIVE_SENT,
	[HOOK_DIR_IN] = ARCHIVE_RECEIVED,
	[HOOK_DIR_BOTH] = ARCHIVE_SENT | ARCHIVE_RECEIVED,
	[HOOK_DIR_SHOWN] = ARCHIVE_SHOWN,
};

static const unsigned flags[] = {
	[HOOK_ORIGIN_LOCAL] = 0,
	[HOOK_ORIGIN_REMOTE] = ARCHIVE_REMOTE,
	[HOOK_ORIGIN_COMPONENT] = ARCHIVE_COMPONENT,
};

/* The shim's id; where it gives none, one that is the same when the copy comes
   again.  No shim makes one with blanks. */
static const char *
find_uid(const struct hook_event *event)
{
	const struct hook_host *host = event->host;

	if (*event->id != '\0' && strlen(event->id) <= ARCHIVE_UID_MAX)
		return event->id;
	return arena_printf(event->req->arena, "%.100s %.100s %" PRIu64,
			    host->domain, host->epoch, event->seq);
}

static struct archive_mark
make_mark(struct archive *archive, const struct hook_event *event)
{
	int64_t now = clock_now();

	return (struct archive_mark){
		.serial = serial_next(&archive->serial, now),
		.stamp = event->stamp > 0 ? event->stamp : now,
		.uid = find_uid(event),
		.ways = evidence_ways(archive, &event->stanza,
				      ways[event->dir], event->cut),
		/* The origin of what is shown is who showed it. */
		.flags = (event->dir == HOOK_DIR_SHOWN ? ARCHIVE_NO_ORIGIN :
			  flags[event->origin]) |
			 (event->cut ? ARCHIVE_REST_LOST : 0),
	};
}

static bool
is_removal(const struct hook_event *event)
{
	return event->dir == HOOK_DIR_REMOVED && !event->unclear;
}

/* Adds what goes into the journal.  Returns false when there is nothing. */
static bool
print(struct archive *archive, const struct hook_event *event,
      struct str *text)
{
	const struct stanza *message = &event->stanza;
	struct archive_mark mark;
	struct archive_row row;
	struct error err;

	if (is_removal(event)) {
		removals_print(archive, event->who->bare, find_uid(event),
			       text);
		return true;
	}
	/* The log has why. */
	if (message->el == NULL) {
		archive_add(archive, ARCHIVE_COUNT_REFUSED, 1);
		return false;
	}
	mark = make_mark(archive, event);
	if (message->kind == STANZA_MESSAGE && mark.ways == 0) {
		archive_add(archive, ARCHIVE_COUNT_PASSED, 1);
		return false;
	}
	if (evidence_row(event->req->arena, message, &mark, &row, &err) < 0) {
		log_warning("archive: a message from %s is not kept: %s",
			    message->from == NULL ? "nobody" :
			    message->from->bare, err.text);
		archive_add(archive, ARCHIVE_COUNT_REFUSED, 1);
		return false;
	}
	if (row.mark.flags & ARCHIVE_REST_LOST)
		metric_add(archive->cut, 1);
	archive_row_print(text, &row);
	return true;
}

static void
count_lost(struct archive *archive, const struct hook_event *event)
{
	if (event->lost == 0 ||
	    !intake_loses(archive->intake, event->host, event->seq))
		return;
	log_error("archive: the router lost %" PRIu64 " copies of messages "
		  "of %s", event->lost, event->host->domain);
	archive_add(archive, ARCHIVE_COUNT_LOST, event->lost);
}

int
tap_on_tap(struct hook_event *event, void *ctx, struct error *err)
{
	struct archive *archive = ctx;
	struct str text = { 0 };

	(void)err;
	if (!intake_wants(archive->intake, event->host, event->seq))
		return 0;
	count_lost(archive, event);
	disclosure_take(archive, event);
	intake_take(archive->intake, event->host, event->seq,
		    print(archive, event, &text) ? text.data : NULL);
	if (is_removal(event))
		removals_add(archive->removals, event->who->bare);
	str_fini(&text);
	return 0;
}
