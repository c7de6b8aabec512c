/*
 * str.h - a byte string that grows.
 *
 * Embedded in its owner.  All zero is a valid empty string; data ends in NUL
 * whenever it is not NULL.
 */
#ifndef SHARED_STR_H
#define SHARED_STR_H

#include <stddef.h>

struct str {
	char *data;
	size_t len;	/* without the NUL */
	size_t size;	/* allocated */
};

void str_fini(struct str *str);

/* Empties, keeping the storage. */
void str_clear(struct str *str);

/* What is added must not point into the string itself. */
void str_add(struct str *str, const char *bytes, size_t len);
void str_addz(struct str *str, const char *text);
void str_addc(struct str *str, char c);
void str_addf(struct str *str, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Makes room for len more bytes and returns where they go; the caller then
   adds what it wrote to str->len. */
char *str_reserve(struct str *str, size_t len);

/* Drops the first len bytes. */
void str_shift(struct str *str, size_t len);

#endif
