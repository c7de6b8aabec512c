#include "components/muc/absent.h"

#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/xml.h"

static bool
is_here(const struct room *room, const char *jid)
{
	for (const struct occupant *who = room->occupants; who != NULL;
	     who = who->hh.next)
		if (strcmp(who->jid, jid) == 0)
			return true;
	return false;
}

static bool
may_see_address(const struct room *room, const struct session *to)
{
	return room->options.whois == WHOIS_ANYONE ||
	       to->occupant->role == ROLE_MODERATOR;
}

static void
send_one(struct arena *arena, const struct room *room,
	 const struct affiliate *who, const struct session *to)
{
	struct xml *presence, *x, *item;

	presence = stanza_new(arena, "presence",
			      room_address(room, arena, who->nick),
			      to->jid, "unavailable");
	x = xml_add(arena, presence, NS_MUC_USER, "x");
	item = xml_add(arena, x, NULL, "item");
	xml_set(arena, item, "affiliation",
		affiliation_name(who->affiliation));
	xml_set(arena, item, "role", role_name(ROLE_NONE));
	if (may_see_address(room, to))
		xml_set(arena, item, "jid", who->jid);
	runtime_send(room->muc->runtime, presence);
}

void
absent_send(const struct room *room, const struct session *to)
{
	struct arena *arena;

	if (!room->options.showabsent)
		return;
	arena = arena_new();
	for (const struct affiliate *who = room->affiliates; who != NULL;
	     who = who->hh.next)
		if (who->affiliation >= AFFILIATION_MEMBER &&
		    who->nick != NULL && !is_here(room, who->jid))
			send_one(arena, room, who, to);
	arena_free(&arena);
}

void
absent_broadcast(const struct room *room)
{
	for (const struct session *to = room->sessions; to; to = to->hh.next)
		absent_send(room, to);
}
