/*
 * archive_words.h - words that messages are searched for (XEP-0431).
 *
 * Any part of a text counts, in capitals or not.
 */
#ifndef SHARED_ARCHIVE_WORDS_H
#define SHARED_ARCHIVE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;

/* Each is looked for in each message. */
#define ARCHIVE_WORDS_MAX 16

struct archive_words {
	const char *words[ARCHIVE_WORDS_MAX];	/* in lower case */
	size_t count;
};

/* Those of a text, which blanks separate; none when it is NULL.  They live as
   long as the arena.  Returns 0, or -1 with ERROR_POLICY_VIOLATION when there
   are too many. */
int archive_words_parse(struct arena *arena, const char *text,
			struct archive_words *words_r, struct error *err);

/* Whether all of them are in the text, in which NULL has nothing. */
bool archive_words_match(const struct archive_words *words,
			 const char *text);

/* The same of several texts together: adds those that are in this one to
   *found, which begins with 0.  Whether all were found by now. */
bool archive_words_find(const struct archive_words *words, const char *text,
			unsigned *found);

#endif
