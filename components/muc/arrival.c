#include "components/muc/arrival.h"

#include <string.h>

#include "components/muc/absent.h"
#include "components/muc/muc.h"
#include "components/muc/occupant.h"
#include "components/muc/quota.h"
#include "components/muc/room.h"
#include "shared/fanout.h"

/* Everyone inside, the account's other clients under the nick included
   (7.2.2, 7.2.8). */
static void
announce(const struct session *newcomer)
{
	struct notice notice = notice_of(newcomer->occupant);

	presence_tell_others(newcomer, &notice);
	for (const struct session *at = newcomer->occupant->sessions; at;
	     at = at->next)
		if (at != newcomer)
			presence_send(newcomer, &notice, at);
}

void
arrival_settle(const struct arrival *arrival)
{
	struct session *session = arrival->session;
	const struct room *room = session->occupant->room;
	struct notice notice = notice_of(session->occupant);
	size_t bytes;

	memcpy(notice.self, arrival->self, sizeof(notice.self));
	absent_send(room, session);
	presence_send(session, &notice, session);
	bytes = history_send(room, session, &arrival->history);
	quota_charge_history(room->muc, session->occupant->jid, bytes);
	room_send_subject(room, session);
}

/* The order is that of section 7.1. */
void
arrival_tell(const struct arrival *arrival)
{
	const struct session *session = arrival->session;
	struct fanout *fanout = session->occupant->room->muc->fanout;

	announce(session);
	fanout_gather(fanout, session->to, session->to_len);
	presence_send_others(session);
	arrival_settle(arrival);
	fanout_end(fanout);
}
