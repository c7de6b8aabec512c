/*
 * utf8.h - whether bytes are text.
 */
#ifndef SHARED_UTF8_H
#define SHARED_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the character at text, which ends in NUL; 0: it is none
   (RFC 3629 section 4).  NUL is one. */
size_t utf8_length(const char *text);

/* Whether all of it is characters. */
bool utf8_is(const char *text);
/* Takes out what is none, in place. */
void utf8_mend(char *text);

#endif
