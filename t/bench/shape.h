/*
 * shape.h - the bytes of a message around the address it is for.
 *
 * Learnt from one copy; then they say what the other copies must look like,
 * and the next message, if it differs in just its number and its sender.
 */
#ifndef T_BENCH_SHAPE_H
#define T_BENCH_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/str.h"

struct element;

/* Of a message's number, as written in its id and body. */
#define NUMBER_DIGITS 8

/* Embedded; all zero is one that knows nothing. */
struct shape {
	bool known;
	unsigned number;	/* of the message */
	struct str sender;	/* its from */
	struct str head, tail;	/* with the quotes around the address */
};

void shape_fini(struct shape *shape);

/* Takes apart the text of a copy, which was read as el. */
void shape_learn(struct shape *shape, unsigned number,
		 const struct element *el, const char *text, size_t len);

/* Becomes that of another message. */
void shape_advance(struct shape *shape, unsigned number, const char *sender);

/* Where the address of to_len bytes is, when the text begins with a copy for
   whomever; or NULL. */
const char *shape_match(const struct shape *shape, const char *text,
			size_t len, size_t to_len);
size_t shape_size(const struct shape *shape, size_t to_len);

#endif
