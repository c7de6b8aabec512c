#include "components/archive/rules/hostname.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <punycode.h>
#include <unistr.h>

#include "components/archive/rules/plain.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"

#define PREFIX "xn--"
#define LABEL_MAX 63

/* Programs end a host at each of these. */
#define ENDS "/?#\\@:"

/* Makes another label of one, or the same; it lives as long as the arena. */
typedef const char *label_fn(struct arena *arena, const char *label);

/* NULL: it stands for nothing. */
static const char *
decode(struct arena *arena, const char *code)
{
	punycode_uint points[LABEL_MAX];
	size_t count = LABEL_MAX, len;
	const char *copy;
	uint8_t *text;

	if (punycode_decode(strlen(code), code, &count, points, NULL) !=
	    PUNYCODE_SUCCESS)
		return NULL;
	text = u32_to_u8(points, count, NULL, &len);
	if (text == NULL)
		return NULL;
	copy = arena_dup(arena, (const char *)text, len);
	free(text);
	return copy;
}

static const char *
to_unicode(struct arena *arena, const char *label)
{
	const char *text;

	if (strncmp(label, PREFIX, strlen(PREFIX)) != 0 ||
	    strlen(label) > LABEL_MAX || strchr(label, '*') != NULL)
		return label;
	text = decode(arena, label + strlen(PREFIX));
	return text == NULL || *text == '\0' ? label :
	       plain_fold(arena, text);
}

static const char *
to_ascii(struct arena *arena, const char *label)
{
	size_t count = 0, len = LABEL_MAX - strlen(PREFIX);
	char code[LABEL_MAX];
	const char *copy = label;
	uint32_t *points;

	if (plain_is(label))
		return label;
	points = u8_to_u32((const uint8_t *)label, strlen(label), NULL,
			   &count);
	if (points != NULL && count <= LABEL_MAX &&
	    punycode_encode(count, points, NULL, &len, code) ==
	    PUNYCODE_SUCCESS)
		copy = arena_printf(arena, PREFIX "%.*s", (int)len, code);
	free(points);
	return copy;
}

static const char *
each_label(struct arena *arena, const char *host, label_fn *fn)
{
	struct str out = { 0 };
	const char *copy;

	for (size_t len; ; host += len + 1) {
		len = strcspn(host, ".");
		str_addz(&out, fn(arena, arena_dup(arena, host, len)));
		if (host[len] == '\0')
			break;
		str_addc(&out, '.');
	}
	copy = arena_dup(arena, out.data, out.len);
	str_fini(&out);
	return copy;
}

/* With dots as they are in ASCII. */
static char *
fold(struct arena *arena, const char *host)
{
	static const char stop[] = "\xe3\x80\x82";
	char *copy = arena_strdup(arena, plain_fold(arena, host)), *to = copy;
	const char *from = copy;

	while (*from != '\0') {
		bool stops = strncmp(from, stop, strlen(stop)) == 0;

		*to++ = stops ? '.' : (char)tolower((unsigned char)*from);
		from += stops ? strlen(stop) : 1;
	}
	*to = '\0';
	return copy;
}

static int
digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' :
	       tolower((unsigned char)c) - 'a' + 10;
}

char *
hostname_unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++)
		if (*from == '%' && isxdigit((unsigned char)from[1]) &&
		    isxdigit((unsigned char)from[2])) {
			*to++ = (char)(digit(from[1]) << 4 | digit(from[2]));
			from += 2;
		} else {
			*to++ = *from;
		}
	*to = '\0';
	return text;
}

const char *
hostname_plain(struct arena *arena, const char *host)
{
	char *copy = fold(arena, host);
	size_t len;

	if (*copy == '[')
		return copy;
	len = strcspn(copy, ENDS);
	while (len > 0 && copy[len - 1] == '.')
		len--;
	copy[len] = '\0';
	return strstr(copy, PREFIX) == NULL ? copy :
	       each_label(arena, copy, to_unicode);
}

const char *
hostname_ascii(struct arena *arena, const char *plain)
{
	return plain_is(plain) ? plain : each_label(arena, plain, to_ascii);
}

/* Where a URL has its host, and how long that is; NULL: nowhere.  Programs pass
   over more slashes than two. */
static const char *
find_host(const char *url, size_t *len_r)
{
	const char *start = strstr(url, "://"), *end;

	if (start == NULL)
		return NULL;
	start += 3;
	start += strspn(start, "/\\");
	end = start + strcspn(start, "/?#\\");
	for (const char *at = start; at < end; at++)
		if (*at == '@')
			start = at + 1;
	*len_r = *start == '[' ? (size_t)(end - start) :
				 strcspn(start, ":/?#\\");
	return start;
}

size_t
hostname_length(const char *url)
{
	size_t len;

	return find_host(url, &len) == NULL ? 0 : len;
}

static const char *
plain_host(struct arena *arena, const char *host, size_t len)
{
	return hostname_plain(arena, hostname_unescape(
		arena_dup(arena, host, len)));
}

const char *
hostname_of(struct arena *arena, const char *url, const char **plain_url_r)
{
	const char *host, *plain;
	size_t len;

	host = find_host(url, &len);
	*plain_url_r = url;
	if (host == NULL)
		return NULL;
	plain = plain_host(arena, host, len);
	*plain_url_r = arena_printf(arena, "%.*s%s%s",
				    (int)(strstr(url, "://") + 3 - url), url,
				    plain, host + len);
	return plain;
}

const char *
hostname_plain_url(struct arena *arena, const char *url)
{
	const char *plain_url;

	hostname_of(arena, url, &plain_url);
	return plain_url;
}
