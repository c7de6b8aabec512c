/*
 * tomb.h - what is left of a message that was retracted (XEP-0424), by its
 * author or by a moderator (XEP-0425).
 */
#ifndef MUC_TOMB_H
#define MUC_TOMB_H

#include <stdbool.h>

struct arena;
struct occupant;
struct request;
struct room;
struct xml;

#define NS_RETRACT "urn:xmpp:message-retract:1"
#define NS_MODERATE "urn:xmpp:message-moderate:1"

struct tomb {
	const char *id;			/* of the message that retracted it */
	const struct xml *moderated;	/* says by whom; NULL: its author */
	const char *reason;		/* or NULL */
};

/* As XML, as of now; it lives as long as the arena. */
const char *tomb_print(struct arena *arena, const struct tomb *tomb);

/* Puts that in place of a message in history, if it is of the author with that
   pseudonym, where that is not NULL.  Returns whether it was there. */
bool tomb_bury(struct room *room, const char *target, const char *pseudonym,
	       const char *left);

/* Does what the request's message asks for, which was passed on: where it
   retracts one of the same author, that is buried, in the archive as well. */
void tomb_retract(const struct request *req, const struct occupant *who);

#endif
