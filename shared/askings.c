#include "shared/askings.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/arena.h"
#include "shared/bundle.h"
#include "shared/error.h"
#include "shared/fanout_shim.h"
#include "shared/hook_host.h"
#include "shared/metric.h"
#include "shared/request.h"
#include "shared/router.h"
#include "shared/stanza.h"
#include "shared/xml.h"

/* How long the shim may take for one. */
#define DONE_SECS 10
/* Those that are kept for the next ones, with their memory: as many as are
   mostly on their way at one time, but for those that took much. */
#define SPARES_MAX 64
#define SPARE_BYTES 32768

#define START_BEFORE_DOMAIN " type='set' from='"
#define START_BEFORE_HOST "' to='"
#define START_END "'>"
#define END "</iq>"
/* Of a request, besides domain, host and bundle; id included. */
#define FRAME_BYTES ((size_t)300)

#define LEN(literal) (sizeof(literal) - 1)

/* One on its way.  What it would send is kept: it may be refused. */
struct asking {
	struct askings *askings;
	unsigned hellos;	/* of the shim by then */
	struct bundle bundle;
	struct asking *next;	/* among the spares */
};

void
askings_init(struct askings *askings, struct runtime *runtime,
	     struct fanout_shim *shim)
{
	struct metrics *metrics = runtime->metrics;

	*askings = (struct askings){ .runtime = runtime, .shim = shim };
	askings->requests = metric_counter(
		metrics, "annex_fanout_requests_total", "",
		"Requests to the router to send something to many.");
	askings->stanzas = metric_counter(
		metrics, "annex_fanout_stanzas_total", "",
		"Stanzas that they stood for.");
	askings->failed = metric_counter(
		metrics, "annex_fanout_failed_total", "",
		"Requests that the router refused, or did not answer.");
}

static void
free_asking(struct asking *asking)
{
	bundle_fini(&asking->bundle);
	free(asking);
}

void
askings_fini(struct askings *askings)
{
	struct asking *asking, *tmp;

	LL_FOREACH_SAFE(askings->spares, asking, tmp)
		free_asking(asking);
	str_fini(&askings->text);
}

size_t
askings_room(const struct askings *askings, const struct bundle *bundle)
{
	const struct hook_host *host = askings->shim->host;
	size_t used = FRAME_BYTES + strlen(askings->runtime->domain) +
		      strlen(host->domain) + bundle_bytes(bundle);
	size_t limit = host->stanza_bytes;

	return used < limit ? limit - used : 0;
}

static void
give_credit(struct askings *askings, unsigned credit)
{
	if (credit == askings->credit)
		return;
	askings->credit = credit;
	router_set_credit(askings->runtime->router, credit);
}

void
askings_set_credit(struct askings *askings, unsigned credit)
{
	if (!askings->careful)
		give_credit(askings, credit);
}

bool
askings_are_careful(const struct askings *askings)
{
	return askings->careful;
}

/* The link is gone, many failed together, or it has begun anew. */
static bool
is_over(const struct askings *askings, unsigned hellos)
{
	const struct hook_host *host = askings->shim->host;

	return host == NULL || host->hellos != hellos ||
	       !router_is_up(askings->runtime->router);
}

/* Nobody is told twice: of these it is not known that nothing was sent. */
static bool
is_in_doubt(enum error_cond cond)
{
	return cond == ERROR_INTERNAL_SERVER_ERROR ||
	       cond == ERROR_REMOTE_SERVER_TIMEOUT ||
	       cond == ERROR_UNDEFINED_CONDITION;
}

/* What was refused goes before all that waits, and from then on all that is
   sent waits until those that are on their way are answered, so that they keep
   their place should they be refused as well.  Only what had been sent already,
   as there was credit, is not called back. */
static void
refused(struct askings *askings, const struct asking *asking)
{
	bundle_send(&asking->bundle, router_send_ahead,
		    askings->runtime->router);
	/* The one in hand is not yet counted. */
	if (askings->asked - askings->done == 1)
		return;
	askings->careful = true;
	askings->until_sure = askings->asked;
	give_credit(askings, 0);
}

static void
end_care(struct askings *askings, unsigned credit)
{
	askings->careful = false;
	give_credit(askings, credit);
}

