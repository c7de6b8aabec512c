#include "components/muc/filter.h"
#include "components/muc/handlers.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/pseudonym.h"
#include "components/muc/room.h"
#include "components/muc/talk.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

static bool
may_set(const struct occupant *who)
{
	return who->role == ROLE_MODERATOR ||
	       (who->room->options.changesubject &&
		who->role == ROLE_PARTICIPANT);
}

static void
keep(struct request *req, const struct occupant *who)
{
	const struct xml *message = req->stanza.el;
	struct str text = { 0 };

	for (const struct xml *el = xml_child(message, NS_CLIENT, "subject");
	     el != NULL; el = xml_next(el, NS_CLIENT, "subject"))
		xml_print(&text, el, NS_CLIENT);
	pseudonym_print(&text, who->pseudonym);
	room_set_subject(who->room, text.data, who->nick, clock_now());
	str_fini(&text);
	roomstore_save(who->room);
}

/* Changing the subject, XEP-0045 section 8.1. */
int
muc_on_subject(struct request *req, void *ctx, struct error *err)
{
	const struct muc *muc = ctx;
	const struct xml *message = req->stanza.el;
	struct session *session;
	struct room *room;

	/* Otherwise it is ordinary talk that happens to carry a title. */
	if (xml_child(message, NS_CLIENT, "body") != NULL ||
	    xml_child(message, NS_CLIENT, "thread") != NULL)
		return HANDLER_DECLINE;
	if (room_require(muc, req, &room, err) < 0 ||
	    room_require_session(room, req, &session, err) < 0)
		return -1;
	if (!may_set(session->occupant))
		return error_set(err, ERROR_FORBIDDEN,
				 "you may not change the subject here");
	if (talk_check(req, session->occupant, err) < 0)
		return -1;
	return talk_reflect(req, session->occupant, keep, err);
}
