/*
 * plan.h - what people at a client port are to do, as a load is told when it
 * is started.
 *
 *	[-h host] [-p port] [-n people] [-s seconds] [-w window] [-m rate]
 *	[-R router's pid] [-C component's pid], and [-r room]
 */
#ifndef T_BENCH_PLAN_H
#define T_BENCH_PLAN_H

#include <sys/types.h>

#include "t/bench/cost.h"

struct plan {
	const char *host, *room;	/* room: of no use to all */
	unsigned port, people, seconds;
	unsigned window;		/* messages under way */
	unsigned rate;			/* messages a second; 0: as many as can
					   be under way */
	pid_t router, component;	/* 0: none */
};

/* Ends the program when it is told something else. */
struct plan plan_read(int argc, char **argv);

/* What is used up by those that it names, and us. */
struct cost plan_cost(const struct plan *plan);

#endif
