/*
 * content.h - what a message holds.
 */
#ifndef SHARED_CONTENT_H
#define SHARED_CONTENT_H

#include <stdbool.h>

struct arena;
struct xml;

/* Whether there is something in it that somebody would want to read later: not
   only what is about the message, or about the moment, as chat states are. */
bool content_lasts(const struct xml *message);
/* The same of what is beside that child. */
bool content_lasts_beside(const struct xml *message, const struct xml *child);

/* Whether what is said in it is encrypted, be it marked so (XEP-0380) or not;
   the body, if any, only says so then. */
bool content_is_encrypted(const struct xml *message);

/* Whether it has that hint to those who would process it (XEP-0334). */
bool content_hints(const struct xml *message, const char *hint);

/* What its bodies say, of which there may be several (RFC 6121 section 5.2.3),
   a line's end between two; NULL when there is none.  In the arena. */
const char *content_bodies(struct arena *arena, const struct xml *message);
/* All that is written in it and that somebody may read, be it in subjects and
   bodies, or in other elements, however it is marked up; of two in a row that
   say the same, one.  NULL when there is nothing. */
const char *content_written(struct arena *arena, const struct xml *message);

#endif
