#include "shared/serial_order.h"

#include <string.h>

#include "shared/error.h"
#include "shared/serial.h"

void
serial_order_init(struct serial_order *order, unsigned writer, int64_t last)
{
	ensure(writer < SERIAL_WRITERS && last >= 0);
	*order = (struct serial_order){
		.writer = writer, .time = serial_time(last),
	};
}

static int64_t
lift(const struct serial_order *order, int64_t id, int64_t time)
{
	for (size_t i = order->count; i-- > 0;) {
		const struct serial_step *step = &order->steps[i];
		int64_t least = step->time + (id - step->id);

		if (step->id <= id)
			return time > least ? time : least;
	}
	return time;
}

/* Entries before the oldest step left the journal long ago. */
static void
add_step(struct serial_order *order, int64_t id, int64_t time)
{
	if (order->count == SERIAL_ORDER_STEPS)
		memmove(order->steps, order->steps + 1,
			--order->count * sizeof(*order->steps));
	order->steps[order->count++] = (struct serial_step){ id, time };
}

int64_t
serial_order_of(struct serial_order *order, int64_t id, int64_t time)
{
	int64_t lifted = lift(order, id, time);

	if (id > order->id) {
		if (lifted <= order->time) {
			lifted = order->time + 1;
			add_step(order, id, lifted);
		}
		order->id = id;
		order->time = lifted;
	}
	return serial_first_of(lifted) + order->writer;
}
