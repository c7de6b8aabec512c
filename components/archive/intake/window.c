#include "components/archive/intake/window.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/error.h"
#include "shared/str.h"

void
window_init(struct window *window, const char *domain, void *owner)
{
	*window = (struct window){ .domain = str_dup(domain),
				   .owner = owner };
}

void
window_fini(struct window *window)
{
	window_reset(window);
	free(window->domain);
}

void
window_reset(struct window *window)
{
	struct copy *copy, *next;

	DL_FOREACH_SAFE(window->copies, copy, next) {
		copy->window = NULL;
		if (copy->state != COPY_GIVEN)
			free(copy);
	}
	window->copies = NULL;
	window->bytes = 0;
	window->last = window->acked;
	window->owes = false;
	window->refused = 0;
}

void
window_restart(struct window *window)
{
	window_reset(window);
	window->known = true;
	window->last = window->acked = 0;
	window->missed = window->lossy = 0;
}

/* All before it were acknowledged by whoever was here before us. */
static void
begin(struct window *window, uint64_t seq)
{
	if (window->known)
		return;
	window->known = true;
	window->last = window->acked = seq > 0 ? seq - 1 : 0;
}

static uint64_t
count_missing(struct window *window, uint64_t seq)
{
	uint64_t above = window->missed > window->last ? window->missed :
			 window->last + 1;

	if (seq <= above)
		return 0;
	window->missed = seq;
	return seq - above;
}

bool
window_wants(struct window *window, uint64_t seq, uint64_t *missing_r)
{
	*missing_r = 0;
	begin(window, seq);
	/* The ack for it did not come through, or is still to come. */
	if (seq <= window->last) {
		window->owes = window->owes || seq <= window->acked;
		return false;
	}
	if (window->refused > 0 && seq > window->refused)
		return false;
	*missing_r = count_missing(window, seq);
	return true;
}

bool
window_loses(struct window *window, uint64_t seq)
{
	if (seq <= window->lossy)
		return false;
	window->lossy = seq;
	return true;
}

static size_t
cost(size_t bytes)
{
	return sizeof(struct copy) + bytes;
}

/* Takes away those at the front that are done. */
static void
move_on(struct window *window)
{
	struct copy *copy;

	while ((copy = window->copies) != NULL && copy->state == COPY_DONE) {
		DL_DELETE(window->copies, copy);
		window->bytes -= cost(copy->bytes);
		window->acked = copy->seq;
		window->owes = true;
		free(copy);
	}
}

struct copy *
window_add(struct window *window, uint64_t seq, const char *text)
{
	size_t bytes = text == NULL ? 0 : strlen(text);
	struct copy *copy;

	if (window->bytes + cost(bytes) > WINDOW_BYTES) {
		window->refused = seq;
		return NULL;
	}
	ensure((copy = malloc(cost(bytes) + 1)) != NULL);
	*copy = (struct copy){ .window = window, .seq = seq, .bytes = bytes,
			       .state = text == NULL ? COPY_DONE :
					COPY_HELD };
	memcpy(copy->text, text == NULL ? "" : text, bytes + 1);
	DL_APPEND(window->copies, copy);
	window->bytes += cost(bytes);
	window->last = seq;
	window->refused = 0;
	move_on(window);
	return text == NULL ? NULL : copy;
}

bool
window_is_over(const struct window *window)
{
	return window->refused > 0 && window->copies == NULL;
}

void
window_settle(struct copy *copy)
{
	if (copy->window == NULL) {
		free(copy);
		return;
	}
	copy->state = COPY_DONE;
	move_on(copy->window);
}

bool
window_hold(struct copy *copy)
{
	if (copy->window == NULL) {
		free(copy);
		return false;
	}
	copy->state = COPY_HELD;
	return true;
}
