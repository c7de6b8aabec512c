#include "components/archive/desk/handout.h"

#include <limits.h>
#include <stdlib.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook_event.h"
#include "shared/hook_host.h"
#include "shared/hook_request.h"
#include "shared/jid.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/stanza.h"
#include "shared/xml.h"

/* Around results, in the stanza by which they are delivered. */
#define WRAPPING ((size_t)4096)

/* What we have printed ourselves is not refused for its size. */
static const struct parser_limits limits = {
	.bytes = SIZE_MAX, .depth = UINT_MAX, .nodes = UINT_MAX,
};

size_t
handout_limit(const struct hook_host *host)
{
	size_t bytes = host->stanza_bytes;

	return bytes > 2 * WRAPPING ? bytes - WRAPPING : bytes / 2;
}

void
handout_init(struct handout *handout, struct runtime *runtime,
	     const struct hook_event *event, size_t max)
{
	*handout = (struct handout){
		.runtime = runtime, .event = event, .max = max,
		.most = HANDOUT_MESSAGES,
		.ends = calloc(max, sizeof(*handout->ends)),
	};
	ensure(max == 0 || handout->ends != NULL);
}

void
handout_fini(struct handout *handout)
{
	str_fini(&handout->text);
	free(handout->ends);
}

void
handout_add(struct handout *handout, const struct xml *result)
{
	ensure(handout->count < handout->max);
	xml_print(&handout->text, result, "");
	handout->ends[handout->count++] = handout->text.len;
}

static size_t
start_of(const struct handout *handout, size_t i)
{
	return i == 0 ? 0 : handout->ends[i - 1];
}

/* What cannot be read is nothing, which harms nobody. */
static struct xml *
read_result(const struct handout *handout, struct arena *arena, size_t i)
{
	const struct jid *asker = handout->event->stanza.from;
	size_t start = start_of(handout, i);
	struct error err;
	struct xml *el;

	if (parser_document(arena, handout->text.data + start,
			    handout->ends[i] - start, &limits, &el,
			    &err) == 0)
		return el;
	log_error("archive: a result for %s cannot be read: %s", asker->full,
		  err.text);
	return stanza_new(arena, "message", asker->bare, asker->full, NULL);
}

static struct xml *
forwarded_in(const struct xml *result)
{
	return xml_child(xml_child(result, NS_MAM, "result"), NS_FORWARD,
			 "forwarded");
}

static void
empty(struct xml *result)
{
	struct xml *message = xml_child(forwarded_in(result), NS_CLIENT,
					"message");

	if (message != NULL)
		xml_remove(message);
}

/* How many of those that are left go into one request. */
static size_t
count_next(const struct handout *handout)
{
	size_t start = start_of(handout, handout->next), n = 1;

	while (n < handout->most && handout->next + n < handout->count &&
	       handout->ends[handout->next + n] - start <= HANDOUT_BYTES)
		n++;
	return n;
}

static void on_sent(void *ctx, const struct error *err,
		    const struct stanza *answer);

static void
send_next(struct handout *handout)
{
	struct hook_item items[HANDOUT_MESSAGES];
	struct arena *arena = arena_new();
	const struct hook_delivery delivery = {
		.session = handout->event->stanza.from->full,
		.items = items, .count = count_next(handout),
	};

	for (size_t i = 0; i < delivery.count; i++) {
		struct xml *el = read_result(handout, arena,
					     handout->next + i);

		if (i < handout->empty)
			empty(el);
		/* Nobody is to remember it: it may be asked for again. */
		items[i] = (struct hook_item){ .id = "", .message = el };
	}
	handout->asked = hook_deliver(handout->runtime, handout->event->host,
				      &delivery,
				      (struct hook_done){ on_sent, handout });
	arena_free(&arena);
}

static void
succeed(struct handout *handout)
{
	handout->next += handout->asked;
	handout->empty = 0;
	if (handout->most < HANDOUT_MESSAGES)
		handout->most = handout->most * 2 < HANDOUT_MESSAGES ?
				handout->most * 2 : HANDOUT_MESSAGES;
	if (handout->next < handout->count)
		send_next(handout);
	else
		handout->fn(handout->ctx, NULL);
}

/* Whether one of the messages is to blame, or their number. */
static bool
is_about_them(const struct error *err)
{
	return hook_is_refusal(err) ||
	       err->cond == ERROR_INTERNAL_SERVER_ERROR;
}

/* Looks for the one, by asking for less.  When the shim failed over it, the
   session has those before it, and would get half of them again each time. */
static void
ask_less(struct handout *handout, const struct error *err)
{
	handout->most = hook_is_refusal(err) ? handout->asked / 2 : 1;
	send_next(handout);
}

static void
send_empty(struct handout *handout, const struct error *err)
{
	log_warning("archive: a message is given to %s as one that was "
		    "removed, as the router does not take it: %s",
		    handout->event->stanza.from->full, error_reason(err));
	handout->empty = 1;
	handout->most = 1;
	send_next(handout);
}

static void
on_sent(void *ctx, const struct error *err, const struct stanza *answer)
{
	struct handout *handout = ctx;

	(void)answer;
	if (handout->stopped)
		handout->fn(handout->ctx, err);
	else if (err == NULL)
		succeed(handout);
	else if (is_about_them(err) && handout->asked > 1)
		ask_less(handout, err);
	else if (is_about_them(err) && handout->empty == 0)
		send_empty(handout, err);
	else
		handout->fn(handout->ctx, err);
}

void
handout_send(struct handout *handout, handout_fn *fn, void *ctx)
{
	ensure(handout->next < handout->count);
	handout->fn = fn;
	handout->ctx = ctx;
	send_next(handout);
}

void
handout_stop(struct handout *handout)
{
	handout->stopped = true;
}
