#include "components/muc/option.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/store.h"
#include "shared/str.h"
#include "shared/xml.h"

#define TEXT_MAX	1000
#define HISTORY_MAX	1000
#define USERS_MAX	100000
/* More words than any option has. */
#define WORDS_MAX	8

const char *
option_name(const struct option *option)
{
	const char *at = strchr(option->var, '_');

	return at ? at + 1 : strchr(option->var, '#') + 1;
}

static void *
member(const struct option *option, const void *strct)
{
	return (char *)strct + option->offset;
}

static bool *
bool_of(const struct option *option, const void *strct)
{
	return member(option, strct);
}

static unsigned *
number_of(const struct option *option, const void *strct)
{
	return member(option, strct);
}

static char **
text_of(const struct option *option, const void *strct)
{
	return member(option, strct);
}

static bool
is_text(const struct option *option)
{
	return option->type == OPTION_TEXT || option->type == OPTION_SECRET;
}

void
option_init(const struct option *option, void *strct)
{
	if (is_text(option))
		*text_of(option, strct) = str_dup("");
}

void
option_own(const struct option *option, void *strct)
{
	if (is_text(option))
		*text_of(option, strct) = str_dup(*text_of(option, strct));
}

void
option_fini(const struct option *option, void *strct)
{
	if (is_text(option))
		free(*text_of(option, strct));
}

bool
option_equal(const struct option *option, const void *a, const void *b)
{
	if (is_text(option))
		return strcmp(*text_of(option, a), *text_of(option, b)) == 0;
	if (option->type == OPTION_BOOL)
		return *bool_of(option, a) == *bool_of(option, b);
	return *number_of(option, a) == *number_of(option, b);
}

static int
refuse(const struct option *option, const char *why, struct error *err)
{
	return error_set_type(err, ERROR_NOT_ACCEPTABLE, ERROR_TYPE_MODIFY,
			      "%s: %s", option->var, why);
}

/* The place of word among words, or -1. */
static int
word_index(const char *const *words, const char *word)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static int
read_set(const struct option *option, const struct form_field *field,
	 unsigned *bits_r, struct error *err)
{
	unsigned bits = 0;

	for (size_t i = 0; i < field->count; i++) {
		int n = word_index(option->words, field->values[i]);

		/* "none" is what some clients send for nothing. */
		if (n < 0 && strcmp(field->values[i], "none") != 0)
			return refuse(option, "no such role", err);
		if (n >= 0)
			bits |= 1U << n;
	}
	*bits_r = bits;
	return 0;
}

static int
read_users(const struct option *option, const struct form_field *field,
	   unsigned *number_r, struct error *err)
{
	/* "" and "0" stand for none in clients that write a number. */
	if (field->count == 0 || field->values[0][0] == '\0' ||
	    strcmp(field->values[0], "none") == 0) {
		*number_r = 0;
		return 0;
	}
	if (form_field_uint(field, 0, USERS_MAX, number_r, err) < 0)
		return refuse(option, "not a number of people", err);
	return 0;
}

static int
read_text(const struct option *option, const struct form_field *field,
	  char **text, struct error *err)
{
	const char *value = field->count > 0 ? field->values[0] : "";

	if (field->count > 1)
		return refuse(option, "one line is wanted", err);
	if (strlen(value) > TEXT_MAX)
		return refuse(option, "too long", err);
	free(*text);
	*text = str_dup(value);
	return 0;
}

static int
refuse_choice(const struct option *option, struct error *err)
{
	struct str why = { 0 };

	for (size_t i = 0; option->words[i] != NULL; i++)
		str_addf(&why, "%s%s", i == 0 ? "none of " : ", ",
			 option->words[i]);
	refuse(option, why.data, err);
	str_fini(&why);
	return -1;
}

static int
read_choice(const struct option *option, const struct form_field *field,
	    unsigned *index_r, struct error *err)
{
	int n = field->count == 1 ?
		word_index(option->words, field->values[0]) : -1;

	if (n < 0)
		return refuse_choice(option, err);
	*index_r = (unsigned)n;
	return 0;
}

int
option_read(const struct option *option, void *strct,
	    const struct form_field *field, struct error *err)
{
	unsigned *number = number_of(option, strct);

	switch (option->type) {
	case OPTION_BOOL:
		if (form_field_bool(field, bool_of(option, strct), err) < 0)
			return refuse(option, "neither yes nor no", err);
		return 0;
	case OPTION_TEXT:
	case OPTION_SECRET:
		return read_text(option, field, text_of(option, strct), err);
	case OPTION_CHOICE:
		return read_choice(option, field, number, err);
	case OPTION_SET:
		return read_set(option, field, number, err);
	case OPTION_USERS:
		return read_users(option, field, number, err);
	case OPTION_NUMBER:
		if (form_field_uint(field, 0, HISTORY_MAX, number, err) < 0)
			return refuse(option, "not a number up to 1000", err);
		return 0;
	}
	return 0;
}

