#include "components/muc/arrival.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "components/muc/absent.h"
#include "components/muc/attendance.h"
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
arrival_greet(const struct arrival *arrival)
{
	struct session *session = arrival->session;
	struct notice notice = notice_of(session->occupant);

	memcpy(notice.self, arrival->self, sizeof(notice.self));
	absent_send(session->occupant->room, session);
	presence_send(session, &notice, session);
}

struct history_sent
arrival_settle(const struct arrival *arrival, const struct session *to)
{
	const struct room *room = arrival->session->occupant->room;
	struct history_sent sent = history_send(room, to, &arrival->history);

	room_send_subject(room, to);
	return sent;
}

/* What is limited by characters depends on one's address. */
bool
arrival_is_same(const struct arrival *a, const struct arrival *b)
{
	return a->history.maxchars == SIZE_MAX &&
	       b->history.maxchars == SIZE_MAX &&
	       a->history.maxstanzas == b->history.maxstanzas &&
	       a->history.since == b->history.since;
}

void
arrival_charge(const struct arrival *arrival, size_t bytes)
{
	const struct occupant *who = arrival->session->occupant;

	quota_charge_history(who->room->muc, who->jid, bytes);
}

/* The order is that of section 7.1. */
void
arrival_tell(const struct arrival *arrival)
{
	const struct session *session = arrival->session;
	const struct occupant *who = session->occupant;
	struct fanout *fanout = who->room->muc->fanout;
	struct history_sent sent;

	announce(session);
	fanout_gather(fanout, session->to, session->to_len);
	presence_send_others(session);
	arrival_greet(arrival);
	sent = arrival_settle(arrival, session);
	arrival_charge(arrival, sent.bytes);
	fanout_end(fanout);
	attendance_catch_up(who->room, (const char *const *)&who->jid, 1,
			    &sent);
}
