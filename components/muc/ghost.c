#include "components/muc/ghost.h"

#include <stdlib.h>
#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/router.h"
#include "shared/stanza.h"
#include "shared/xml.h"

#define PROBE_SECS 60

struct probe {
	struct muc *muc;
	char *room;
	char *session;
};

bool
ghost_is_gone(const struct error *err)
{
	switch (err->cond) {
	case ERROR_GONE:
	case ERROR_ITEM_NOT_FOUND:
	case ERROR_RECIPIENT_UNAVAILABLE:
	case ERROR_REDIRECT:
	case ERROR_REMOTE_SERVER_NOT_FOUND:
	case ERROR_REMOTE_SERVER_TIMEOUT:
		return true;
	default:
		return false;
	}
}

void
ghost_remove(struct room *room, struct session *session)
{
	struct notice notice = notice_going(session->occupant);

	notice_add_code(notice.codes, STATUS_TECHNICAL);
	room_remove(&session, &notice);
	room_settle(&room);
}

static void
probe_free(struct probe *probe)
{
	free(probe->room);
	free(probe->session);
	free(probe);
}

/* A server answers a ping to a client that is not there with
   service-unavailable (RFC 6121 section 8.5.3.2.3). */
static bool
says_gone(const struct xml *answer)
{
	struct arena *arena;
	struct error err;

	if (answer == NULL || strcmp(xml_attr(answer, "type"), "error") != 0)
		return false;
	arena = arena_new();
	stanza_read_error(arena, answer, &err);
	arena_free(&arena);
	return ghost_is_gone(&err) || err.cond == ERROR_SERVICE_UNAVAILABLE;
}

static void
on_answer(void *ctx, const struct xml *answer)
{
	struct probe *probe = ctx;
	struct room *room = room_find(probe->muc, probe->room);
	struct session *session =
		room ? session_find(room, probe->session) : NULL;

	if (session != NULL && says_gone(answer))
		ghost_remove(room, session);
	probe_free(probe);
}

static void
probe_session(struct arena *arena, const struct session *session)
{
	struct room *room = session->occupant->room;
	struct probe *probe = calloc(1, sizeof(*probe));
	struct xml *iq = stanza_new(arena, "iq", room->jid, session->jid,
				    "get");

	ensure(probe != NULL);
	probe->muc = room->muc;
	probe->room = strdup(room->jid);
	probe->session = strdup(session->jid);
	ensure(probe->room != NULL && probe->session != NULL);
	xml_add(arena, iq, NS_PING, "ping");
	router_query(room->muc->runtime->router, arena, iq, PROBE_SECS,
		     on_answer, probe);
}

void
ghost_probe(struct room *room)
{
	struct arena *arena = arena_new();

	for (struct session *at = room->sessions; at; at = at->hh.next)
		probe_session(arena, at);
	arena_free(&arena);
}

void
ghost_probe_all(struct muc *muc)
{
	for (struct room *room = muc->rooms; room; room = room->hh.next)
		ghost_probe(room);
}
