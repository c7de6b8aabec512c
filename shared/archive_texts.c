#include "shared/archive_texts.h"

#include <stddef.h>
#include <string.h>

#include "shared/archive_row.h"
#include "shared/archive_words.h"
#include "shared/arena.h"
#include "shared/content.h"
#include "shared/error.h"

const char *
archive_texts_bodies(struct arena *arena, const struct archive_row *row)
{
	struct xml *message;
	struct error err;

	if (row->rest == NULL || strstr(row->rest, "<body") == NULL ||
	    archive_row_message(arena, row, &message, &err) < 0)
		return row->body;
	return content_bodies(arena, message);
}

/* Most have ids and the like alone, and need not be read. */
static bool
has_text(const char *rest)
{
	while (rest != NULL && (rest = strchr(rest, '>')) != NULL)
		if (*++rest != '<' && *rest != '\0')
			return true;
	return false;
}

/* As it is where it is no XML any more. */
static const char *
read_rest(struct arena *arena, const struct archive_row *row)
{
	struct xml *message;
	struct error err;

	if (archive_row_message(arena, row, &message, &err) < 0)
		return row->rest;
	return content_written(arena, message);
}

bool
archive_texts_match(const struct archive_row *row,
		    const struct archive_words *words)
{
	unsigned found = 0;
	struct arena *arena;
	bool match;

	if (archive_words_find(words, row->subject, &found) ||
	    archive_words_find(words, row->body, &found))
		return true;
	if (!has_text(row->rest))
		return false;
	arena = arena_new();
	match = archive_words_find(words, read_rest(arena, row), &found);
	arena_free(&arena);
	return match;
}
