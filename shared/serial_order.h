/*
 * serial_order.h - the serials of what a journal hands out, in its order.
 *
 * An entry bears the time at which it was put in, by the clock of then.  That
 * clock may have been set back while nobody looked; so what would come before
 * an entry that was put in earlier, or before what is stored, comes right
 * behind it.  An entry has the same serial each time that it is read, as it is
 * when writing it has failed.
 */
#ifndef SHARED_SERIAL_ORDER_H
#define SHARED_SERIAL_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* How often the clock was set back, among entries that may be read again. */
#define SERIAL_ORDER_STEPS 16

/* From this entry on none has a time before that, or before the one that this
   gives to the entry before it. */
struct serial_step {
	int64_t id;
	int64_t time;
};

/* Embedded. */
struct serial_order {
	unsigned writer;	/* below SERIAL_WRITERS */
	int64_t id;		/* the last entry that was read first */
	int64_t time;		/* its time; before there is one, that of what
				   is stored */
	struct serial_step steps[SERIAL_ORDER_STEPS];	/* the latest last */
	size_t count;
};

/* last is the greatest serial that the writer has stored, or 0. */
void serial_order_init(struct serial_order *order, unsigned writer,
		       int64_t last);

/* That of an entry, whose id is above 0, and whose time is later than those of
   all that the same process put in before it.  All before it were read
   before. */
int64_t serial_order_of(struct serial_order *order, int64_t id, int64_t time);

#endif
