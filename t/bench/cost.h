/*
 * cost.h - what router, component and the load itself have used up.
 */
#ifndef T_BENCH_COST_H
#define T_BENCH_COST_H

#include <sys/types.h>

struct cost {
	double time;
	double router, component, own;	/* seconds of CPU */
};

/* Of those processes; 0 is none. */
struct cost cost_now(pid_t router, pid_t component);

/* Shows what was used up in between, as "part_seconds" and so on. */
void cost_show(const struct cost *since, const struct cost *now,
	       const char *part);

#endif
