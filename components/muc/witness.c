#include "components/muc/witness.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "components/muc/chronicle.h"
#include "components/muc/chronicle_address.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/room.h"
#include "shared/archive_event.h"
#include "shared/archive_profile.h"
#include "shared/arena.h"
#include "shared/component.h"
#include "shared/error.h"

/* Whether it can be wanted, before anything is made for it. */
static bool
is_wanted(const struct room *room, enum archive_event_kind kind)
{
	const struct muc *muc = room->muc;

	return muc->chronicle != NULL &&
	       archive_profile_knows(muc->settings->events, kind);
}

/* Takes detail. */
static void
note(const struct room *room, struct archive_event *event, json_t *detail)
{
	const struct muc *muc = room->muc;
	struct arena *arena = arena_new();

	event->recipient = chronicle_address(room, arena);
	event->detail = archive_event_detail(arena, detail);
	if (event->sender == NULL)
		event->sender = muc->runtime->domain;
	if (event->resource == NULL)
		event->resource = "";
	if (archive_profile_wants(muc->settings->events, muc->groups, event))
		chronicle_note(muc->chronicle, event);
	arena_free(&arena);
}

/* Of a client: what stands behind the bare address. */
static const char *
resource_of(const struct session *session)
{
	const char *slash = session->jid + strlen(session->occupant->jid);

	return *slash == '/' ? slash + 1 : "";
}

static void
note_of_client(const struct session *session, enum archive_event_kind kind)
{
	const struct occupant *who = session->occupant;
	struct archive_event event = {
		.kind = kind, .sender = who->jid,
		.resource = resource_of(session),
	};

	if (is_wanted(who->room, kind))
		note(who->room, &event, json_pack("{s:s}", "nick", who->nick));
}

void
witness_joined(const struct session *session)
{
	note_of_client(session, ARCHIVE_EVENT_JOIN);
}

void
witness_left(const struct session *session)
{
	note_of_client(session, ARCHIVE_EVENT_LEAVE);
}

/* The code says why: a kick, a ban, or that he is no member. */
void
witness_removed(const struct occupant *who, const char *by,
		const struct notice *notice)
{
	struct archive_event event = {
		.kind = ARCHIVE_EVENT_KICK, .sender = by, .about = who->jid,
	};

	if (is_wanted(who->room, event.kind))
		note(who->room, &event, json_pack(
			"{s:s, s:i, s:s*}", "nick", who->nick,
			"status", (int)notice->codes[0],
			"reason", notice->reason));
}

void
witness_invited(const struct occupant *who, const char *invitee,
		const char *reason)
{
	struct archive_event event = {
		.kind = ARCHIVE_EVENT_INVITATION, .sender = who->jid,
		.about = invitee,
	};

	if (is_wanted(who->room, event.kind))
		note(who->room, &event,
		     json_pack("{s:s*}", "reason", reason));
}

void
witness_created(const struct room *room, const char *by)
{
	struct archive_event event = {
		.kind = ARCHIVE_EVENT_CREATION, .sender = by,
	};

	if (is_wanted(room, event.kind))
		note(room, &event, NULL);
}

static void
set_change(void *ctx, const char *name, const char *value)
{
	json_t *changes = ctx;

	json_object_set_new(changes, name, value == NULL ? json_null() :
						   json_string(value));
}

void
witness_configured(const struct room *room, const char *by,
		   const struct options *was)
{
	struct archive_event event = {
		.kind = ARCHIVE_EVENT_CONFIGURATION, .sender = by,
	};
	json_t *changes;

	if (!is_wanted(room, event.kind) || options_equal(was, &room->options))
		return;
	ensure((changes = json_object()) != NULL);
	options_differ(was, &room->options, set_change, changes);
	note(room, &event, changes);
}

void
witness_affiliated(const struct room *room, const char *by, const char *whom,
		   enum affiliation was, enum affiliation is)
{
	struct archive_event event = {
		.kind = ARCHIVE_EVENT_AFFILIATION, .sender = by,
		.about = whom,
	};

	if (was != is && is_wanted(room, event.kind))
		note(room, &event, json_pack("{s:s, s:s}",
					     "was", affiliation_name(was),
					     "is", affiliation_name(is)));
}

void
witness_destroyed(const struct room *room, const char *by, const char *reason)
{
	struct archive_event event = {
		.kind = ARCHIVE_EVENT_DESTRUCTION, .sender = by,
	};

	if (is_wanted(room, event.kind))
		note(room, &event, json_pack("{s:s*}", "reason", reason));
}
