/*
 * invite.h - invitations that a room sends (XEP-0045 section 7.8.2).
 */
#ifndef MUC_INVITE_H
#define MUC_INVITE_H

struct arena;
struct muc;
struct request;
struct room;

/* Invites somebody in the name of an address, or of the room itself when
   from is NULL.  reason may be NULL. */
void invite_send(const struct room *room, struct arena *arena,
		 const char *from, const char *to, const char *reason);

/* An error that came to a room: if it answers an invitation, its author gets
   item-not-found. */
void invite_failed(struct muc *muc, const struct request *req);

#endif
