#include "shared/jid_routed.h"

#include <stdbool.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid-private.h"
#include "shared/jid.h"
#include "shared/prep.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

typedef int prep_fn(const char *text, size_t len, struct prep *prep_r,
		    struct error *err);

/* RFC 3454 appendix B.1; the order of bytes of UTF-8 is that of characters. */
static const struct {
	const char *first, *last;
} nothing[] = {
	{ "\xc2\xad", "\xc2\xad" },
	{ "\xcd\x8f", "\xcd\x8f" },
	{ "\xe1\xa0\x86", "\xe1\xa0\x86" },
	{ "\xe1\xa0\x8b", "\xe1\xa0\x8d" },
	{ "\xe2\x80\x8b", "\xe2\x80\x8d" },
	{ "\xe2\x81\xa0", "\xe2\x81\xa0" },
	{ "\xef\xb8\x80", "\xef\xb8\x8f" },
	{ "\xef\xbb\xbf", "\xef\xbb\xbf" },
};

/* The bytes of a character that is mapped to nothing; 0: it is none. */
static size_t
nothing_at(const char *text, size_t left)
{
	for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
		size_t size = strlen(nothing[i].first);

		if (left >= size && memcmp(text, nothing[i].first, size) >= 0 &&
		    memcmp(text, nothing[i].last, size) <= 0)
			return size;
	}
	return 0;
}

static size_t
strip(char *text, size_t len)
{
	size_t left = 0, size;

	for (size_t i = 0; i < len; i += size) {
		size = nothing_at(text + i, len - i);
		if (size == 0) {
			text[left++] = text[i];
			size = 1;
		}
	}
	return left;
}

/* As many whole characters as fit. */
static size_t
clip(const char *text, size_t len)
{
	if (len <= PREP_MAX)
		return len;
	len = PREP_MAX;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static void
clean(char *text, size_t len, prep_fn *prep)
{
	for (size_t i = 0; i < len; i++) {
		if (is_control(text[i]) ||
		    (text[i] == '@' && prep != prep_resource))
			text[i] = '?';
		else if (prep != prep_resource && text[i] >= 'A' &&
			 text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
	}
}

static bool
takes(prep_fn *prep, const char *text, size_t len, struct prep *prep_r)
{
	struct error ignored;

	return len > 0 && len <= PREP_WHOLE_MAX &&
	       prep(text, len, prep_r, &ignored) == 0;
}

/* What cleaning leaves may be taken after all, and is another form then. */
static void
take(struct arena *arena, prep_fn *prep, const char *text, size_t len,
     struct prep *prep_r)
{
	char *copy;

	prep_r->len = 0;
	if (takes(prep, text, len, prep_r))
		return;
	copy = arena_alloc(arena, len + 1);
	memcpy(copy, text, len);
	len = strip(copy, len);
	if (takes(prep, copy, len, prep_r))
		return;
	len = clip(copy, len);
	while (prep == prep_domain && len > 1 && copy[len - 1] == '.')
		len--;
	clean(copy, len, prep);
	if (takes(prep, copy, len, prep_r))
		return;
	memcpy(prep_r->text, copy, len);
	prep_r->text[len] = '\0';
	prep_r->len = len;
}

/* The order of jid_parse(). */
static int
take_all(struct arena *arena, const char *text, const struct jid **jid_r,
	 struct error *err)
{
	const char *slash = strchr(text, '/'), *at;
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
	struct prep local, domain, resource;

	local.len = resource.len = 0;
	if (slash != NULL)
		take(arena, prep_resource, slash + 1, strlen(slash + 1),
		     &resource);
	at = memchr(text, '@', len);
	if (at != NULL) {
		take(arena, prep_local, text, (size_t)(at - text), &local);
		len -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	take(arena, prep_domain, text, len, &domain);
	if (domain.len == 0)
		return error_set(err, ERROR_JID_MALFORMED,
				 "there is no domain in the address");
	*jid_r = jid_build(arena, &local, &domain, &resource);
	return 0;
}

int
jid_routed(struct arena *arena, const char *text, const struct jid **jid_r,
	   struct error *err)
{
	struct error ignored;

	if (jid_parsez(arena, text, jid_r, &ignored) == 0)
		return 0;
	return take_all(arena, text, jid_r, err);
}

static bool
is_disputed(const char *text)
{
	if (strcasestr(text, "xn--") != NULL)
		return true;
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text != '\0';
}

int
jid_sought(struct arena *arena, const char *text, const struct jid **jid_r,
	   struct error *err)
{
	struct error ignored;

	if (jid_parsez(arena, text, jid_r, err) == 0)
		return 0;
	/* The other refusal says less. */
	return is_disputed(text) &&
	       take_all(arena, text, jid_r, &ignored) == 0 ? 0 : -1;
}
