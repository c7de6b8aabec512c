/*
 * latency.h - how long things took, as percentiles that are right to 3 %.
 */
#ifndef T_BENCH_LATENCY_H
#define T_BENCH_LATENCY_H

/* Each octave of microseconds is divided so often. */
#define LATENCY_STEPS 32
#define LATENCY_OCTAVES 32

/* Embedded; all zero is one without values. */
struct latency {
	unsigned long long count;
	unsigned long long steps[LATENCY_OCTAVES * LATENCY_STEPS];
};

void latency_add(struct latency *latency, double secs);

/* The seconds that so large a share (0 to 1) did not exceed; 0 of none. */
double latency_share(const struct latency *latency, double share);

/* Shows percentiles as "part_p50_ms" and so on. */
void latency_show(const struct latency *latency, const char *part);

#endif
