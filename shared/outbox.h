/*
 * outbox.h - output in order, some of which costs credit.
 *
 * An IQ that costs credit gives it back when it is answered, or not in time.
 * One for which there is none waits, and all that is written after it waits
 * behind it.
 */
#ifndef SHARED_OUTBOX_H
#define SHARED_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "shared/query.h"

struct arena;
struct outbox;
struct str;
struct xml;

struct outbox_events {
	/* Where text goes that need not wait, or NULL when it can go nowhere
	   just now; and that it was added. */
	struct str *(*out)(void *ctx);
	void (*wrote)(void *ctx);
	/* Less is waiting than before. */
	void (*eased)(void *ctx);
};

struct outbox *outbox_new(uv_loop_t *loop, const struct outbox_events *events,
			  void *ctx);
/* Nothing may wait; at last fn is called. */
void outbox_free(struct outbox **outbox, void (*fn)(void *ctx), void *ctx);

/* How many IQs may be without an answer; 1 at first.  With 0 they go one at a
   time, and all that is written waits for the answers to those before it. */
void outbox_set_credit(struct outbox *outbox, unsigned credit);

/* What waits: text is appended to it while there is any; NULL otherwise. */
struct str *outbox_waiting(struct outbox *outbox);
size_t outbox_bytes(const struct outbox *outbox);

/* Sends "<iq id='...'", followed by the len bytes of text, and by what a long
   tag needs (tag.h).  wait says whom it asks and who is told: before what waits
   for the answer is sent. */
void outbox_send(struct outbox *outbox, const char *text, size_t len,
		 const struct query_wait *wait);

/* As queries_answer(). */
bool outbox_answer(struct outbox *outbox, struct arena *arena,
		   struct xml *el);

/* Sends all that waits, whatever the credit. */
void outbox_flush(struct outbox *outbox);
/* The link is lost, and with it what waits; all are told. */
void outbox_drop(struct outbox *outbox);

#endif
