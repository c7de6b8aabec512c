/*
 * mime.h - text as mail carries it (RFC 2045, RFC 2047).
 */
#ifndef ARCHIVE_MIME_H
#define ARCHIVE_MIME_H

#include <stdbool.h>
#include <stddef.h>

struct str;

/* Adds a header of a free text, UTF-8: as it is where it may be so, otherwise
   in encoded words; and the end of the line. */
void mime_add_header(struct str *out, const char *name, const char *text,
		     const char *eol);

/* Adds it in encoded words, with that between two. */
void mime_add_words(struct str *out, const char *text, const char *between);

/* Adds bytes in base64, in lines. */
void mime_add_base64(struct str *out, const char *bytes, size_t len,
		     const char *eol);

/* Whether a text may be a body as it is: lines that are not too long, and
   ended by line feeds alone. */
bool mime_is_plain(const char *text);

/* Adds it, with those ends of lines, and one at its end. */
void mime_add_lines(struct str *out, const char *text, const char *eol);

#endif
