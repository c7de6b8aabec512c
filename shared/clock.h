/*
 * clock.h - times of day in UTC, as XEP-0082 writes them.
 */
#ifndef SHARED_CLOCK_H
#define SHARED_CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND 1000000	/* microseconds */
#define CLOCK_TEXT_SIZE 40

/* Microseconds since 1970. */
int64_t clock_now(void);

/* "2002-10-13T23:58:37Z", with milliseconds if there are any, into text, which
   is returned. */
char *clock_print(int64_t stamp, char text[CLOCK_TEXT_SIZE]);

/* Any DateTime of XEP-0082, fractions and zones too.  Returns 0, or -1, which
   leaves *stamp_r as it was. */
int clock_parse(const char *text, int64_t *stamp_r);

#endif
