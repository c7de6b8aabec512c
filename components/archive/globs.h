/*
 * globs.h - lists of names that rules look for, as in { "*.exe", "!a.exe" }.
 *
 * "*" stands for any text, an empty one as well; capitals do not count.  A "!"
 * in front of an entry excepts what it fits; a list of such alone is about all
 * others.
 */
#ifndef ARCHIVE_GLOBS_H
#define ARCHIVE_GLOBS_H

#include <stdbool.h>

bool globs_fits(const char *glob, const char *text);

/* Which entries may be about a text. */
typedef bool globs_fn(const char *glob);

/* Whether an entry without "!" fits the text, of those for which fn says so;
   fn NULL: of all. */
bool globs_have(const char *const *globs, globs_fn *fn, const char *text);
/* The same of those with "!". */
bool globs_except(const char *const *globs, globs_fn *fn, const char *text);
/* Whether all entries have one, or there are none. */
bool globs_only_except(const char *const *globs);

#endif
