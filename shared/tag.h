/*
 * tag.h - long tags, which a router may leave unread.
 *
 * COMPAT: expat since 2.6 (and Debian 12's) does not look at a tag that came
 * in parts before there are twice as many bytes, and ejabberd 23 and Prosody
 * 0.12 let it: all that follows would wait in the router until enough has
 * come.  Blanks between stanzas (RFC 6120 section 4.6.1) are enough.
 */
#ifndef SHARED_TAG_H
#define SHARED_TAG_H

#include <stddef.h>

struct str;

/* A longer tag may come to the router in parts. */
#define TAG_BYTES ((size_t)1024)

/* Bytes of the longest tag, if it is longer than TAG_BYTES, else 0.  The text
   is what xml_print() wrote, without '<' or '>' of its own, and ends with a
   tag. */
size_t tag_long(const char *text, size_t len);

/* Adds what is to follow a stanza whose longest tag has so many bytes; nothing
   after one that has no long tag. */
void tag_push(struct str *out, size_t tag_len);

#endif
