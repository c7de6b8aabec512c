#include "shared/archive_words.h"

#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/fold.h"
#include "shared/str.h"

/* Those that XML knows. */
#define BLANKS " \t\r\n"

static const char *
folded(struct arena *arena, const char *word, size_t len)
{
	struct str str = { 0 };
	const char *copy;

	fold_add(&str, word, len);
	copy = arena_dup(arena, str.data, str.len);
	str_fini(&str);
	return copy;
}

int
archive_words_parse(struct arena *arena, const char *text,
		    struct archive_words *words_r, struct error *err)
{
	*words_r = (struct archive_words){ 0 };
	while (text != NULL && *(text += strspn(text, BLANKS)) != '\0') {
		size_t len = strcspn(text, BLANKS);

		if (words_r->count == ARCHIVE_WORDS_MAX)
			return error_set(err, ERROR_POLICY_VIOLATION,
					 "at most %d words to search for",
					 ARCHIVE_WORDS_MAX);
		words_r->words[words_r->count++] = folded(arena, text, len);
		text += len;
	}
	return 0;
}

static unsigned
bit(size_t i)
{
	return 1U << i;
}

bool
archive_words_find(const struct archive_words *words, const char *text,
		   unsigned *found)
{
	struct str str = { 0 };

	if (text != NULL && *text != '\0' && words->count > 0) {
		fold_add(&str, text, strlen(text));
		for (size_t i = 0; i < words->count; i++)
			if (strstr(str.data, words->words[i]) != NULL)
				*found |= bit(i);
		str_fini(&str);
	}
	return *found == bit(words->count) - 1;
}

bool
archive_words_match(const struct archive_words *words, const char *text)
{
	unsigned found = 0;

	return archive_words_find(words, text, &found);
}
