/*
 * fold.h - text in lower case, to be searched.
 *
 * Each character by itself, as PostgreSQL's lower() does it with a locale of
 * UTF-8: a sharp s stays.
 */
#ifndef SHARED_FOLD_H
#define SHARED_FOLD_H

#include <stddef.h>

struct str;

/* Adds the len bytes at text, in lower case.  What is not UTF-8 stays as it
   is. */
void fold_add(struct str *str, const char *text, size_t len);

#endif
