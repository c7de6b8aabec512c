/*
 * source.h - the text of a configuration file, made ready for libconfuse.
 *
 * libconfuse 3.3 takes an unset ${NAME} for an empty text, counts lines wrong
 * behind comments, refuses comments inside lists, accepts comments and
 * sections without an end, and cannot skip a section it was not told about.
 * So the text is gone through first: what is wrong is refused, comments and
 * sections of others become blanks, and every line keeps its number.
 */
#ifndef SHARED_SOURCE_H
#define SHARED_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct str;

#define SOURCE_BYTES_MAX (1024 * 1024)

/* Reads a whole file, without a byte order mark.  -1 with err->text "PATH:
   reason", also when it is no regular file, larger than max or holds a NUL
   byte. */
int source_read(const char *path, size_t max, struct str *text_r,
		struct error *err);

/* Says whether the section of that name is somebody else's. */
typedef bool source_skip_fn(const void *ctx, const char *name, size_t len);

/* Changes text in place.  -1 with err->text "PATH:LINE: reason". */
int source_prepare(struct str *text, const char *path, source_skip_fn *skip,
		   const void *ctx, struct error *err);

#endif
