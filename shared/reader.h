/*
 * reader.h - how a text is read in which there is a term: what the readers of
 * each language (lua.h, erlang.h) have in common.
 */
#ifndef SHARED_READER_H
#define SHARED_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/str.h"

struct arena;
struct error;

struct reader {
	struct arena *arena;	/* of the terms */
	const char *what;	/* is read: for the texts of errors */
	const char *start, *at, *end;
	unsigned depth, parts;
	struct str text;	/* of the literal that is being read */
	struct error *err;
};

/* The functions below return 0; TERM_SHORT where the text ends too early; or
   -1 with ERROR_BAD_REQUEST, which names the byte. */

/* What is wrong with it.  Always -1. */
int reader_fail(struct reader *reader, const char *why);

/* The next character that is not blank. */
int reader_peek(struct reader *reader, char *c_r);
/* The same, which must be that one, and is passed. */
int reader_expect(struct reader *reader, char wanted);

/* Passes that word, which must stand here; why is what is wrong if it does
   not. */
int reader_pass(struct reader *reader, const char *word, const char *why);

bool reader_is_digit(char c);

#endif
