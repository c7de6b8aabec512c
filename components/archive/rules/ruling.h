/*
 * ruling.h - what a policy server says of a stanza (policy.yaml).
 */
#ifndef ARCHIVE_RULING_H
#define ARCHIVE_RULING_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/error.h"

struct arena;

/* Of an answer, and of the texts in it. */
#define RULING_BYTES_MAX ((size_t)512 * 1024)
#define RULING_BODY_MAX ((size_t)128 * 1024)
#define RULING_NOTICE_MAX ((size_t)1024)

enum ruling_kind {
	RULING_ALLOW,
	RULING_BLOCK,
	RULING_MODIFY,
	RULING_HOLD,
};

struct ruling {
	enum ruling_kind kind;
	enum error_cond condition;	/* block; ERROR_NONE: the usual one */
	const char *notice;	/* block: for the sender, or NULL */
	bool silent;		/* block: the sender hears nothing */
	const char *body;	/* modify: this one or the other, else NULL */
	const char *append;
	const char *besides;	/* modify: appended to that; NULL: nothing */
};

/* Understands an answer; texts live as long as the arena.  Returns 0, or -1
   with ERROR_BAD_REQUEST: it is no JSON, or not what it has to be. */
int ruling_parse(struct arena *arena, const char *text, size_t len,
		 struct ruling *ruling_r, struct error *err);

/* The same, with a text added to what goes on by it, if it does; NULL adds
   nothing. */
struct ruling ruling_with(const struct ruling *ruling, const char *text);

#endif
