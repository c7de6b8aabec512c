/*
 * invitation.h - who invited whom and may still hear of it: that it could not
 * be delivered, or that it was declined (XEP-0045 section 7.8.2).
 *
 * It is kept for a week in memory alone: after a restart, nobody is found.  Of
 * what one person has sent, or one has got, only the latest are kept, and so
 * of all; who sends very many pushes out his own.
 */
#ifndef MUC_INVITATION_H
#define MUC_INVITATION_H

#include <stddef.h>
#include <stdint.h>

struct jid;
struct memo;
struct party;

#define INVITATION_SECS (7 * 24 * 3600)
#define INVITATION_OWN 100	/* sent by one person, or got by one */
#define INVITATION_ALL 10000
#define INVITATION_ID 256	/* bytes; a longer id is not kept */

struct invitation {
	char *room;
	char *inviter;			/* full */
	char *id;			/* of the message; may be NULL, as for
					   one that was too long */
	uint64_t made_ms;
	struct party *from, *to;
	/* Among those sent by from, got by to, and all: the oldest first. */
	struct invitation *sent_prev, *sent_next;
	struct invitation *got_prev, *got_next;
	struct invitation *prev, *next;
};

struct invitations {
	struct memo *parties;		/* by bare address */
	struct invitation *all;
	size_t count;
};

/* invitee is bare; id may be NULL. */
struct invited {
	const char *room;
	const struct jid *inviter;
	const char *invitee;
	const char *id;
};

void invitation_note(struct invitations *invitations,
		     const struct invited *invited, uint64_t now_ms);

/* The oldest to that room which the invitee has got from the inviter, both
   bare; or NULL. */
struct invitation *invitation_find(const struct invitations *invitations,
				   const char *room, const char *invitee,
				   const char *inviter);
/* That of the message that came back with an id, or else, as the id may not
   have come back, the oldest. */
struct invitation *invitation_bounced(const struct invitations *invitations,
				      const char *room, const char *invitee,
				      const char *id);

/* It has been answered. */
void invitation_forget(struct invitations *invitations,
		       struct invitation **invitation);
/* Forgets the old ones. */
void invitations_expire(struct invitations *invitations, uint64_t now_ms);
void invitations_fini(struct invitations *invitations);

#endif
