/*
 * log_pace.h - what anybody can cause is said in the log now and then only.
 *
 * Embedded in its owner; all zero at first.
 */
#ifndef SHARED_LOG_PACE_H
#define SHARED_LOG_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Between one time and the next. */
#define LOG_PACE_MS 60000

struct log_pace {
	uint64_t due_ms;
	uint64_t unsaid;
};

/* Whether something that happened at that time, on any clock that never goes
   back, is to be said; and then, how often it happened since it was last. */
bool log_pace_says(struct log_pace *pace, uint64_t now_ms, uint64_t *unsaid_r);

#endif
