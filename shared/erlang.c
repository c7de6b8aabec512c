#include "shared/erlang.h"

#include <stdbool.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/reader.h"
#include "shared/str.h"
#include "shared/term.h"

/* The longest escape, \x{10ffff}, and what follows it. */
#define ESCAPE_BYTES 11

static int read_value(struct reader *reader, struct term **term_r);

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       reader_is_digit(c) || c == '_' || c == '@';
}

/* A character above a byte is one of a text, which is UTF-8 then. */
static int
add_char(struct reader *reader, unsigned long c)
{
	char bytes[4];
	size_t n = 0;

	if (c > 0x10ffff)
		return reader_fail(reader, "no such character");
	if (c < 0x100) {
		str_addc(&reader->text, (char)c);
		return 0;
	}
	if (c >= 0x10000) {
		bytes[n++] = (char)(0xf0 | c >> 18);
		bytes[n++] = (char)(0x80 | (c >> 12 & 0x3f));
	} else if (c >= 0x800) {
		bytes[n++] = (char)(0xe0 | c >> 12);
	} else {
		bytes[n++] = (char)(0xc0 | c >> 6);
	}
	if (c >= 0x800)
		bytes[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	bytes[n++] = (char)(0x80 | (c & 0x3f));
	str_add(&reader->text, bytes, n);
	return 0;
}

static int
digit(char c)
{
	if (reader_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* At most max digits of that base; at least one. */
static int
read_code(struct reader *reader, int base, int max, unsigned long *code_r)
{
	int n = 0;

	*code_r = 0;
	for (; n < max && reader->at < reader->end &&
	     digit(*reader->at) < base; n++)
		*code_r = *code_r * (unsigned)base +
			  (unsigned)digit(*reader->at++);
	return n > 0 ? 0 : reader_fail(reader, "no such escape");
}

/* Behind \x. */
static int
read_hex(struct reader *reader, unsigned long *code_r)
{
	if (*reader->at != '{')
		return read_code(reader, 16, 2, code_r);
	reader->at++;
	if (read_code(reader, 16, 6, code_r) < 0)
		return -1;
	if (*reader->at != '}')
		return reader_fail(reader, "no such escape");
	reader->at++;
	return 0;
}

/* Behind a backslash, of which there is enough. */
static int
read_escape(struct reader *reader)
{
	static const char names[] = "bdefnrstv";
	static const char values[] = "\b\177\033\f\n\r \t\v";
	unsigned long code;
	const char *found;

	if (reader_is_digit(*reader->at))
		return read_code(reader, 8, 3, &code) < 0 ? -1 :
		       add_char(reader, code);
	if (*reader->at == 'x') {
		reader->at++;
		return read_hex(reader, &code) < 0 ? -1 :
		       add_char(reader, code);
	}
	if (*reader->at == '^') {
		reader->at++;
		return add_char(reader, (unsigned char)*reader->at++ & 0x1f);
	}
	found = memchr(names, *reader->at, sizeof(names) - 1);
	str_addc(&reader->text, found != NULL ? values[found - names] :
		 *reader->at);
	reader->at++;
	return 0;
}

/* Adds what stands between quotes. */
static int
read_quoted(struct reader *reader)
{
	char quote = *reader->at++;
	const char *from;
	int ret;

	for (;;) {
		for (from = reader->at; reader->at < reader->end &&
		     *reader->at != quote && *reader->at != '\\'; reader->at++)
			;
		str_add(&reader->text, from, (size_t)(reader->at - from));
		if (reader->at == reader->end)
			return TERM_SHORT;
		if (*reader->at == quote)
			break;
		if (reader->end - reader->at < ESCAPE_BYTES &&
		    memchr(reader->at + 1, quote,
			   (size_t)(reader->end - reader->at) - 1) == NULL)
			return TERM_SHORT;
		reader->at++;
		if ((ret = read_escape(reader)) != 0)
			return ret;
	}
	reader->at++;
	return 0;
}

static struct term *
end_text(struct reader *reader, enum term_kind kind)
{
	return term_new(reader->arena, kind, reader->text.data,
			reader->text.len);
}

/* Long ones are written in pieces. */
static int
read_pieces(struct reader *reader)
{
	char c;
	int ret;

	do
		if ((ret = read_quoted(reader)) != 0)
			return ret;
	while ((ret = reader_peek(reader, &c)) == 0 && c == '"');
	return ret;
}

/* Behind the quotes in a binary: /utf8, which they are. */
static int
read_type(struct reader *reader)
{
	return *reader->at != '/' ? 0 :
	       reader_pass(reader, "/utf8", "no such type");
}

/* A byte of a binary, as a number. */
static int
read_byte(struct reader *reader)
{
	unsigned value = 0;
	int n = 0;

	for (; n < 4 && reader->at < reader->end &&
	     reader_is_digit(*reader->at); n++)
		value = value * 10 + (unsigned)(*reader->at++ - '0');
	if (reader->at == reader->end)
		return TERM_SHORT;
	if (n == 0 || value > 255)
		return reader_fail(reader, "no byte");
	str_addc(&reader->text, (char)value);
	return 0;
}

static int
read_segment(struct reader *reader, char c)
{
	int ret;

	if (c != '"')
		return read_byte(reader);
	ret = read_pieces(reader);
	return ret != 0 ? ret : read_type(reader);
}

/* The rest of a binary, whose < stands here. */
static int
read_binary(struct reader *reader, struct term **term_r)
{
	char c;
	int ret;

	reader->at++;
	if ((ret = reader_expect(reader, '<')) != 0)
		return ret;
	str_clear(&reader->text);
	str_addz(&reader->text, "");
	while ((ret = reader_peek(reader, &c)) == 0 && c != '>') {
		if ((ret = read_segment(reader, c)) != 0 ||
		    (ret = reader_peek(reader, &c)) != 0)
			return ret;
		if (c == ',')
			reader->at++;
		else if (c != '>')
			return reader_fail(reader, "'>' is missing");
	}
	if (ret != 0 || (ret = reader_expect(reader, '>')) != 0 ||
	    (ret = reader_expect(reader, '>')) != 0)
		return ret;
	*term_r = end_text(reader, TERM_TEXT);
	return 0;
}

/* A text, or an atom in quotes. */
static int
read_literal(struct reader *reader, struct term **term_r)
{
	bool text = *reader->at == '"';
	int ret;

	str_clear(&reader->text);
	ret = text ? read_pieces(reader) : read_quoted(reader);
	if (ret == 0)
		*term_r = end_text(reader, text ? TERM_TEXT : TERM_WORD);
	return ret;
}

/* A number or an atom. */
static int
read_plain(struct reader *reader, struct term **term_r)
{
	enum term_kind kind = reader_is_digit(*reader->at) ||
			      *reader->at == '-' ? TERM_NUMBER : TERM_WORD;
	const char *from = reader->at++;

	/* A full stop is part of a number where more of it follows. */
	while (reader->at < reader->end &&
	       (is_word(*reader->at) ||
		(kind == TERM_NUMBER && *reader->at == '.' &&
		 reader->end - reader->at > 1 &&
		 reader_is_digit(reader->at[1]))))
		reader->at++;
	/* Within something it is not the one that ends all. */
	if (reader->at == reader->end ||
	    (kind == TERM_NUMBER && reader->depth > 0 &&
	     *reader->at == '.' && reader->end - reader->at == 1))
		return TERM_SHORT;
	*term_r = term_new(reader->arena, kind, from,
			   (size_t)(reader->at - from));
	return 0;
}

static int
read_list(struct reader *reader, struct term **term_r)
{
	struct term *list = term_new(reader->arena, TERM_LIST, "", 0), *item;
	char close = *reader->at++ == '{' ? '}' : ']', c;
	int ret;

	if (++reader->depth > TERM_DEPTH)
		return reader_fail(reader, "too deep");
	while ((ret = reader_peek(reader, &c)) == 0 && c != close) {
		if (list->first != NULL &&
		    (ret = reader_expect(reader, ',')) != 0)
			return ret;
		if ((ret = read_value(reader, &item)) != 0)
			return ret;
		term_append(list, item);
	}
	if (ret != 0)
		return ret;
	reader->at++;
	reader->depth--;
	*term_r = list;
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
	if (c == '{' || c == '[')
		return read_list(reader, term_r);
	if (c == '<')
		return read_binary(reader, term_r);
	if (c == '"' || c == '\'')
		return read_literal(reader, term_r);
	if (reader_is_digit(c) || c == '-' || (c >= 'a' && c <= 'z'))
		return read_plain(reader, term_r);
	return reader_fail(reader, "no term");
}

int
erlang_read_term(struct arena *arena, const char *text, size_t len,
		 struct term **term_r, size_t *used_r, struct error *err)
{
	struct reader reader = {
		.arena = arena, .what = "term", .start = text, .at = text,
		.end = text + len, .err = err,
	};
	int ret = read_value(&reader, term_r);

	if (ret == 0)
		ret = reader_expect(&reader, '.');
	*used_r = (size_t)(reader.at - text);
	str_fini(&reader.text);
	return ret;
}
