/*
 * pace.h - things that are done so often a second, whatever becomes of them.
 *
 * Who is late does more at once, and counts from when each was due: so what
 * waits behind something slow counts as well.
 */
#ifndef T_BENCH_PACE_H
#define T_BENCH_PACE_H

#include <stdbool.h>

/* Embedded. */
struct pace {
	double start, step;
	unsigned long long done, count;
};

/* From now on, for so many seconds. */
void pace_begin(struct pace *pace, double now, unsigned rate,
		unsigned seconds);
/* Whether one more is due, and since when. */
bool pace_next(struct pace *pace, double now, double *due_r);
/* Whether all were. */
bool pace_is_over(const struct pace *pace);

#endif
