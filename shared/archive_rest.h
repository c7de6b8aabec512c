/*
 * archive_rest.h - what may become of the children of a message when they are
 * printed by themselves.
 *
 * What came in one form is printed in another: each character may be escaped,
 * and a namespace that was declared once is written wherever it is used.  The
 * latter has no bound but this one, so that somebody who sends little does not
 * have us keep a hundred times as much.
 */
#ifndef SHARED_ARCHIVE_REST_H
#define SHARED_ARCHIVE_REST_H

#include <stdbool.h>
#include <stddef.h>

struct xml;

/* Whether they can be read again: a prefix that was declared once becomes a
   declaration of each element, and of those few may be in force at once
   (scope.h). */
bool archive_rest_is_readable(const struct xml *message);

/* What is never too much; and beyond that, how many times what came. */
#define ARCHIVE_REST_FREE_BYTES ((size_t)64 << 10)
#define ARCHIVE_REST_GROWTH 6

/* Whether so many bytes are a fair print of the children of a message, which
   the parser made. */
bool archive_rest_is_fair(const struct xml *message, size_t bytes);

#endif
