/*
 * window.h - the copies of one host's shim that are not acknowledged yet
 * (components/router/PROTOCOL section 4), in their order.
 *
 * An ack is for all copies up to one, so it waits until there is none before
 * it that is not durable.  Embedded in its owner.
 */
#ifndef ARCHIVE_WINDOW_H
#define ARCHIVE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one host's may take up: twice what the manual allows the shim to have on
   its way. */
#define WINDOW_BYTES ((size_t)128 << 20)

struct window;

enum copy_state {
	COPY_HELD,		/* the journal did not take it yet */
	COPY_GIVEN,		/* it is on its way into the journal */
	COPY_DONE,		/* nothing is left to do but to say so */
};

struct copy {
	struct copy *prev, *next;
	struct window *window;	/* NULL: nobody wants to know any more */
	uint64_t seq;
	enum copy_state state;
	size_t bytes;		/* of the text */
	char text[];		/* for the journal */
};

struct window {
	char *domain;		/* of the host */
	void *owner;
	struct copy *copies;	/* the oldest first */
	size_t bytes;		/* that they take up */
	bool known;		/* where the shim begins */
	uint64_t last;		/* the seq before the next one */
	uint64_t acked;		/* all up to this one are durable */
	bool owes;		/* which the shim does not know yet */
	uint64_t refused;	/* this one could not wait here, so none behind
				   it may come before it; 0: none */
	uint64_t missed;	/* it is told what did not come before this */
	uint64_t lossy;		/* the last one that told of lost ones */
};

void window_init(struct window *window, const char *domain, void *owner);
void window_fini(struct window *window);

/* All that was not acknowledged comes again. */
void window_reset(struct window *window);
/* It comes again as well, but counted anew from 1 on. */
void window_restart(struct window *window);

/* Whether the copy of that seq is to be taken: it is behind all that came, and
   can wait here.  Says how many before it never came, which it says of none
   twice.  Whatever comes first of all has none before it. */
bool window_wants(struct window *window, uint64_t seq, uint64_t *missing_r);
/* Whether that seq, which tells of lost ones, has not told of them before. */
bool window_loses(struct window *window, uint64_t seq);

/* Takes the next one, that is wanted.  text is copied; with NULL there is
   nothing to be done for it.  Returns NULL then, and where it cannot wait. */
struct copy *window_add(struct window *window, uint64_t seq,
			const char *text);

/* Whether one could not wait, and no other does: it can come now, but only the
   shim can send it. */
bool window_is_over(const struct window *window);

/* A copy that was given away is durable; or, as it is not, it is held from now
   on.  It is gone when nobody wants to know, which is told. */
void window_settle(struct copy *copy);
bool window_hold(struct copy *copy);

#endif
