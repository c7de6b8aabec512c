/*
 * plain.h - text without what hides from a comparison what people read in it.
 *
 * Left out are characters that nobody sees, as the soft hyphen, joiners, marks
 * of direction and variation selectors, and what strikes others through or
 * encloses them.  Other forms of a character, as wide or mathematical ones, are
 * that character (NFKC).  Those of another script that look like it are not.
 */
#ifndef ARCHIVE_PLAIN_H
#define ARCHIVE_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* Whether it is all ASCII, so that there is nothing to hide behind. */
bool plain_is(const char *text);

/* Both are in the arena; or the text itself, where that is plain or no
   UTF-8. */

const char *plain_text(struct arena *arena, const char *text);
/* The same, with capitals folded as Unicode has it, as for "Stra\u00dfe" and
   "STRASSE"; those of plain text stay. */
const char *plain_fold(struct arena *arena, const char *text);

/* The same, or NULL where it would not be made by that time of
   pattern_clock_ns(): who writes the text must not be able to keep the daemon
   busy by it. */
const char *plain_text_until(struct arena *arena, const char *text,
			     uint64_t until_ns);
const char *plain_fold_until(struct arena *arena, const char *text,
			     uint64_t until_ns);

#endif
