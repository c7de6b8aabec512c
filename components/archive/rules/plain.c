#include "components/archive/rules/plain.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "components/archive/rules/pattern.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"

/* Bytes between one look at the clock and the next, and the most. */
#define PIECE ((size_t)4096)
#define PIECE_MAX (2 * PIECE)

/* XML has these control characters, but for the last. */
bool
plain_is(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x7f)
			return false;
	return true;
}

/* What is about the annotation of others is not shown, but no such character
   by its properties. */
static bool
is_unseen(ucs4_t c)
{
	return uc_is_property_default_ignorable_code_point(c) ||
	       (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0x7f && c <= 0x9f && c != 0x85) ||
	       uc_combining_class(c) == UC_CCC_OV ||
	       uc_is_general_category(c, UC_ENCLOSING_MARK);
}

/* In place. */
static size_t
drop_unseen(uint8_t *text, size_t len)
{
	size_t kept = 0;
	ucs4_t c;

	for (size_t at = 0; at < len;) {
		int size = u8_mbtouc(&c, text + at, len - at);

		if (!is_unseen(c)) {
			memmove(text + kept, text + at, (size_t)size);
			kept += (size_t)size;
		}
		at += (size_t)size;
	}
	return kept;
}

/* The first of those that it is taken apart into. */
static ucs4_t
first_of(ucs4_t c)
{
	ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
	int tag;

	while (uc_decomposition(c, &tag, parts) > 0)
		c = parts[0];
	return c;
}

/* It may become one with what is before it: marks, what is unseen before one,
   and the vowels and finals of Hangul. */
static bool
continues(ucs4_t c)
{
	c = first_of(c);
	return uc_is_general_category(c, UC_MARK) || is_unseen(c) ||
	       (c >= 0x1160 && c <= 0x11ff);
}

/* As much of it as is made plain at once, which may be done for each by
   itself: of what continues without an end there is no text. */
static size_t
piece_of(const uint8_t *text, size_t len)
{
	size_t at = PIECE, size;
	ucs4_t c;

	if (len <= PIECE_MAX)
		return len;
	while ((text[at] & 0xc0) == 0x80)
		at--;
	while (at < PIECE_MAX) {
		size = (size_t)u8_mbtouc(&c, text + at, len - at);
		if (!continues(c))
			break;
		at += size;
	}
	return at;
}

/* Decomposed first, so that it does not matter how a mark was written. */
static void
add(struct str *out, const uint8_t *text, size_t len, bool folds)
{
	uint8_t *parts, *whole;

	parts = u8_normalize(UNINORM_NFKD, text, len, NULL, &len);
	ensure(parts != NULL);
	len = drop_unseen(parts, len);
	whole = folds ? u8_casefold(parts, len, NULL, UNINORM_NFKC, NULL,
				    &len) :
			u8_normalize(UNINORM_NFKC, parts, len, NULL, &len);
	ensure(whole != NULL);
	str_add(out, (const char *)whole, len);
	free(whole);
	free(parts);
}

static const char *
make(struct arena *arena, const char *text, uint64_t until_ns, bool folds)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t len = strlen(text), piece;
	struct str out = { 0 };
	const char *copy = NULL;

	if (plain_is(text) || u8_check(bytes, len) != NULL)
		return text;
	while (len > 0 && pattern_clock_ns() < until_ns) {
		piece = piece_of(bytes, len);
		add(&out, bytes, piece, folds);
		bytes += piece;
		len -= piece;
	}
	if (len == 0)
		copy = arena_dup(arena, out.data, out.len);
	str_fini(&out);
	return copy;
}

const char *
plain_text(struct arena *arena, const char *text)
{
	return make(arena, text, UINT64_MAX, false);
}

const char *
plain_fold(struct arena *arena, const char *text)
{
	return make(arena, text, UINT64_MAX, true);
}

const char *
plain_text_until(struct arena *arena, const char *text, uint64_t until_ns)
{
	return make(arena, text, until_ns, false);
}

const char *
plain_fold_until(struct arena *arena, const char *text, uint64_t until_ns)
{
	return make(arena, text, until_ns, true);
}
