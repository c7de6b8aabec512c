#include "shared/outbox.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/error.h"
#include "shared/str.h"
#include "shared/tag.h"

#define START "<iq id='"
/* A buffer that grew beyond is given back once it is empty. */
#define KEEP_BYTES 1048576

/* An IQ that costs credit. */
struct flight {
	struct outbox *outbox;
	query_fn *fn;
	void *ctx;
	char *to;		/* while it waits */
	unsigned secs;
	size_t start;		/* of its text among all that ever waited */
	size_t len;		/* of that text */
	struct flight *prev, *next;	/* among those that wait */
};

struct outbox {
	struct outbox_events events;
	void *ctx;
	struct queries *sent;	/* those that are to be answered */
	unsigned credit, used;
	struct flight *waiting;	/* the first is the text's beginning */
	struct str text;
	size_t done;		/* bytes of it that were sent */
	size_t gone;		/* bytes that waited before it */
};

struct outbox *
outbox_new(uv_loop_t *loop, const struct outbox_events *events, void *ctx)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));

	ensure(outbox != NULL);
	outbox->events = *events;
	outbox->ctx = ctx;
	outbox->credit = 1;
	outbox->sent = queries_new(loop);
	return outbox;
}

void
outbox_free(struct outbox **outbox_, void (*fn)(void *ctx), void *ctx)
{
	struct outbox *outbox = *outbox_;
	struct queries *sent = outbox->sent;

	ensure(outbox->waiting == NULL);
	*outbox_ = NULL;
	/* All that are sent are told here. */
	queries_fail(sent);
	str_fini(&outbox->text);
	free(outbox);
	queries_free(&sent, fn, ctx);
}

/* Behind what waits; or for answers, when nothing may overtake those. */
static bool
must_wait(const struct outbox *outbox)
{
	return outbox->text.len > outbox->done ||
	       (outbox->credit == 0 && outbox->used > 0);
}

struct str *
outbox_waiting(struct outbox *outbox)
{
	return must_wait(outbox) ? &outbox->text : NULL;
}

size_t
outbox_bytes(const struct outbox *outbox)
{
	return outbox->text.len - outbox->done;
}

static void release(struct outbox *outbox);

static void
on_answer(void *ctx, const struct xml *answer)
{
	struct flight *flight = ctx;
	struct outbox *outbox = flight->outbox;

	outbox->used--;
	flight->fn(flight->ctx, answer);
	free(flight);
	release(outbox);
}

/* Its id becomes known to those that are answered. */
static void
depart(struct flight *flight, const char *to, char id_r[QUERY_ID_SIZE])
{
	const struct query_wait wait = {
		.to = to, .secs = flight->secs, .fn = on_answer,
		.ctx = flight,
	};

	flight->outbox->used++;
	queries_add(flight->outbox->sent, &wait, id_r);
}

static void
empty(struct outbox *outbox)
{
	if (outbox->text.size > KEEP_BYTES)
		str_fini(&outbox->text);
	else
		str_clear(&outbox->text);
	outbox->done = outbox->gone = 0;
}

/* Each byte is moved once at most. */
static void
keep_rest(struct outbox *outbox)
{
	if (outbox_bytes(outbox) == 0) {
		empty(outbox);
	} else if (outbox->done > outbox_bytes(outbox)) {
		str_shift(&outbox->text, outbox->done);
		outbox->gone += outbox->done;
		outbox->done = 0;
	}
}

/* Its text is the first that waits. */
static void
depart_at_last(struct flight *flight, char *text)
{
	char *to = flight->to, id[QUERY_ID_SIZE];

	DL_DELETE(flight->outbox->waiting, flight);
	depart(flight, to, id);
	free(to);
	memcpy(text + sizeof(START) - 1, id, QUERY_ID_SIZE - 1);
}

/* Of what costs nothing and waits for no other IQ. */
static size_t
free_bytes(const struct outbox *outbox)
{
	size_t end = outbox->waiting == NULL ? outbox->text.len :
		     outbox->waiting->start - outbox->gone;

	return end - outbox->done;
}

static bool
may_release(const struct outbox *outbox)
{
	if (outbox_bytes(outbox) == 0)
		return false;
	if (outbox->used == 0)
		return true;
	return free_bytes(outbox) > 0 ? outbox->credit > 0 :
	       outbox->used < outbox->credit;
}

/* Sends the first IQ that waits, or all that is before it. */
static void
release_one(struct outbox *outbox, struct str *out)
{
	char *text = outbox->text.data + outbox->done;
	size_t len = free_bytes(outbox);

	if (len == 0) {
		len = outbox->waiting->len;
		depart_at_last(outbox->waiting, text);
	}
	str_add(out, text, len);
	outbox->events.wrote(outbox->ctx);
	outbox->done += len;
}

static void
release(struct outbox *outbox)
{
	struct str *out;

	if (!may_release(outbox))
		return;
	while (may_release(outbox) &&
	       (out = outbox->events.out(outbox->ctx)) != NULL)
		release_one(outbox, out);
	keep_rest(outbox);
	outbox->events.eased(outbox->ctx);
}

void
outbox_set_credit(struct outbox *outbox, unsigned credit)
{
	outbox->credit = credit;
	release(outbox);
}

static void
print(struct str *out, const char *id, const char *text, size_t len)
{
	str_add(out, START, sizeof(START) - 1);
	str_add(out, id, QUERY_ID_SIZE - 1);
	str_addc(out, '\'');
	str_add(out, text, len);
	tag_push(out, tag_long(text, len));
}

void
outbox_send(struct outbox *outbox, const char *text, size_t len,
	    const struct query_wait *wait)
{
	struct flight *flight = calloc(1, sizeof(*flight));
	char id[QUERY_ID_SIZE];

	ensure(flight != NULL);
	flight->outbox = outbox;
	flight->fn = wait->fn;
	flight->ctx = wait->ctx;
	flight->secs = wait->secs;
	if (!must_wait(outbox) &&
	    (outbox->used == 0 || outbox->used < outbox->credit)) {
		depart(flight, wait->to, id);
		print(outbox->events.out(outbox->ctx), id, text, len);
		outbox->events.wrote(outbox->ctx);
		return;
	}
	/* It gets its id, and its time begins, when it is sent. */
	memset(id, '-', sizeof(id));
	flight->to = str_dup(wait->to);
	flight->start = outbox->gone + outbox->text.len;
	DL_APPEND(outbox->waiting, flight);
	print(&outbox->text, id, text, len);
	flight->len = outbox->gone + outbox->text.len - flight->start;
}

bool
outbox_answer(struct outbox *outbox, struct arena *arena, struct xml *el)
{
	return queries_answer(outbox->sent, arena, el);
}

void
outbox_flush(struct outbox *outbox)
{
	outbox_set_credit(outbox, UINT_MAX);
}

void
outbox_drop(struct outbox *outbox)
{
	struct flight *waiting = outbox->waiting, *flight, *next;

	outbox->waiting = NULL;
	empty(outbox);
	queries_fail(outbox->sent);
	DL_FOREACH_SAFE(waiting, flight, next) {
		flight->fn(flight->ctx, NULL);
		free(flight->to);
		free(flight);
	}
	outbox->events.eased(outbox->ctx);
}
