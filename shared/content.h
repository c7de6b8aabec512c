/*
 * content.h - what a message holds.
 */
#ifndef SHARED_CONTENT_H
#define SHARED_CONTENT_H

#include <stdbool.h>

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

#endif
