#include "shared/serial.h"

#include "shared/error.h"

#define WRITER_BITS 8

void
serial_init(struct serial *serial, unsigned writer, int64_t last)
{
	ensure(writer < SERIAL_WRITERS && last >= 0);
	serial->writer = writer;
	serial->last = last;
}

int64_t
serial_next(struct serial *serial, int64_t now)
{
	int64_t next = serial_first_of(now) + serial->writer;

	/* Several at once, or the clock was set back. */
	if (next <= serial->last)
		next = serial_first_of(serial_time(serial->last) + 1) +
		       serial->writer;
	serial->last = next;
	return next;
}

int64_t
serial_first_of(int64_t stamp)
{
	if (stamp <= 0)
		return 0;
	return stamp <= INT64_MAX / SERIAL_WRITERS ? stamp * SERIAL_WRITERS :
	       INT64_MAX;
}

int64_t
serial_time(int64_t serial)
{
	return serial >> WRITER_BITS;
}

unsigned
serial_writer(int64_t serial)
{
	return (unsigned)(serial & (SERIAL_WRITERS - 1));
}

int64_t
serial_later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
serial_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}
