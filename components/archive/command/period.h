/*
 * period.h - the time that a command is about.
 */
#ifndef ARCHIVE_PERIOD_H
#define ARCHIVE_PERIOD_H

#include <stdint.h>

#include "shared/command.h"

struct arena;
struct call;
struct error;

struct period {
	int64_t since;	/* microseconds since 1970; INT64_MIN: always */
	int64_t until;	/* not included; INT64_MAX: for ever */
};

#define PERIOD_FIELDS \
	COMMAND_FIELD("since", TEXT, "Only what was sent at this time or " \
				     "later, as 2026-11-30 or " \
				     "2026-11-30T12:00:00Z"), \
	COMMAND_FIELD("until", TEXT, "Only what was sent before this time")

/* The time of a field; where it is not given *stamp_r is as it was.  A day is
   its beginning, in UTC.  Returns 0, or -1 with ERROR_BAD_REQUEST, the text
   naming the field. */
int period_read_time(const struct call *call, const char *field,
		     int64_t *stamp_r, struct error *err);

/* By those fields.  Returns 0, or -1 with ERROR_BAD_REQUEST, the text naming
   the field. */
int period_read(const struct call *call, struct period *period_r,
		struct error *err);

/* As it was given; NULL where it was not. */
const char *period_print(struct arena *arena, int64_t stamp);

#endif
