#include <stdlib.h>
#include <string.h>

#include "components/muc/filter.h"
#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/router.h"
#include "shared/xml.h"

/* How long an occupant's client may take to answer. */
#define ANSWER_SECS 120
/* Memory for all that wait for an answer, and what one takes at least. */
#define WAITING_BYTES ((size_t)64 << 20)
#define LEAST_BYTES 4096

/* An IQ that was passed on. */
struct relay {
	struct request *req;
	struct muc *muc;
	size_t bytes;
};

/* The answer goes to who asked, from the nick that was asked; so neither
   learns the other's address (17.4). */
static void
on_answer(void *ctx, const struct xml *answer)
{
	struct relay *relay = ctx;
	struct request *req = relay->req;
	struct error err;
	struct xml *el;

	relay->muc->relayed_bytes -= relay->bytes;
	if (answer == NULL) {
		error_set(&err, ERROR_REMOTE_SERVER_TIMEOUT,
			  "the occupant did not answer");
		request_finish(req, &err);
		return;
	}
	if (strcmp(xml_attr(answer, "type"), "error") == 0) {
		filter_read_error(req->arena, answer, &err);
		request_finish(req, &err);
		return;
	}
	el = xml_copy(req->arena, answer);
	xml_set(req->arena, el, "id", req->stanza.id);
	xml_set(req->arena, el, "from", req->to->full);
	xml_set(req->arena, el, "to", req->from->full);
	if (runtime_send(req->runtime, el) < 0) {
		error_set(&err, ERROR_RESOURCE_CONSTRAINT,
			  "the answer is too large");
		request_finish(req, &err);
		return;
	}
	request_finish(req, NULL);
}

/* An account's server keeps its vCard, and answers for it (XEP-0054). */
static const char *
address_for(const struct request *req, const struct occupant *to)
{
	return strcmp(req->payload->ns, NS_VCARD) == 0 ? to->jid :
							 to->sessions->jid;
}

static int
check_size(const struct muc *muc, size_t bytes, struct error *err)
{
	if (bytes > muc->settings->max_message)
		return error_set_type(err, ERROR_POLICY_VIOLATION,
				      ERROR_TYPE_MODIFY,
				      "the request is too large");
	if (muc->relayed_bytes > WAITING_BYTES)
		return error_set(err, ERROR_RESOURCE_CONSTRAINT,
				 "too many requests wait for an answer");
	return 0;
}

static int
forward(struct request *req, const struct occupant *from,
	const struct occupant *to, struct error *err)
{
	struct arena *arena = req->arena;
	struct relay *relay = arena_alloc(arena, sizeof(*relay));
	struct xml *iq = stanza_new(arena, "iq",
				    room_address(from->room, arena,
						 from->nick),
				    address_for(req, to), req->stanza.type);

	relay->req = req;
	relay->muc = from->room->muc;
	relay->bytes = filter_length(req->stanza.el);
	if (check_size(relay->muc, relay->bytes, err) < 0)
		return -1;
	if (relay->bytes < LEAST_BYTES)
		relay->bytes = LEAST_BYTES;
	relay->muc->relayed_bytes += relay->bytes;
	xml_append(iq, xml_copy(arena, req->payload));
	router_query(req->runtime->router, arena, iq, ANSWER_SECS, on_answer,
		     relay);
	return REQUEST_PARKED;
}

static bool
is_disco(const struct request *req)
{
	return strcmp(req->payload->ns, NS_DISCO_INFO) == 0 ||
	       strcmp(req->payload->ns, NS_DISCO_ITEMS) == 0;
}

/* An IQ from one occupant to another (17.4, 6.6). */
int
muc_on_iq_to_occupant(struct request *req, void *ctx, struct error *err)
{
	const struct muc *muc = ctx;
	struct room *room = room_find(muc, req->to->bare);
	const struct occupant *to;
	struct session *session;

	if (is_disco(req) &&
	    (room == NULL || session_find(room, req->from->full) == NULL))
		return error_set(err, ERROR_BAD_REQUEST,
				 "only occupants may ask that");
	if (room == NULL)
		return error_set(err, ERROR_NOT_ACCEPTABLE,
				 "you are not in the room");
	if (room_require_session(room, req, &session, err) < 0)
		return -1;
	to = occupant_find(room, req->to->resource);
	if (to == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "nobody of that nick is here");
	/* A client that pings itself wants to know whether it is still
	   inside (XEP-0410): it is. */
	if (to == session->occupant && xml_is(req->payload, NS_PING, "ping")) {
		request_reply(req, NULL);
		return 0;
	}
	return forward(req, session->occupant, to, err);
}

int
muc_on_ping_to_room(struct request *req, void *ctx, struct error *err)
{
	struct room *room;

	if (room_require(ctx, req, &room, err) < 0)
		return -1;
	request_reply(req, NULL);
	return 0;
}
