#include "shared/lua.h"

#include <stdbool.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/reader.h"
#include "shared/str.h"
#include "shared/term.h"

static int read_value(struct reader *reader, struct term **term_r);

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Up to three digits, the first of which is there. */
static int
read_decimal(struct reader *reader)
{
	unsigned value = 0;

	for (int i = 0; i < 3 && reader->at < reader->end &&
	     reader_is_digit(*reader->at); i++)
		value = value * 10 + (unsigned)(*reader->at++ - '0');
	if (value > 255)
		return reader_fail(reader, "no such character");
	str_addc(&reader->text, (char)value);
	return 0;
}

/* Behind a backslash, of which there is at least one character. */
static int
read_escape(struct reader *reader)
{
	static const char names[] = "abfnrtv\\\"'\n";
	static const char values[] = "\a\b\f\n\r\t\v\\\"'\n";
	const char *found;

	if (reader_is_digit(*reader->at))
		return read_decimal(reader);
	found = memchr(names, *reader->at, sizeof(names) - 1);
	if (found == NULL)
		return reader_fail(reader, "no such escape");
	str_addc(&reader->text, values[found - names]);
	reader->at++;
	return 0;
}

static int
read_text(struct reader *reader, struct term **term_r)
{
	char quote = *reader->at++;
	const char *from;
	int ret = 0;

	str_clear(&reader->text);
	for (;;) {
		for (from = reader->at; reader->at < reader->end &&
		     *reader->at != quote && *reader->at != '\\' &&
		     *reader->at != '\n'; reader->at++)
			;
		str_add(&reader->text, from, (size_t)(reader->at - from));
		/* The longest escape decides whether all of it is there. */
		if (reader->at == reader->end)
			return TERM_SHORT;
		if (*reader->at != '\\')
			break;
		if (reader->end - reader->at < 4)
			return TERM_SHORT;
		reader->at++;
		if ((ret = read_escape(reader)) != 0)
			return ret;
	}
	if (*reader->at != quote)
		return reader_fail(reader, "a text without an end");
	reader->at++;
	*term_r = term_new(reader->arena, TERM_TEXT, reader->text.data,
			   reader->text.len);
	return 0;
}

/* Of digits, letters and what numbers have. */
static int
read_plain(struct reader *reader, enum term_kind kind, struct term **term_r)
{
	const char *from = reader->at;

	while (reader->at < reader->end &&
	       (is_letter(*reader->at) || reader_is_digit(*reader->at) ||
		(kind == TERM_NUMBER && strchr("+-.", *reader->at) != NULL &&
		 *reader->at != '\0')))
		reader->at++;
	if (reader->at == reader->end)
		return TERM_SHORT;
	*term_r = term_new(reader->arena, kind, from,
			   (size_t)(reader->at - from));
	return 0;
}

/* (1/0) and its like: numbers that are none. */
static int
read_infinity(struct reader *reader, struct term **term_r)
{
	static const char *const spellings[] = { "(1/0)", "(-1/0)", "(0/0)" };
	size_t room = (size_t)(reader->end - reader->at);

	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
		size_t len = strlen(spellings[i]);
		size_t there = room < len ? room : len;

		if (memcmp(reader->at, spellings[i], there) != 0)
			continue;
		if (room < len)
			return TERM_SHORT;
		*term_r = term_new(reader->arena, TERM_WORD, reader->at, len);
		reader->at += len;
		return 0;
	}
	return reader_fail(reader, "no value");
}

/* [KEY] = or NAME =, if there is one. */
static int
read_key(struct reader *reader, struct term **key_r)
{
	const char *from = reader->at;
	char c;
	int ret;

	*key_r = NULL;
	if (*from == '[') {
		reader->at++;
		if ((ret = read_value(reader, key_r)) != 0 ||
		    (ret = reader_expect(reader, ']')) != 0)
			return ret;
		return reader_expect(reader, '=');
	}
	if (!is_letter(*from))
		return 0;
	if ((ret = read_plain(reader, TERM_TEXT, key_r)) != 0 ||
	    (ret = reader_peek(reader, &c)) != 0)
		return ret;
	if (c == '=') {
		reader->at++;
	} else {
		*key_r = NULL;
		reader->at = from;
	}
	return 0;
}

static int
read_entry(struct reader *reader, struct term *table)
{
	struct term *key, *value;
	char c;
	int ret;

	if ((ret = read_key(reader, &key)) != 0 ||
	    (ret = read_value(reader, &value)) != 0 ||
	    (ret = reader_peek(reader, &c)) != 0)
		return ret;
	value->key = key;
	term_append(table, value);
	if (c == ';' || c == ',')
		reader->at++;
	else if (c != '}')
		return reader_fail(reader, "';' is missing");
	return 0;
}

static int
read_table(struct reader *reader, struct term **term_r)
{
	struct term *table = term_new(reader->arena, TERM_LIST, "", 0);
	char c;
	int ret;

	if (++reader->depth > TERM_DEPTH)
		return reader_fail(reader, "too deep");
	reader->at++;
	while ((ret = reader_peek(reader, &c)) == 0 && c != '}')
		if ((ret = read_entry(reader, table)) != 0)
			return ret;
	if (ret != 0)
		return ret;
	reader->at++;
	reader->depth--;
	*term_r = table;
	return 0;
}

static int
read_value(struct reader *reader, struct term **term_r)
{
	char c;
	int ret = reader_peek(reader, &c);

	if (ret != 0)
		return ret;
	if (++reader->parts > TERM_PARTS)
		return reader_fail(reader, "too many parts");
	if (c == '{')
		return read_table(reader, term_r);
	if (c == '"' || c == '\'')
		return read_text(reader, term_r);
	if (c == '(')
		return read_infinity(reader, term_r);
	if (reader_is_digit(c) || c == '-')
		return read_plain(reader, TERM_NUMBER, term_r);
	if (is_letter(c))
		return read_plain(reader, TERM_WORD, term_r);
	return reader_fail(reader, "no value");
}

static int
read_call(struct reader *reader, struct term **term_r)
{
	int ret = reader_pass(reader, "item(", "there is no item");

	if (ret != 0 || (ret = read_value(reader, term_r)) != 0 ||
	    (ret = reader_expect(reader, ')')) != 0)
		return ret;
	return reader_expect(reader, ';');
}

int
lua_read_item(struct arena *arena, const char *text, size_t len,
	      struct term **term_r, size_t *used_r, struct error *err)
{
	struct reader reader = {
		.arena = arena, .what = "item", .start = text, .at = text,
		.end = text + len, .err = err,
	};
	int ret = read_call(&reader, term_r);

	*used_r = (size_t)(reader.at - text);
	str_fini(&reader.text);
	return ret;
}