/* Splits value at spaces into at most max words. */
static size_t
split(char *value, const char **words, size_t max)
{
	char *rest = NULL;
	size_t n = 0;

	for (char *word = strtok_r(value, " ", &rest);
	     word != NULL && n < max; word = strtok_r(NULL, " ", &rest))
		words[n++] = word;
	return n;
}

/* People write files and commands. */
static const char *
bool_text(const char *text)
{
	if (strcmp(text, "yes") == 0)
		return "1";
	return strcmp(text, "no") == 0 ? "0" : text;
}

int
option_set(const struct option *option, void *strct, const char *text,
	   struct error *err)
{
	const char *words[WORDS_MAX] = { text };
	struct form_field field = { .values = words, .count = 1 };
	char *parts = str_dup(text);
	int ret;

	if (option->type == OPTION_SET)
		field.count = split(parts, words, WORDS_MAX);
	else if (option->type == OPTION_BOOL)
		words[0] = bool_text(text);
	ret = option_read(option, strct, &field, err);
	free(parts);
	return ret;
}

static const char *
number_text(struct arena *arena, const struct option *option, unsigned number)
{
	if (option->type == OPTION_USERS && number == 0)
		return "none";
	return arena_printf(arena, "%u", number);
}

static void
print_choices(const struct option *option, struct arena *arena,
	      struct xml *field)
{
	for (size_t i = 0; option->words != NULL && option->words[i]; i++)
		form_add_option(arena, field, NULL, option->words[i]);
}

static void
print_number(const struct option *option, unsigned number,
	     struct arena *arena, struct xml *field)
{
	const char *text = number_text(arena, option, number);

	form_add_value(arena, field, text);
	if (option->type == OPTION_USERS &&
	    word_index(option->words, text) < 0)
		form_add_option(arena, field, NULL, text);
}

static void
print_set(const struct option *option, unsigned bits, struct arena *arena,
	  struct xml *field)
{
	for (unsigned i = 0; option->words[i] != NULL; i++)
		if (bits & 1U << i)
			form_add_value(arena, field, option->words[i]);
}

static void
print_values(const struct option *option, const void *strct,
	     struct arena *arena, struct xml *field)
{
	switch (option->type) {
	case OPTION_BOOL:
		form_add_bool(arena, field, *bool_of(option, strct));
		break;
	case OPTION_TEXT:
	case OPTION_SECRET:
		form_add_value(arena, field, *text_of(option, strct));
		break;
	case OPTION_CHOICE:
		form_add_value(arena, field,
			       option->words[*number_of(option, strct)]);
		break;
	case OPTION_SET:
		print_set(option, *number_of(option, strct), arena, field);
		break;
	case OPTION_USERS:
	case OPTION_NUMBER:
		print_number(option, *number_of(option, strct), arena, field);
		break;
	}
}

void
option_print(const struct option *option, const void *strct,
	     struct arena *arena, struct xml *form)
{
	static const char *const types[] = {
		[OPTION_BOOL] = "boolean",
		[OPTION_TEXT] = "text-single",
		[OPTION_SECRET] = "text-private",
		[OPTION_CHOICE] = "list-single",
		[OPTION_SET] = "list-multi",
		[OPTION_USERS] = "list-single",
		[OPTION_NUMBER] = "text-single",
	};
	struct xml *field = form_add(arena, form, types[option->type],
				     option->var, option->label);

	print_values(option, strct, arena, field);
	print_choices(option, arena, field);
}

/* A set is stored as its words, so that people can read the table. */
static const char *
words_of(const struct option *option, struct arena *arena, unsigned bits)
{
	const char *text = "";

	for (unsigned i = 0; option->words[i] != NULL; i++)
		if (bits & 1U << i)
			text = arena_printf(arena, "%s%s%s", text,
					    *text ? " " : "",
					    option->words[i]);
	return text;
}

struct store_value
option_value(const struct option *option, const void *strct,
	     struct arena *arena)
{
	switch (option->type) {
	case OPTION_BOOL:
		return store_int(*bool_of(option, strct));
	case OPTION_TEXT:
	case OPTION_SECRET:
		return store_text(*text_of(option, strct));
	case OPTION_CHOICE:
		return store_text(option->words[*number_of(option, strct)]);
	case OPTION_SET:
		return store_text(words_of(option, arena,
					   *number_of(option, strct)));
	case OPTION_USERS:
	case OPTION_NUMBER:
		break;
	}
	return store_int(*number_of(option, strct));
}

void
option_load(const struct option *option, void *strct,
	    const struct store_result *result, size_t row, size_t column)
{
	const char *text = store_get_text(result, row, column);

	if (text != NULL)
		option_set(option, strct, text, &(struct error){ 0 });
}
