/*
 * tomb.h - what is left of a message that was retracted (XEP-0424), by its
 * author or by a moderator (XEP-0425).
 */
#ifndef MUC_TOMB_H
#define MUC_TOMB_H

#include <stdbool.h>

struct arena;
struct error;
struct occupant;
struct request;
struct room;
struct xml;

#define NS_MODERATE "urn:xmpp:message-moderate:1"

struct tomb {
	const char *id;			/* of the message that retracted it;
					   "": it is too long */
	const struct xml *moderated;	/* says by whom; NULL: its author */
	const char *reason;		/* or NULL */
};

/* As XML, as of now; it lives as long as the arena. */
const char *tomb_print(struct arena *arena, const struct tomb *tomb);

/* Puts that in place of a message in history, if it is of the author with that
   pseudonym, where that is not NULL.  Returns whether it was there. */
bool tomb_bury(struct room *room, const char *target, const char *pseudonym,
	       const char *left);

/* Whether it may be one that a room gave to a message. */
bool tomb_is_id(const char *id);

/* Whether the message, of that occupant, may be passed on: there are not too
   many retractions of his under way.  Returns 0, or -1 with
   ERROR_RESOURCE_CONSTRAINT of type wait. */
int tomb_check(const struct occupant *who, const struct xml *message,
	       struct error *err);
/* Does what the request's message asks for, which was passed on: where it
   retracts one of the same author, that is buried, in the archive as well. */
void tomb_retract(const struct request *req, const struct occupant *who);

#endif
