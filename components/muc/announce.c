#include <string.h>

#include "components/muc/commands.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/talk.h"
#include "components/muc/target.h"
#include "components/muc/template.h"
#include "shared/arena.h"
#include "shared/call.h"
#include "shared/error.h"
#include "shared/query.h"
#include "shared/router.h"
#include "shared/stanza.h"
#include "shared/xml.h"

/* People told in one turn of the loop, about. */
#define STEP 1000

/* Which rooms are to be told, by address, as they may go meanwhile. */
struct announcement {
	const char **jids;
	size_t count, next;
	size_t people, rooms;	/* that were told */
};

/* Freed by template_fini(). */
static void
compose(struct template *template, struct call *call, const char *room)
{
	struct arena *arena = arena_new();
	struct xml *message = stanza_new(arena, "message", room, NULL,
					 "groupchat");
	char id[QUERY_ID_SIZE];

	query_make_id(id);
	xml_set(arena, message, "id", id);
	xml_add_text(arena, message, NULL, "body", call_text(call, "text"));
	template_init(template, message);
	arena_free(&arena);
}

/* Whether what is said fits into a message from that room. */
static int
check_size(struct call *call, const char *room, struct error *err)
{
	struct template template;
	struct router_template view;
	bool fits;

	compose(&template, call, room);
	view = template_view(&template);
	fits = router_fits(call->runtime->router, &view);
	template_fini(&template);
	return fits ? 0 : talk_too_large(err);
}

static int
tell(struct call *call, const struct room *room, struct error *err)
{
	struct announcement *announcement = call->state;
	struct template template;
	bool sent;

	compose(&template, call, room->jid);
	sent = room_broadcast(room, &template);
	template_fini(&template);
	announcement->people += HASH_COUNT(room->sessions);
	announcement->rooms++;
	return sent ? 0 : talk_too_large(err);
}

static int
finish(struct call *call)
{
	const struct announcement *announcement = call->state;

	call_say(call, "Clients told: %zu, in rooms: %zu.",
		 announcement->people, announcement->rooms);
	return 0;
}

static void
step(struct call *call)
{
	struct announcement *announcement = call->state;
	size_t end = announcement->people + STEP;
	struct error err = { 0 };

	while (announcement->next < announcement->count &&
	       announcement->people < end) {
		const struct room *room = room_find(
			call->ctx, announcement->jids[announcement->next++]);

		if (room != NULL && tell(call, room, &err) < 0) {
			call_end(call, &err);
			return;
		}
	}
	call_progress(call, announcement->next, announcement->count);
	if (announcement->next < announcement->count) {
		call_then(call, step);
		return;
	}
	finish(call);
	call_end(call, NULL);
}

/* Rooms that people are in are in memory.  None is told what another cannot
   be told. */
static int
tell_all(struct call *call, struct error *err)
{
	struct announcement *announcement = call->state;
	const struct muc *muc = call->ctx;
	struct arena *arena = call->arena;
	const char *longest = "";

	announcement->jids = arena_alloc(arena, (HASH_COUNT(muc->rooms) + 1) *
						sizeof(char *));
	for (const struct room *room = muc->rooms; room;
	     room = room->hh.next) {
		if (room->sessions == NULL)
			continue;
		announcement->jids[announcement->count++] =
			arena_strdup(arena, room->jid);
		if (strlen(room->jid) > strlen(longest))
			longest = room->jid;
	}
	if (check_size(call, longest, err) < 0)
		return -1;
	call_then(call, step);
	return CALL_PARKED;
}

static int
tell_one(struct call *call, struct room *room, struct error *err)
{
	return tell(call, room, err) < 0 ? -1 : finish(call);
}

int
muc_command_broadcast(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	call->state = arena_alloc(call->arena, sizeof(struct announcement));
	if (call_text(call, "room") != NULL)
		return target_find(call, tell_one, err);
	return tell_all(call, err);
}
