/*
 * copies.h - copies of messages, as a router's shim hands them to a component
 * that acknowledges them (components/router/PROTOCOL, 3 and 4).
 *
 * What two users write to each other makes one copy.  Each ack must name a copy
 * that was sent, and never an earlier one than the ack before.
 */
#ifndef T_BENCH_COPIES_H
#define T_BENCH_COPIES_H

#include <stddef.h>

#include "shared/str.h"

struct copies;

/* Of messages among so many users at that host, two at least. */
struct copies *copies_new(const char *component, const char *host,
			  unsigned users);
void copies_free(struct copies **copies);

/* Adds what the shim says first: so many are sent without an ack. */
void copies_hello(struct copies *copies, unsigned window, struct str *out);

/* Adds the next copy. */
void copies_add(struct copies *copies, struct str *out);
unsigned long long copies_sent(const struct copies *copies);
/* How many are not acknowledged. */
unsigned long long copies_waiting(const struct copies *copies);

/* Reads what came.  Returns how many bytes of it were used; or -1, having said
   on stderr what is wrong.  Answers are added to out. */
long copies_read(struct copies *copies, const char *text, size_t len,
		 struct str *out);

#endif
