/*
 * words.h - the words of a command line, read by what the component declares.
 *
 * What is required stands in order; all else is an option, --NAME VALUE or
 * --NAME=VALUE, of a bool --NAME or --no-NAME; a rest takes all words that are
 * left.  Behind "--" nothing is an option.
 */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Reads the words into the fields of a request.  NULL after it has said on
   stderr what is wrong. */
json_t *words_read(const json_t *command, const char *const *words,
		   size_t count);

/* The field of that name; NULL when there is none. */
const json_t *words_field(const json_t *command, const char *name, size_t len);
/* The field that the next word is for, after so many that are no options;
   NULL when there is none. */
const json_t *words_place(const json_t *command, size_t n);
/* Whether an option takes a value. */
bool words_takes_value(const json_t *field);

#endif
