/*
 * archive_texts.h - what is written in a message of the archive, besides what
 * has a column.
 *
 * A message may have several bodies, and say something elsewhere as well, as in
 * formatted text: of that only the first body and the first subject stand by
 * themselves (archive_row.h).
 */
#ifndef SHARED_ARCHIVE_TEXTS_H
#define SHARED_ARCHIVE_TEXTS_H

#include <stdbool.h>

struct archive_row;
struct archive_words;
struct arena;

/* All bodies (content.h), or the first where the others cannot be read any
   more; NULL when there is none.  Lives as long as the row and the arena. */
const char *archive_texts_bodies(struct arena *arena,
				 const struct archive_row *row);

/* Whether all words are in what is written in it, wherever each is. */
bool archive_texts_match(const struct archive_row *row,
			 const struct archive_words *words);

#endif
