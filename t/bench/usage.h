/*
 * usage.h - what a process takes of the machine.
 */
#ifndef T_BENCH_USAGE_H
#define T_BENCH_USAGE_H

#include <sys/types.h>

struct usage {
	double cpu;		/* seconds, of all threads */
	double rss_kb;
};

struct usage usage_of(pid_t pid);

/* Seconds of a clock that does not jump. */
double usage_now(void);

#endif
