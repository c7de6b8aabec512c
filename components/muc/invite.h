/*
 * invite.h - invitations that people send through a room (XEP-0045 section
 * 7.8.2).
 */
#ifndef MUC_INVITE_H
#define MUC_INVITE_H

struct muc;
struct request;

/* An error that came to a room: if it answers an invitation, its author gets
   item-not-found. */
void invite_failed(struct muc *muc, const struct request *req);

#endif
