/*
 * str.h - a byte string that grows.
 *
 * Embedded in its owner.  All zero is a valid empty string; data ends in NUL
 * whenever it is not NULL.
 */
#ifndef SHARED_STR_H
#define SHARED_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	char *data;
	size_t len;	/* without the NUL */
	size_t size;	/* allocated */
};

void str_fini(struct str *str);

/* Empties, keeping the storage. */
void str_clear(struct str *str);

/* Makes room for len more bytes and the NUL, when there is too little. */
void str_grow(struct str *str, size_t len);

/* What is added must not point into the string itself.  These are all that
   printing XML does, so they are part of who calls them. */
static inline void
str_add(struct str *str, const char *bytes, size_t len)
{
	if (str->size - str->len <= len)
		str_grow(str, len);
	if (len > 0)
		memcpy(str->data + str->len, bytes, len);
	str->len += len;
	str->data[str->len] = '\0';
}

/* Adds len bytes, which the caller writes to where it returns: cheaper than to
   add part by part. */
static inline char *
str_extend(struct str *str, size_t len)
{
	char *at;

	if (str->size - str->len <= len)
		str_grow(str, len);
	at = str->data + str->len;
	str->len += len;
	at[len] = '\0';
	return at;
}

static inline void
str_addc(struct str *str, char c)
{
	str_add(str, &c, 1);
}

static inline void
str_addz(struct str *str, const char *text)
{
	str_add(str, text, strlen(text));
}

/* Whether two texts are the same; most differ in the first byte, so a call is
   saved. */
static inline bool
str_same(const char *a, const char *b)
{
	return a == b || (*a == *b && strcmp(a, b) == 0);
}

/* Whether it is in a list that ends with NULL. */
static inline bool
str_is_one_of(const char *text, const char *const *list)
{
	while (*list != NULL && !str_same(*list, text))
		list++;
	return *list != NULL;
}

void str_addf(struct str *str, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void str_vaddf(struct str *str, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

/* A copy of text on the heap; NULL of NULL. */
char *str_dup(const char *text);

/* Makes room for len more bytes and returns where they go; the caller then
   adds what it wrote to str->len. */
char *str_reserve(struct str *str, size_t len);

/* Drops the first len bytes. */
void str_shift(struct str *str, size_t len);

#endif
