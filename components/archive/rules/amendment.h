/*
 * amendment.h - a message with another text than its sender's.
 *
 * With another body, also where it had none, nothing stays that may hold the
 * old text in another form: only what is known to be about the message,
 * emptied.  What is added to the body goes to the end of each, and formatted
 * text (XEP-0071), which would not have it, is left out.
 */
#ifndef ARCHIVE_AMENDMENT_H
#define ARCHIVE_AMENDMENT_H

struct arena;
struct error;
struct ruling;
struct xml;

/* The message as a ruling that modifies wants it, in the arena, sharing strings
   with both.  Returns 0, or -1 with ERROR_NOT_ACCEPTABLE: it is none; or it has
   no body or is encrypted, so that nothing can be added to it. */
int amendment_make(struct arena *arena, const struct xml *message,
		   const struct ruling *ruling, struct xml **message_r,
		   struct error *err);

#endif
