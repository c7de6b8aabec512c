#include "components/archive/diary.h"

#include <stdbool.h>
#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/court.h"
#include "components/archive/occasion.h"
#include "components/archive/tap.h"
#include "shared/archive_profile.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/journal.h"
#include "shared/log.h"
#include "shared/metric.h"
#include "shared/ns.h"
#include "shared/query.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

/* What a hook's event is the cause of. */
struct note {
	struct archive *archive;
	const struct hook_event *cause;
	unsigned count;
};

static const enum archive_event_kind kinds[] = {
	ARCHIVE_EVENT_INVITATION, ARCHIVE_EVENT_SUBSCRIPTION,
	ARCHIVE_EVENT_FILE, ARCHIVE_EVENT_PRESENCE, ARCHIVE_EVENT_NONE,
};

int
diary_check(const struct archive_settings *settings,
	    const struct groups *groups, struct error *err)
{
	return archive_profile_check(settings->events, groups, kinds, err);
}

static struct metric *
add_metric(struct archive *archive, const char *outcome)
{
	return metric_counter(archive->runtime->metrics,
			      "annex_archive_events_total", outcome,
			      "Events for the archive, by what became of "
			      "them.");
}

void
diary_add_metrics(struct archive *archive)
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
make_uid(struct note *note, enum archive_event_kind kind)
{
	struct arena *arena = note->cause->req->arena;
	char *id;

	if (*note->cause->id != '\0')
		return arena_printf(arena, "%.200s %s %u", note->cause->id,
				    archive_event_name(kind), note->count++);
	id = arena_alloc(arena, QUERY_ID_SIZE);
	query_make_id(id);
	return id;
}

static void
put(struct note *note, const struct archive_event *found)
{
	struct archive *archive = note->archive;
	struct archive_event event = *found;
	int64_t now = clock_now(), stamp = note->cause->stamp;
	struct str text = { 0 };
	struct archive_row row;

	event.mark = (struct archive_mark){
		.serial = serial_next(&archive->serial, now),
		.stamp = stamp > 0 ? stamp : now,
		.uid = make_uid(note, event.kind),
	};
	row = archive_event_row(&event);
	archive_row_print(&text, &row);
	journal_put(archive->journal, text.data, on_put, archive);
	str_fini(&text);
}

/* What a room sends for one of this router's users was told when he asked it
   to. */
static bool
is_told_before(const struct note *note, const struct archive_event *event)
{
	const char *at = strchr(event->sender, '@');

	return event->kind == ARCHIVE_EVENT_INVITATION && at != NULL &&
	       !str_same(event->sender, note->cause->stanza.from->bare) &&
	       hook_find(note->archive->runtime->hook, at + 1) != NULL;
}

static void
take(void *ctx, const struct archive_event *event)
{
	struct note *note = ctx;
	const struct archive *archive = note->archive;

	if (archive_profile_wants(archive->settings->events, archive->groups,
				  event) &&
	    !is_told_before(note, event))
		put(note, event);
}

/* Stopping, or nobody wants any: then nothing is looked at. */
static bool
is_kept(const struct archive *archive)
{
	return archive->journal != NULL &&
	       archive->settings->events[0].title != NULL;
}

static void
look(struct archive *archive, const struct hook_event *cause)
{
	struct note note = { .archive = archive, .cause = cause };

	if (is_kept(archive) && cause->stanza.el != NULL)
		occasion_find(cause->req->arena, &cause->stanza, take, &note);
}

int
diary_on_tap(struct hook_event *event, void *ctx, struct error *err)
{
	if (event->stanza.kind == STANZA_MESSAGE &&
	    event->dir != HOOK_DIR_SHOWN)
		look(ctx, event);
	return tap_on_tap(event, ctx, err);
}

/* Messages come as copies as well, once they were allowed. */
int
diary_on_check(struct hook_event *event, void *ctx, struct error *err)
{
	if (event->stanza.kind != STANZA_MESSAGE)
		look(ctx, event);
	return court_on_check(event, ctx, err);
}

static json_t *
describe(const struct hook_event *event)
{
	struct arena *arena = event->req->arena;
	const struct xml *presence = event->stanza.el;
	const char *show;

	if (event->kind == HOOK_ON_OFFLINE)
		return json_pack("{s:s}", "show", "unavailable");
	show = xml_child_text(arena, presence, NS_CLIENT, "show");
	return json_pack("{s:s, s:s*}",
			 "show", show != NULL ? show : "available", "status",
			 xml_child_text(arena, presence, NS_CLIENT, "status"));
}

/* What is known at a hello was told before. */
int
diary_on_presence(struct hook_event *cause, void *ctx, struct error *err)
{
	struct note note = { .archive = ctx, .cause = cause };
	struct archive_event event = {
		.kind = ARCHIVE_EVENT_PRESENCE, .sender = cause->who->bare,
		.resource = cause->who->resource,
		.recipient = cause->who->bare,
	};

	(void)err;
	if (cause->known || !is_kept(note.archive) ||
	    !archive_profile_wants(note.archive->settings->events,
				   note.archive->groups, &event))
		return 0;
	event.detail = archive_event_detail(cause->req->arena,
					    describe(cause));
	put(&note, &event);
	return 0;
}
