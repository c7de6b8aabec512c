/*
 * term.h - a value as another program wrote it, in the notation of its own
 * language (lua.h, erlang.h).
 */
#ifndef SHARED_TERM_H
#define SHARED_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum term_kind {
	TERM_TEXT,	/* what stands between quotes */
	TERM_NUMBER,	/* as it was written */
	TERM_WORD,	/* a name without quotes, an atom */
	TERM_LIST,	/* a table, a tuple or a list */
};

struct term {
	enum term_kind kind;
	const char *text;	/* "" of a LIST; ended by NUL */
	size_t len;		/* of text, which may have more NULs */
	struct term *key;	/* in a table; NULL: the next number */
	struct term *first, *last;	/* of a LIST */
	struct term *next;
};

/* Bounds of what is read: a term is at most so deep, and has so many terms in
   it. */
#define TERM_DEPTH 128
#define TERM_PARTS 65536

/* What a reader says when it comes to the end of the text in the midst of a
   term: with more of the text it may be good. */
#define TERM_SHORT 1

/* The text is copied. */
struct term *term_new(struct arena *arena, enum term_kind kind,
		      const char *text, size_t len);
void term_append(struct term *list, struct term *item);

/* All of these take NULL for a term with nothing in it. */

bool term_is_word(const struct term *term, const char *word);
/* What a table has under that text; or NULL. */
const struct term *term_find(const struct term *table, const char *key);
/* The nth of a list, from 0; or NULL. */
const struct term *term_nth(const struct term *list, size_t n);
/* The text; NULL when it is none, or has a NUL in it. */
const char *term_text(const struct term *term);
/* Microseconds of a number of seconds, be they whole or not.  Returns 0, or
   -1 when it is none, or not one of the years from 1970 to 9999. */
int term_stamp(const struct term *term, int64_t *stamp_r);

#endif
