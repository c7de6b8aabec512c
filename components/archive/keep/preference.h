/*
 * preference.h - which of a user's messages the archive is to keep for that
 * user (XEP-0441).
 */
#ifndef ARCHIVE_PREFERENCE_H
#define ARCHIVE_PREFERENCE_H

#include <stdbool.h>

struct arena;
struct error;
struct xml;

/* The most addresses in both lists together, and the most bytes of each. */
#define PREFERENCE_JIDS 500
#define PREFERENCE_BYTES 65536

struct preference {
	bool never_others;	/* those in no list: never, or else always */
	/* Addresses, each followed by a line feed, which none can hold. */
	const char *always, *never;
};

/* Reads <prefs/>; the lists live as long as the arena.  Returns 0, or -1:
   ERROR_FEATURE_NOT_IMPLEMENTED: by the roster, which is not known here;
   ERROR_POLICY_VIOLATION: more than fits in the limits;
   ERROR_JID_MALFORMED, ERROR_BAD_REQUEST. */
int preference_parse(struct arena *arena, const struct xml *el,
		     struct preference *preference_r, struct error *err);
/* The same as XML, in the arena. */
struct xml *preference_print(struct arena *arena,
			     const struct preference *preference);

/* Whether to keep what is said to or by that address, whose resource may be
   "".  A listed address with a resource goes before one without. */
bool preference_wants(const struct preference *preference, const char *bare,
		      const char *resource);

#endif
