#include "components/muc/invitation.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "components/muc/memo.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/str.h"

/* An invitation has two, and one more than may be is there for a moment: none
   goes while it has any. */
#define PARTIES_MAX (2 * (INVITATION_ALL + 1))

/* Somebody who has sent or got some. */
struct party {
	struct memo memo;
	struct invitation *sent, *got;
	size_t sent_count, got_count;
};

static struct party *
party_make(struct invitations *invitations, const char *jid)
{
	struct party *party = memo_find(invitations->parties, jid);

	return party != NULL ? party :
	       memo_add(&invitations->parties, jid, sizeof(*party),
			PARTIES_MAX);
}

/* Who has none any more is forgotten. */
static void
party_settle(struct invitations *invitations, struct party *party)
{
	if (party->sent != NULL || party->got != NULL)
		return;
	memo_drop(&invitations->parties, &party->memo);
}

void
invitation_forget(struct invitations *invitations,
		  struct invitation **invitation)
{
	struct invitation *gone = *invitation;
	struct party *from = gone->from, *to = gone->to;

	*invitation = NULL;
	DL_DELETE2(from->sent, gone, sent_prev, sent_next);
	from->sent_count--;
	DL_DELETE2(to->got, gone, got_prev, got_next);
	to->got_count--;
	DL_DELETE(invitations->all, gone);
	invitations->count--;
	party_settle(invitations, from);
	if (to != from)
		party_settle(invitations, to);
	free(gone->room);
	free(gone->inviter);
	free(gone->id);
	free(gone);
}

static void
forget_first(struct invitations *invitations, struct invitation *first)
{
	invitation_forget(invitations, &first);
}

static void
add(struct invitations *invitations, struct invitation *invitation)
{
	struct party *from = invitation->from, *to = invitation->to;

	DL_APPEND2(from->sent, invitation, sent_prev, sent_next);
	DL_APPEND2(to->got, invitation, got_prev, got_next);
	DL_APPEND(invitations->all, invitation);
	invitations->count++;
	if (++from->sent_count > INVITATION_OWN)
		forget_first(invitations, from->sent);
	if (++to->got_count > INVITATION_OWN)
		forget_first(invitations, to->got);
	if (invitations->count > INVITATION_ALL)
		forget_first(invitations, invitations->all);
}

void
invitation_note(struct invitations *invitations, const struct invited *invited,
		uint64_t now_ms)
{
	struct invitation *invitation = calloc(1, sizeof(*invitation));

	ensure(invitation != NULL);
	invitation->room = str_dup(invited->room);
	invitation->inviter = str_dup(invited->inviter->full);
	if (invited->id != NULL && strlen(invited->id) <= INVITATION_ID)
		invitation->id = str_dup(invited->id);
	invitation->made_ms = now_ms;
	invitation->from = party_make(invitations, invited->inviter->bare);
	invitation->to = party_make(invitations, invited->invitee);
	add(invitations, invitation);
}

struct invitation *
invitation_find(const struct invitations *invitations, const char *room,
		const char *invitee, const char *inviter)
{
	const struct party *to = memo_find(invitations->parties, invitee);
	struct invitation *at = to ? to->got : NULL;

	for (; at != NULL; at = at->got_next)
		if (strcmp(at->room, room) == 0 &&
		    strcmp(at->from->memo.jid, inviter) == 0)
			break;
	return at;
}

struct invitation *
invitation_bounced(const struct invitations *invitations, const char *room,
		   const char *invitee, const char *id)
{
	const struct party *to = memo_find(invitations->parties, invitee);
	struct invitation *at = to ? to->got : NULL, *first = NULL;

	for (; at != NULL; at = at->got_next) {
		if (strcmp(at->room, room) != 0)
			continue;
		if (id != NULL && at->id != NULL && strcmp(at->id, id) == 0)
			return at;
		if (first == NULL)
			first = at;
	}
	return first;
}

void
invitations_expire(struct invitations *invitations, uint64_t now_ms)
{
	const uint64_t life_ms = INVITATION_SECS * UINT64_C(1000);

	while (invitations->all != NULL &&
	       now_ms - invitations->all->made_ms >= life_ms)
		forget_first(invitations, invitations->all);
}

void
invitations_fini(struct invitations *invitations)
{
	while (invitations->all != NULL)
		forget_first(invitations, invitations->all);
}
