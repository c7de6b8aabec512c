/*
 * nick.h - who may take which nick, another nick (XEP-0045 section 7.6), and
 * another availability under the same one (7.7).
 */
#ifndef MUC_NICK_H
#define MUC_NICK_H

#include <stdbool.h>

struct error;
struct jid;
struct request;
struct room;
struct session;

/* Nothing but spaces, which nobody could see (17.1). */
bool nick_is_blank(const char *nick);

/* Whether one more client of the account may take the nick, which is free or
   held by itself and reserved by nobody else.  Returns 0, or -1 with
   ERROR_CONFLICT, ERROR_JID_MALFORMED for a blank one, or
   ERROR_RESOURCE_CONSTRAINT when max_clients have it. */
int nick_check(const struct room *room, const struct jid *account,
	       const char *nick, struct error *err);

/* The nick that the account must use, or NULL: only when nicks are locked. */
const char *nick_locked(const struct room *room, const struct jid *account);

/* Gives the session the nick that the request's presence was sent to, and
   tells all.  Returns 0, or -1 with the error of nick_check(), or
   ERROR_NOT_ACCEPTABLE when nicks are locked. */
int nick_change(struct session *session, const struct request *req,
		struct error *err);

void nick_set_availability(struct session *session,
			   const struct request *req);

#endif
