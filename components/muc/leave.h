/*
 * leave.h - going by one's own will (XEP-0045 section 7.14).
 */
#ifndef MUC_LEAVE_H
#define MUC_LEAVE_H

struct request;
struct room;
struct session;

/* The session goes, with what the request's presence says.  The room may be
   freed. */
void leave_room(struct room *room, struct session *session,
		const struct request *req);

#endif
