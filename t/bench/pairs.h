/*
 * pairs.h - people who write to each other, two and two.
 *
 * Person 0 writes to person 1, person 2 to person 3, and so on.  Every message
 * must arrive once, in the order sent, with the id and body sent.
 */
#ifndef T_BENCH_PAIRS_H
#define T_BENCH_PAIRS_H

#include "shared/str.h"

struct element;
struct latency;
struct pairs;

/* Of people, an even number, at that domain. */
struct pairs *pairs_new(const char *domain, unsigned people);
void pairs_free(struct pairs **pairs);

/* Adds one more message; returns the person who sends it, in turn. */
unsigned pairs_write(struct pairs *pairs, double now, struct str *out);

/* Messages that were sent, and that have not arrived. */
unsigned long long pairs_sent(const struct pairs *pairs);
unsigned long long pairs_missing(const struct pairs *pairs);

/* Takes what came to a person, whose address is jid.  Returns NULL, or what is
   wrong.  How long messages took is added to latency. */
const char *pairs_read(struct pairs *pairs, unsigned person, const char *jid,
		       const struct element *el, double now,
		       struct latency *latency);

#endif
