/*
 * bounce.h - who invited whom lately, so that an invitation that comes back
 * can be told to its author (XEP-0045 section 7.8.2).
 */
#ifndef MUC_BOUNCE_H
#define MUC_BOUNCE_H

#include <stddef.h>

#define BOUNCE_SIZE 64

struct bounce {
	char *room, *inviter, *invitee;	/* inviter full, the others bare */
	char *id;			/* of the message; may be NULL */
};

/* The last ones, of all rooms; the oldest is overwritten. */
struct bounces {
	struct bounce last[BOUNCE_SIZE];
	size_t next;
};

void bounce_note(struct bounces *bounces, const char *room,
		 const char *inviter, const char *invitee, const char *id);

/* Takes out what was noted of an invitation; all NULL when nothing was.  The
   strings are the caller's. */
struct bounce bounce_take(struct bounces *bounces, const char *room,
			  const char *invitee);
void bounce_fini(struct bounce *bounce);
void bounces_fini(struct bounces *bounces);

#endif
