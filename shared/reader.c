#include "shared/reader.h"

#include <string.h>

#include "shared/error.h"
#include "shared/term.h"

int
reader_fail(struct reader *reader, const char *why)
{
	return error_set(reader->err, ERROR_BAD_REQUEST,
			 "byte %zu of the %s: %s",
			 (size_t)(reader->at - reader->start) + 1,
			 reader->what, why);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool
reader_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int
reader_peek(struct reader *reader, char *c_r)
{
	while (reader->at < reader->end && is_blank(*reader->at))
		reader->at++;
	if (reader->at == reader->end)
		return TERM_SHORT;
	*c_r = *reader->at;
	return 0;
}

int
reader_expect(struct reader *reader, char wanted)
{
	char why[] = "'?' is missing", c;
	int ret = reader_peek(reader, &c);

	if (ret != 0)
		return ret;
	why[1] = wanted;
	if (c != wanted)
		return reader_fail(reader, why);
	reader->at++;
	return 0;
}

int
reader_pass(struct reader *reader, const char *word, const char *why)
{
	size_t len = strlen(word);
	size_t room = (size_t)(reader->end - reader->at);

	if (memcmp(reader->at, word, room < len ? room : len) != 0)
		return reader_fail(reader, why);
	if (room < len)
		return TERM_SHORT;
	reader->at += len;
	return 0;
}
