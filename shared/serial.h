/*
 * serial.h - numbers that tell both the time and the order of what is stored.
 *
 * Microseconds since 1970, and in the eight lowest bits the number of who
 * writes.  So they are unique among processes of different numbers, and grow
 * within one, wherever the clock is set to.
 */
#ifndef SHARED_SERIAL_H
#define SHARED_SERIAL_H

#include <stdint.h>

#define SERIAL_WRITERS 256

struct serial {
	unsigned writer;	/* below SERIAL_WRITERS */
	int64_t last;		/* the latest that was given out */
};

/* All that follow are greater than last: the latest that a process gave out
   before, be it stored or still in a journal; 0 if there is none. */
void serial_init(struct serial *serial, unsigned writer, int64_t last);

/* The next one, at the time now in microseconds since 1970, or as soon after
   that as is free. */
int64_t serial_next(struct serial *serial, int64_t now);

/* The least that anybody gives out at that time, and after the last one that
   was given out before.  0 before 1970, INT64_MAX where it is greater than
   that. */
int64_t serial_first_of(int64_t stamp);
/* The greater of two, and the less. */
int64_t serial_later(int64_t a, int64_t b);
int64_t serial_earlier(int64_t a, int64_t b);
/* When it was given out, in microseconds since 1970, and by whom. */
int64_t serial_time(int64_t serial);
unsigned serial_writer(int64_t serial);

#endif
