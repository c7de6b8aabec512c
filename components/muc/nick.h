/*
 * nick.h - another nick (XEP-0045 section 7.6), or another availability under
 * the same one (7.7).
 */
#ifndef MUC_NICK_H
#define MUC_NICK_H

struct error;
struct request;
struct session;

/* Gives the session the nick that the request's presence was sent to, and
   tells all.  Returns 0, or -1 with the error of enter_check_nick(), or
   ERROR_NOT_ACCEPTABLE when nicks are locked. */
int nick_change(struct session *session, const struct request *req,
		struct error *err);

void nick_set_availability(struct session *session,
			   const struct request *req);

#endif
