/*
 * spread.h - a fanout (components/router/PROTOCOL, section 10), and what a
 * router makes of it.
 */
#ifndef T_BENCH_SPREAD_H
#define T_BENCH_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/str.h"

/* Adds the hello of a shim that has it. */
void spread_greet(struct str *out, const char *domain);

/* Whether a text, of which there may be more, begins with such a request. */
bool spread_is(const char *text, size_t len);

/* Of a whole request: adds to out each stanza for each address, as if the
   component had sent them separately.  Returns -1 when it is not as the
   protocol wants it. */
int spread_copy(const char *text, size_t len, struct str *out);

/* Adds the answer. */
void spread_answer(const char *text, size_t len, const char *domain,
		   struct str *out);

#endif
