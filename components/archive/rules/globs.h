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
#include <stddef.h>
#include <stdint.h>

bool globs_fits(const char *glob, const char *text);

/* Which entries may be about a text. */
typedef bool globs_fn(const char *glob);

/* All that is looked for in one stanza: who writes the texts must not be able
   to keep the daemon busy by them. */
struct globs_watch {
	uint64_t until_ns;	/* as pattern_clock_ns() counts: when all is to
				   be known */
	bool late;		/* it was not: what else is asked is false */
	size_t unwatched;	/* bytes, since the clock was looked at */
};

/* Whether an entry without "!" fits the text, of those for which fn says so;
   fn NULL: of all. */
bool globs_have(const char *const *globs, globs_fn *fn, const char *text,
		struct globs_watch *watch);
/* The same of those with "!". */
bool globs_except(const char *const *globs, globs_fn *fn, const char *text,
		  struct globs_watch *watch);
/* Whether all entries have one, or there are none. */
bool globs_only_except(const char *const *globs);

#endif
