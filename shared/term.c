#include "shared/term.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"

/* The end of the year 9999. */
#define LAST_SECOND 253402300799.0

struct term *
term_new(struct arena *arena, enum term_kind kind, const char *text,
	 size_t len)
{
	struct term *term = arena_alloc(arena, sizeof(*term));

	term->kind = kind;
	term->text = arena_dup(arena, text, len);
	term->len = len;
	return term;
}

void
term_append(struct term *list, struct term *item)
{
	if (list->last == NULL)
		list->first = item;
	else
		list->last->next = item;
	list->last = item;
}

static bool
is(const struct term *term, enum term_kind kind, const char *text)
{
	return term != NULL && term->kind == kind &&
	       term->len == strlen(text) &&
	       memcmp(term->text, text, term->len) == 0;
}

bool
term_is_word(const struct term *term, const char *word)
{
	return is(term, TERM_WORD, word);
}

const struct term *
term_find(const struct term *table, const char *key)
{
	const struct term *item = table == NULL ? NULL : table->first;

	while (item != NULL && !is(item->key, TERM_TEXT, key))
		item = item->next;
	return item;
}

const struct term *
term_nth(const struct term *list, size_t n)
{
	const struct term *item = list == NULL ? NULL : list->first;

	while (item != NULL && n-- > 0)
		item = item->next;
	return item;
}

const char *
term_text(const struct term *term)
{
	return term != NULL && term->kind == TERM_TEXT &&
	       strlen(term->text) == term->len ? term->text : NULL;
}

int
term_stamp(const struct term *term, int64_t *stamp_r)
{
	double secs;
	char *end;

	if (term == NULL || term->kind != TERM_NUMBER)
		return -1;
	secs = strtod(term->text, &end);
	if (end == term->text || *end != '\0' || !(secs >= 0) ||
	    secs > LAST_SECOND)
		return -1;
	*stamp_r = (int64_t)(secs * CLOCK_SECOND + 0.5);
	return 0;
}
