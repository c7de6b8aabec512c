#include "components/archive/plain.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "shared/arena.h"
#include "shared/error.h"

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

/* Decomposed first, so that it does not matter how a mark was written. */
static const char *
make(struct arena *arena, const char *text, bool folds)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t len = strlen(text);
	uint8_t *parts, *whole;
	const char *copy;

	if (u8_check(bytes, len) != NULL)
		return text;
	parts = u8_normalize(UNINORM_NFKD, bytes, len, NULL, &len);
	ensure(parts != NULL);
	len = drop_unseen(parts, len);
	whole = folds ? u8_casefold(parts, len, NULL, UNINORM_NFKC, NULL,
				    &len) :
			u8_normalize(UNINORM_NFKC, parts, len, NULL, &len);
	ensure(whole != NULL);
	copy = arena_dup(arena, (const char *)whole, len);
	free(whole);
	free(parts);
	return copy;
}

const char *
plain_text(struct arena *arena, const char *text)
{
	return plain_is(text) ? text : make(arena, text, false);
}

const char *
plain_fold(struct arena *arena, const char *text)
{
	return plain_is(text) ? text : make(arena, text, true);
}