static void
end_care_when_sure(struct askings *askings)
{
	const struct hook_host *host = askings->shim->host;

	if (!askings->careful ||
	    (int)(askings->done - askings->until_sure) < 0)
		return;
	end_care(askings, host != NULL ? host->credit : 1);
}

static void
fail(struct askings *askings, const struct asking *asking,
     const struct xml *answer)
{
	struct arena *arena = arena_new();
	struct error why = { 0 };
	bool over = is_over(askings, asking->hellos);

	metric_add(askings->failed, 1);
	if (answer == NULL)
		error_set(&why, ERROR_REMOTE_SERVER_TIMEOUT,
			  "the router did not answer");
	else
		stanza_read_error(arena, answer, &why);
	arena_free(&arena);
	if (!over)
		fanout_shim_leave_alone(askings->shim, &why);
	if (answer != NULL && !is_in_doubt(why.cond))
		refused(askings, asking);
	/* All that waits would wait as long again, and what waits behind. */
	if (answer == NULL && (!over || askings->careful))
		end_care(askings, UINT_MAX);
}

static void
put_away(struct askings *askings, struct asking *asking)
{
	const struct bundle *bundle = &asking->bundle;

	if (askings->spares_count == SPARES_MAX ||
	    bundle->list.size + bundle->stanzas.size > SPARE_BYTES) {
		free_asking(asking);
		return;
	}
	bundle_clear(&asking->bundle);
	LL_PREPEND(askings->spares, asking);
	askings->spares_count++;
}

static struct asking *
take_spare(struct askings *askings)
{
	struct asking *asking = askings->spares;

	if (asking == NULL) {
		asking = calloc(1, sizeof(*asking));
		ensure(asking != NULL);
		asking->askings = askings;
		return asking;
	}
	LL_DELETE(askings->spares, asking);
	askings->spares_count--;
	return asking;
}

static void
tell_when_done(struct askings *askings)
{
	void (*fn)(void *ctx) = askings->when_done;

	if (fn == NULL || (int)(askings->done - askings->until_done) < 0)
		return;
	askings->when_done = NULL;
	fn(askings->when_done_ctx);
}

static void
on_done(void *ctx, const struct xml *answer)
{
	struct asking *asking = ctx;
	struct askings *askings = asking->askings;

	if (answer == NULL || !str_same(xml_attr(answer, "type"), "result"))
		fail(askings, asking, answer);
	put_away(askings, asking);
	askings->done++;
	tell_when_done(askings);
	end_care_when_sure(askings);
}

bool
askings_when_done(struct askings *askings, void (*fn)(void *ctx), void *ctx)
{
	ensure(askings->when_done == NULL);
	if (askings->done == askings->asked)
		return false;
	askings->when_done = fn;
	askings->when_done_ctx = ctx;
	askings->until_done = askings->asked;
	return true;
}

static void
print(struct askings *askings, const struct bundle *bundle)
{
	struct str *text = &askings->text;

	str_clear(text);
	str_add(text, START_BEFORE_DOMAIN, LEN(START_BEFORE_DOMAIN));
	str_addz(text, askings->runtime->domain);
	str_add(text, START_BEFORE_HOST, LEN(START_BEFORE_HOST));
	str_addz(text, askings->shim->host->domain);
	str_add(text, START_END, LEN(START_END));
	bundle_print(bundle, text);
	str_add(text, END, LEN(END));
}

/* The asking has the bundle from now on. */
static struct asking *
hand_over(struct askings *askings, struct bundle *bundle)
{
	struct asking *asking = take_spare(askings);
	struct bundle next = asking->bundle;

	asking->hellos = askings->shim->host->hellos;
	asking->bundle = *bundle;
	*bundle = next;
	return asking;
}

void
askings_send(struct askings *askings, struct bundle *bundle, bool more)
{
	struct asking *asking;

	metric_add(askings->requests, 1);
	metric_add(askings->stanzas, bundle->count * bundle->addresses);
	askings->asked++;
	print(askings, bundle);
	asking = hand_over(askings, bundle);
	if (more)
		bundle_address_as(bundle, &asking->bundle);
	router_send_iq(askings->runtime->router, &(struct router_iq){
			.text = askings->text.data, .len = askings->text.len,
			.to = askings->shim->host->domain, .secs = DONE_SECS,
			.fn = on_done, .ctx = asking });
}
