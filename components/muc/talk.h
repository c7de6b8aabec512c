/*
 * talk.h - saying something to all occupants.
 */
#ifndef MUC_TALK_H
#define MUC_TALK_H

struct error;
struct muc;
struct occupant;
struct request;

/* Whether the occupant may send that message now: size and rate, but of what
   was let go on later (release.h) its size alone. */
int talk_check(const struct request *req, struct occupant *who,
	       struct error *err);

/* The same for the request of somebody who need not be inside, and by which he
   reaches people. */
int talk_check_request(struct muc *muc, const struct request *req,
		       struct error *err);

/* Sets the error that answers a message above a limit; returns -1. */
int talk_too_large(struct error *err);

/* Reflects the request's message to all, as from the occupant, and keeps it
   for those who come later; then calls then, which may be NULL.  Returns 0; or
   REQUEST_PARKED, where that waits; or -1 with err. */
typedef void talk_fn(struct request *req, const struct occupant *who);
int talk_reflect(struct request *req, const struct occupant *who,
		 talk_fn *then, struct error *err);

#endif
