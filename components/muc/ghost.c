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
#include "shared/str.h"
#include "shared/xml.h"

#define PROBE_SECS 60

struct probe {
	struct muc *muc;
	char *room;
	char *session;
};

static void ask(struct probe *probe, const char *ns, const char *name,
		router_fn *fn);

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

/* ERROR_NONE when it is none, or nobody answered. */
static struct error
error_of(const struct xml *answer)
{
	struct error err = { 0 };
	struct arena *arena;

	if (answer == NULL || strcmp(xml_attr(answer, "type"), "error") != 0)
		return err;
	arena = arena_new();
	stanza_read_error(arena, answer, &err);
	arena_free(&arena);
	return err;
}

static void
finish(struct probe *probe, bool gone)
{
	struct room *room = room_find(probe->muc, probe->room);
	struct session *session =
		room ? session_find(room, probe->session) : NULL;

	if (session != NULL && gone)
		ghost_remove(room, session);
	probe_free(probe);
}

static void
on_info(void *ctx, const struct xml *answer)
{
	struct error err = error_of(answer);

	finish(ctx, ghost_is_gone(&err) ||
		    err.cond == ERROR_SERVICE_UNAVAILABLE);
}

/* Service-unavailable says a server for a client that is not there (RFC 6121
   section 8.5.3.2.3), and a client that does not know pings (RFC 6120 section
   8.4); XEP-0410 takes it for the latter.  Even such a client says what it is
   when it is asked (XEP-0030), as all those do that XEP-0115 speaks of.
   COMPAT: one that knows neither is taken as gone, and told so. */
static void
on_pong(void *ctx, const struct xml *answer)
{
	struct error err = error_of(answer);

	if (err.cond == ERROR_SERVICE_UNAVAILABLE)
		ask(ctx, NS_DISCO_INFO, "query", on_info);
	else
		finish(ctx, ghost_is_gone(&err));
}

static void
ask(struct probe *probe, const char *ns, const char *name, router_fn *fn)
{
	struct arena *arena = arena_new();
	struct xml *iq = stanza_new(arena, "iq", probe->room, probe->session,
				    "get");

	xml_add(arena, iq, ns, name);
	router_query(probe->muc->runtime->router, arena, iq, PROBE_SECS, fn,
		     probe);
	arena_free(&arena);
}

static void
probe_session(const struct session *session)
{
	struct room *room = session->occupant->room;
	struct probe *probe = calloc(1, sizeof(*probe));

	ensure(probe != NULL);
	probe->muc = room->muc;
	probe->room = str_dup(room->jid);
	probe->session = str_dup(session->jid);
	ask(probe, NS_PING, "ping", on_pong);
}

void
ghost_probe(struct room *room)
{
	for (struct session *at = room->sessions; at; at = at->hh.next)
		probe_session(at);
}

void
ghost_probe_all(struct muc *muc)
{
	for (struct room *room = muc->rooms; room; room = room->hh.next)
		ghost_probe(room);
}
