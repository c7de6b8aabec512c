#include "components/archive/keep/note.h"

#include "components/archive/archive.h"
#include "shared/archive_event.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook_event.h"
#include "shared/journal.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/query.h"
#include "shared/request.h"
#include "shared/str.h"

static struct metric *
add_metric(struct archive *archive, const char *outcome)
{
	return metric_counter(archive->runtime->metrics,
			      "annex_archive_events_total", outcome,
			      "Events for the archive, by what became of "
			      "them.");
}

void
note_add_metrics(struct archive *archive)
{
	archive->noted = add_metric(archive, "outcome=\"kept\"");
	archive->missed = add_metric(archive, "outcome=\"lost\"");
}

static void
on_put(void *ctx, const struct error *err)
{
	struct archive *archive = ctx;

	/* It has left. */
	if (archive->runtime == NULL)
		return;
	metric_add(err == NULL ? archive->noted : archive->missed, 1);
	if (err != NULL)
		log_warning("archive: an event is not recorded: %s",
			    error_reason(err));
}

/* All copies of a message give the same. */
static const char *
make_uid(const struct hook_event *cause, enum archive_event_kind kind,
	 unsigned number)
{
	struct arena *arena = cause->req->arena;
	char *id;

	if (*cause->id != '\0')
		return arena_printf(arena, "%.200s %s %u", cause->id,
				    archive_event_name(kind), number);
	id = arena_alloc(arena, QUERY_ID_SIZE);
	query_make_id(id);
	return id;
}

void
note_put(struct archive *archive, const struct hook_event *cause,
	 const struct archive_event *found, unsigned number)
{
	struct archive_event event = *found;
	int64_t now = clock_now();
	struct str text = { 0 };
	struct archive_row row;

	event.mark = (struct archive_mark){
		.serial = serial_next(&archive->serial, now),
		.stamp = cause->stamp > 0 ? cause->stamp : now,
		.uid = make_uid(cause, event.kind, number),
	};
	row = archive_event_row(&event);
	archive_row_print(&text, &row);
	journal_put(archive->journal, text.data, on_put, archive);
	str_fini(&text);
}
