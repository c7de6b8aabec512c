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

bool
archive_words_match(const struct archive_words *words, const char *text)
{
	struct str str = { 0 };
	size_t i = 0;

	if (words->count == 0 || text == NULL || *text == '\0')
		return words->count == 0;
	fold_add(&str, text, strlen(text));
	while (i < words->count && strstr(str.data, words->words[i]) != NULL)
		i++;
	str_fini(&str);
	return i == words->count;
}
