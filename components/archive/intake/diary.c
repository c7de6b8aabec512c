#include "components/archive/intake/diary.h"

#include <stdbool.h>
#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/intake/occasion.h"
#include "components/archive/intake/tap.h"
#include "components/archive/keep/note.h"
#include "components/archive/policy/court.h"
#include "shared/archive_profile.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/str.h"
#include "shared/xml.h"

/* A hook's event that may be the cause of others. */
struct look {
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

/* What a room sends for one of this router's users was told when he asked it
   to. */
static bool
is_told_before(const struct look *look, const struct archive_event *event)
{
	const char *at = strchr(event->sender, '@');

	return event->kind == ARCHIVE_EVENT_INVITATION && at != NULL &&
	       !str_same(event->sender, look->cause->stanza.from->bare) &&
	       hook_find(look->archive->runtime->hook, at + 1) != NULL;
}

static void
take(void *ctx, const struct archive_event *event)
{
	struct look *look = ctx;
	const struct archive *archive = look->archive;

	if (archive_profile_wants(archive->settings->events, archive->groups,
				  event) &&
	    !is_told_before(look, event))
		note_put(look->archive, look->cause, event, look->count++);
}

/* Stopping, or nobody wants any: then nothing is looked at. */
static bool
is_kept(const struct archive *archive)
{
	return archive->journal != NULL &&
	       archive->settings->events[0].title != NULL;
}

static void
look_at(struct archive *archive, const struct hook_event *cause)
{
	struct look look = { .archive = archive, .cause = cause };

	if (is_kept(archive) && cause->stanza.el != NULL)
		occasion_find(cause->req->arena, &cause->stanza, take, &look);
}

/* What is said in a room comes from there for each who is inside. */
static bool
is_echo(const struct hook_event *event)
{
	return event->dir == HOOK_DIR_SHOWN ||
	       (event->dir == HOOK_DIR_IN &&
		str_same(event->stanza.type, "groupchat"));
}

int
diary_on_tap(struct hook_event *event, void *ctx, struct error *err)
{
	if (event->stanza.kind == STANZA_MESSAGE && !is_echo(event))
		look_at(ctx, event);
	return tap_on_tap(event, ctx, err);
}

/* Messages come as copies as well, once they were allowed. */
int
diary_on_check(struct hook_event *event, void *ctx, struct error *err)
{
	if (event->stanza.kind != STANZA_MESSAGE)
		look_at(ctx, event);
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
	struct archive *archive = ctx;
	struct archive_event event = {
		.kind = ARCHIVE_EVENT_PRESENCE, .sender = cause->who->bare,
		.resource = cause->who->resource,
		.recipient = cause->who->bare,
	};

	(void)err;
	if (cause->known || !is_kept(archive) ||
	    !archive_profile_wants(archive->settings->events, archive->groups,
				   &event))
		return 0;
	event.detail = archive_event_detail(cause->req->arena,
					    describe(cause));
	note_put(archive, cause, &event, 0);
	return 0;
}
