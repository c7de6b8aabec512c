#include "components/archive/format/mime.h"

#include <stdio.h>
#include <string.h>

#include "shared/str.h"

/* RFC 5322 section 2.1.1: a line has no more, and had better have fewer. */
#define LINE_MAX_BYTES 998
#define LINE_USUAL 76
/* Bytes in one encoded word, of which there are 75 (RFC 2047 section 2). */
#define WORD_BYTES 45
/* The end of a line, and a space. */
#define FOLD_SIZE 4

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Up to three bytes. */
static void
add_group(struct str *out, const unsigned char *bytes, size_t len)
{
	unsigned long group = (unsigned long)bytes[0] << 16 |
			      (len > 1 ? (unsigned long)bytes[1] << 8 : 0) |
			      (len > 2 ? bytes[2] : 0);

	str_addc(out, digits[group >> 18]);
	str_addc(out, digits[group >> 12 & 63]);
	str_addc(out, len > 1 ? digits[group >> 6 & 63] : '=');
	str_addc(out, len > 2 ? digits[group & 63] : '=');
}

static void
add_groups(struct str *out, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += 3)
		add_group(out, (const unsigned char *)bytes + i, len - i);
}

void
mime_add_base64(struct str *out, const char *bytes, size_t len,
		const char *eol)
{
	const size_t line = LINE_USUAL / 4 * 3;

	for (size_t i = 0; i < len; i += line) {
		add_groups(out, bytes + i, len - i < line ? len - i : line);
		str_addz(out, eol);
	}
}

/* Printable ASCII that nobody takes for something encoded. */
static bool
is_simple(const char *text)
{
	if (*text == ' ' || strstr(text, "=?") != NULL)
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			return false;
	return true;
}

/* At most a word's bytes, with whole characters, of which each has up to four
   bytes: one that has more is none. */
static size_t
word_len(const char *text)
{
	size_t len = strnlen(text, WORD_BYTES + 1);

	if (len <= WORD_BYTES)
		return len;
	for (len = WORD_BYTES; len > WORD_BYTES - 4; len--)
		if (((unsigned char)text[len] & 0xc0) != 0x80)
			return len;
	return WORD_BYTES;
}

void
mime_add_words(struct str *out, const char *text, const char *between)
{
	for (bool first = true; *text != '\0' || first; first = false) {
		size_t len = word_len(text);

		str_addf(out, "%s=?UTF-8?B?", first ? "" : between);
		add_groups(out, text, len);
		str_addz(out, "?=");
		text += len;
	}
}

void
mime_add_header(struct str *out, const char *name, const char *text,
		const char *eol)
{
	char between[FOLD_SIZE];

	if (is_simple(text) &&
	    strlen(name) + strlen(text) + 2 <= LINE_USUAL) {
		str_addf(out, "%s: %s%s", name, text, eol);
		return;
	}
	snprintf(between, sizeof(between), "%s ", eol);
	str_addf(out, "%s: ", name);
	mime_add_words(out, text, between);
	str_addz(out, eol);
}

bool
mime_is_plain(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\r\n");

		if (len > LINE_MAX_BYTES || text[len] == '\r')
			return false;
		text += len + (text[len] == '\n');
	}
	return true;
}

void
mime_add_lines(struct str *out, const char *text, const char *eol)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		str_add(out, text, len);
		str_addz(out, eol);
		text += len + (text[len] == '\n');
	}
}
