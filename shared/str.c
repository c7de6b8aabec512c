#include "shared/str.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/error.h"

/* The first allocation; later ones double. */
#define FIRST_BYTES 256

void
str_grow(struct str *str, size_t len)
{
	size_t size = str->size > 0 ? str->size : FIRST_BYTES;

	ensure(len < PTRDIFF_MAX - str->len);
	while (size - str->len <= len)
		size *= 2;
	str->data = realloc(str->data, size);
	ensure(str->data != NULL);
	str->size = size;
}

static void
room(struct str *str, size_t len)
{
	if (str->size - str->len <= len)
		str_grow(str, len);
}

void
str_fini(struct str *str)
{
	free(str->data);
	*str = (struct str){ 0 };
}

void
str_clear(struct str *str)
{
	str->len = 0;
	if (str->data != NULL)
		str->data[0] = '\0';
}

void
str_vaddf(struct str *str, const char *fmt, va_list args)
{
	va_list again;
	int len;

	room(str, FIRST_BYTES);
	va_copy(again, args);
	len = vsnprintf(str->data + str->len, str->size - str->len, fmt, args);
	ensure(len >= 0);
	if ((size_t)len >= str->size - str->len) {
		str_grow(str, (size_t)len);
		vsnprintf(str->data + str->len, (size_t)len + 1, fmt, again);
	}
	va_end(again);
	str->len += (size_t)len;
}

void
str_addf(struct str *str, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	str_vaddf(str, fmt, args);
	va_end(args);
}

char *
str_dup(const char *text)
{
	char *copy = text != NULL ? strdup(text) : NULL;

	ensure(text == NULL || copy != NULL);
	return copy;
}

/* Zeroed, so that a NUL follows however little the caller writes. */
char *
str_reserve(struct str *str, size_t len)
{
	room(str, len);
	return memset(str->data + str->len, 0, len + 1);
}

void
str_shift(struct str *str, size_t len)
{
	ensure(len <= str->len);
	if (len == 0)
		return;
	str->len -= len;
	memmove(str->data, str->data + len, str->len + 1);
}
