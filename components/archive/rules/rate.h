/*
 * rate.h - who has done something more often than he may.
 *
 * So many at once; then one more each time that such a share of the period has
 * passed.
 */
#ifndef ARCHIVE_RATE_H
#define ARCHIVE_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate;

/* Those that are remembered: beyond that whoever did it the longest ago is
   forgotten. */
#define RATE_NAMES_MAX 50000

/* So many in so many seconds. */
struct rate *rate_new(unsigned count, unsigned secs);
void rate_free(struct rate **rate);

/* Counts one more of that name, at that time in microseconds since 1970.
   Returns whether it is one too many; that one does not count. */
bool rate_exceeds(struct rate *rate, const char *name, int64_t now);

#endif
