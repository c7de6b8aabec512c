#include "shared/fanout.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/arena.h"
#include "shared/bundle.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/log.h"
#include "shared/mailing.h"
#include "shared/metric.h"
#include "shared/request.h"
#include "shared/router.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"

/* Fewer stanzas than this are no more work for the router by themselves. */
#define FEW 3
/* How long the shim may take for one request, and how long it is left alone
   when it does not do one. */
#define DONE_SECS 10
#define PAUSE_MS 60000
/* Askings that are kept for the next ones, with their memory: as many as are
   mostly on their way at one time, but for those that took much. */
#define SPARES_MAX 64
#define SPARE_BYTES 32768

#define START_BEFORE_DOMAIN " type='set' from='"
#define START_BEFORE_HOST "' to='"
#define START_END "'>"
#define END "</iq>"
/* Of a request, besides domain, host and bundle; id included. */
#define FRAME_BYTES ((size_t)300)
/* Too few to list more than a few addresses. */
#define LIST_BYTES ((size_t)4096)
/* How much a router sends without doing anything else. */
#define COPIES_MAX 2000

#define LEN(literal) (sizeof(literal) - 1)

enum fanout_state {
	FANOUT_IDLE,
	FANOUT_SEPARATE,	/* one for many, each sent at once */
	FANOUT_MAILING,		/* one for many, by the multicast service */
	FANOUT_LISTING,		/* one for many, addresses are gathered */
	FANOUT_GATHERING,	/* many for one or many, stanzas are gathered */
};

struct fanout {
	struct runtime *runtime;
	enum fanout_state state;
	const struct hook_host *host;	/* by whose shim; NULL: separately */
	unsigned credit;
	uint64_t until_ms;	/* no shim is asked before, */
	unsigned hellos;	/* unless it has said one more than these */
	struct error why;	/* none is */
	struct router_template *stanza;	/* one for many */
	struct bundle bundle;	/* what is gathered */
	struct str text;	/* of a request, used again and again */
	size_t room;		/* bytes for the addresses, while listing */
	struct asking *spares;
	unsigned spares_count;
	bool careful;		/* one was refused, and the others may be, */
	unsigned until_sure;	/* until so many are done */
	struct mailing mailing;	/* without a shim */
	bool settling;		/* that is not done, and there is a shim */
	unsigned asked, done;	/* requests */
	void (*when_done)(void *ctx);	/* NULL: nobody waits */
	void *when_done_ctx;
	unsigned until_done;	/* he waits for so many */
	struct metric *requests, *failed, *sent;
};

/* A request on its way.  What it would send is kept: it may be refused. */
struct asking {
	struct fanout *fanout;
	unsigned hellos;	/* of the shim by then */
	struct bundle bundle;
	struct asking *next;	/* among the spares */
};

struct fanout *
fanout_new(struct runtime *runtime)
{
	struct metrics *metrics = runtime->metrics;
	struct fanout *fanout = calloc(1, sizeof(*fanout));

	ensure(fanout != NULL);
	fanout->runtime = runtime;
	mailing_init(&fanout->mailing, runtime);
	fanout->requests = metric_counter(
		metrics, "annex_fanout_requests_total", "",
		"Requests to the router to send something to many.");
	fanout->sent = metric_counter(
		metrics, "annex_fanout_stanzas_total", "",
		"Stanzas that they stood for.");
	fanout->failed = metric_counter(
		metrics, "annex_fanout_failed_total", "",
		"Requests that the router refused, or did not answer.");
	return fanout;
}

static void
free_asking(struct asking *asking)
{
	bundle_fini(&asking->bundle);
	free(asking);
}

void
fanout_free(struct fanout **fanout_)
{
	struct fanout *fanout = *fanout_;
	struct asking *asking, *tmp;

	*fanout_ = NULL;
	LL_FOREACH_SAFE(fanout->spares, asking, tmp)
		free_asking(asking);
	bundle_fini(&fanout->bundle);
	str_fini(&fanout->text);
	mailing_fini(&fanout->mailing);
	free(fanout);
}

static void
set_state(struct fanout *fanout, enum fanout_state state)
{
	fanout->state = state;
}

static void
set_credit(struct fanout *fanout, unsigned credit)
{
	if (credit == fanout->credit)
		return;
	fanout->credit = credit;
	router_set_credit(fanout->runtime->router, credit);
}

static const struct hook_host *
find_shim(const struct fanout *fanout)
{
	const struct hook *hook = fanout->runtime->hook;

	return hook == NULL ? NULL : hook_offering(hook, HOOK_FANOUT);
}

/* With a hello it begins anew. */
static bool
is_left_alone(const struct fanout *fanout, const struct hook_host *host)
{
	return host->hellos == fanout->hellos &&
	       uv_now(fanout->runtime->loop) < fanout->until_ms;
}

/* Whom to ask changes with hellos and the link.  A shim is used when all is
   done that the multicast service was given. */
static void
choose(struct fanout *fanout)
{
	const struct hook_host *host = find_shim(fanout);

	if (host != NULL && is_left_alone(fanout, host))
		host = NULL;
	fanout->settling = host != NULL && mailing_settle(&fanout->mailing);
	if (fanout->settling)
		host = NULL;
	if (host != NULL && !fanout->careful)
		set_credit(fanout, host->credit);
	if (host == fanout->host)
		return;
	fanout->host = host;
	if (host != NULL)
		log_info("fanout: what is for many goes to the shim of %s",
			 host->domain);
	else
		log_info("fanout: what is for many goes to each");
}

void
fanout_describe(const struct fanout *fanout, struct str *out)
{
	const struct hook_host *host = find_shim(fanout);
	char why[ERROR_PRINT_SIZE];
	uint64_t left;

	if (host != NULL && !is_left_alone(fanout, host)) {
		str_addf(out, "by the shim of %s", host->domain);
		return;
	}
	mailing_describe(&fanout->mailing, out);
	if (host == NULL) {
		str_addz(out, ", as no shim has fanout");
		return;
	}
	left = fanout->until_ms - uv_now(fanout->runtime->loop);
	str_addf(out, ", as the shim of %s did not do it: %s; it is asked "
		 "again in %u s", host->domain,
		 error_print(&fanout->why, why),
		 (unsigned)((left + 999) / 1000));
}

/* How many bytes of addresses and stanzas a request may still take. */
static size_t
room_left(const struct fanout *fanout)
{
	size_t used = FRAME_BYTES + strlen(fanout->runtime->domain) +
		      strlen(fanout->host->domain) +
		      bundle_bytes(&fanout->bundle);
	size_t limit = fanout->host->stanza_bytes;

	return used < limit ? limit - used : 0;
}

static void
leave_alone(struct fanout *fanout, const struct error *why)
{
	char text[ERROR_PRINT_SIZE];

	log_warning("fanout: the shim of %s did not do it: %s; for %d s each "
		    "gets a stanza of its own", fanout->host->domain,
		    error_print(why, text), PAUSE_MS / 1000);
	fanout->until_ms = uv_now(fanout->runtime->loop) + PAUSE_MS;
	fanout->hellos = fanout->host->hellos;
	fanout->why = *why;
	choose(fanout);
}

/* The link is gone, many failed together, or it has begun anew. */
static bool
is_over(const struct fanout *fanout, unsigned hellos)
{
	return fanout->host == NULL || fanout->host->hellos != hellos ||
	       !router_is_up(fanout->runtime->router);
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
refused(struct fanout *fanout, const struct asking *asking)
{
	bundle_send(&asking->bundle, router_send_ahead,
		    fanout->runtime->router);
	/* The one in hand is not yet counted. */
	if (fanout->asked - fanout->done == 1)
		return;
	fanout->careful = true;
	fanout->until_sure = fanout->asked;
	set_credit(fanout, 0);
}

static void
end_care(struct fanout *fanout, unsigned credit)
{
	fanout->careful = false;
	set_credit(fanout, credit);
}

static void
end_care_when_sure(struct fanout *fanout)
{
	if (!fanout->careful || (int)(fanout->done - fanout->until_sure) < 0)
		return;
	end_care(fanout, fanout->host != NULL ? fanout->host->credit : 1);
}

static void
fail(struct fanout *fanout, const struct asking *asking,
     const struct xml *answer)
{
	struct arena *arena = arena_new();
	struct error why = { 0 };
	bool over = is_over(fanout, asking->hellos);

	metric_add(fanout->failed, 1);
	if (answer == NULL)
		error_set(&why, ERROR_REMOTE_SERVER_TIMEOUT,
			  "the router did not answer");
	else
		stanza_read_error(arena, answer, &why);
	arena_free(&arena);
	if (!over)
		leave_alone(fanout, &why);
	if (answer != NULL && !is_in_doubt(why.cond))
		refused(fanout, asking);
	/* All that waits would wait as long again, and what waits behind. */
	if (answer == NULL && (!over || fanout->careful))
		end_care(fanout, UINT_MAX);
}

static void
put_away(struct fanout *fanout, struct asking *asking)
{
	const struct bundle *bundle = &asking->bundle;

	if (fanout->spares_count == SPARES_MAX ||
	    bundle->list.size + bundle->stanzas.size > SPARE_BYTES) {
		free_asking(asking);
		return;
	}
	bundle_clear(&asking->bundle);
	LL_PREPEND(fanout->spares, asking);
	fanout->spares_count++;
}

static struct asking *
take_spare(struct fanout *fanout)
{
	struct asking *asking = fanout->spares;

	if (asking == NULL) {
		asking = calloc(1, sizeof(*asking));
		ensure(asking != NULL);
		asking->fanout = fanout;
		return asking;
	}
	LL_DELETE(fanout->spares, asking);
	fanout->spares_count--;
	return asking;
}

static void
tell_when_done(struct fanout *fanout)
{
	void (*fn)(void *ctx) = fanout->when_done;

	if (fn == NULL || (int)(fanout->done - fanout->until_done) < 0)
		return;
	fanout->when_done = NULL;
	fn(fanout->when_done_ctx);
}

static void
on_done(void *ctx, const struct xml *answer)
{
	struct asking *asking = ctx;
	struct fanout *fanout = asking->fanout;

	if (answer == NULL || !str_same(xml_attr(answer, "type"), "result"))
		fail(fanout, asking, answer);
	put_away(fanout, asking);
	fanout->done++;
	tell_when_done(fanout);
	end_care_when_sure(fanout);
}

bool
fanout_when_done(struct fanout *fanout, void (*fn)(void *ctx), void *ctx)
{
	ensure(fanout->when_done == NULL);
	if (fanout->done == fanout->asked)
		return false;
	fanout->when_done = fn;
	fanout->when_done_ctx = ctx;
	fanout->until_done = fanout->asked;
	return true;
}

static void
print_request(struct fanout *fanout)
{
	struct str *text = &fanout->text;

	str_clear(text);
	str_add(text, START_BEFORE_DOMAIN, LEN(START_BEFORE_DOMAIN));
	str_addz(text, fanout->runtime->domain);
	str_add(text, START_BEFORE_HOST, LEN(START_BEFORE_HOST));
	str_addz(text, fanout->host->domain);
	str_add(text, START_END, LEN(START_END));
	bundle_print(&fanout->bundle, text);
	str_add(text, END, LEN(END));
}

/* The asking has the bundle from now on; another is begun, and while stanzas
   are gathered, for the same. */
static struct asking *
hand_over(struct fanout *fanout)
{
	struct asking *asking = take_spare(fanout);
	struct bundle next = asking->bundle;

	asking->hellos = fanout->host->hellos;
	asking->bundle = fanout->bundle;
	fanout->bundle = next;
	if (fanout->state == FANOUT_GATHERING)
		bundle_address_as(&fanout->bundle, &asking->bundle);
	return asking;
}

static void
send_request(struct fanout *fanout)
{
	const struct bundle *bundle = &fanout->bundle;

	metric_add(fanout->requests, 1);
	metric_add(fanout->sent, bundle->count * bundle->addresses);
	fanout->asked++;
	print_request(fanout);
	router_send_iq(fanout->runtime->router, &(struct router_iq){
			.text = fanout->text.data, .len = fanout->text.len,
			.to = fanout->host->domain, .secs = DONE_SECS,
			.fn = on_done, .ctx = hand_over(fanout) });
}

/* The list is full, or at its end. */
static void
send_list(struct fanout *fanout)
{
	struct bundle *bundle = &fanout->bundle;

	if (bundle->addresses >= FEW) {
		bundle_add_stanza(bundle, fanout->stanza);
		send_request(fanout);
	} else if (bundle->addresses > 0) {
		bundle_send_one(bundle, fanout->stanza, router_send_to,
				fanout->runtime->router);
	}
	bundle_clear(bundle);
}

/* One that had no company goes by itself. */
static void
send_gathered(void *ctx)
{
	struct fanout *fanout = ctx;
	struct bundle *bundle = &fanout->bundle;

	if (bundle->count == 1 && bundle->addresses == 1)
		bundle_send(bundle, router_send_to, fanout->runtime->router);
	else if (bundle->count > 0)
		send_request(fanout);
	bundle_clear_stanzas(bundle);
}

/* Where nothing is gathered, something else may have to go before. */
static void
send_gathered_now(struct fanout *fanout)
{
	if (fanout->bundle.count == 0)
		return;
	router_before(fanout->runtime->router, NULL, NULL);
	send_gathered(fanout);
}

void
fanout_begin(struct fanout *fanout, struct router_template *stanza)
{
	choose(fanout);
	fanout_end(fanout);
	fanout->stanza = stanza;
	if (fanout->host == NULL && !fanout->settling && !fanout->careful &&
	    mailing_begin(&fanout->mailing, stanza)) {
		set_credit(fanout, 1);
		set_state(fanout, FANOUT_MAILING);
		return;
	}
	if (fanout->host == NULL ||
	    room_left(fanout) < bundle_stanza_bytes(stanza) + LIST_BYTES) {
		set_state(fanout, FANOUT_SEPARATE);
		return;
	}
	set_state(fanout, FANOUT_LISTING);
	fanout->room = room_left(fanout) - bundle_stanza_bytes(stanza);
}

void
fanout_add(struct fanout *fanout, const char *to, size_t to_len)
{
	if (fanout->state == FANOUT_SEPARATE) {
		router_send_to(fanout->runtime->router, fanout->stanza, to,
			       to_len);
		return;
	}
	if (fanout->state == FANOUT_MAILING) {
		mailing_add(&fanout->mailing, to, to_len);
		return;
	}
	if (fanout->bundle.list.len + to_len + 1 > fanout->room)
		send_list(fanout);
	bundle_add_address(&fanout->bundle, to, to_len);
}

void
fanout_end(struct fanout *fanout)
{
	switch (fanout->state) {
	case FANOUT_LISTING:
		send_list(fanout);
		break;
	case FANOUT_GATHERING:
		send_gathered_now(fanout);
		bundle_clear(&fanout->bundle);
		break;
	case FANOUT_MAILING:
		mailing_end(&fanout->mailing);
		break;
	case FANOUT_SEPARATE:
	case FANOUT_IDLE:
		break;
	}
	set_state(fanout, FANOUT_IDLE);
}

void
fanout_gather(struct fanout *fanout, const char *to, size_t to_len)
{
	choose(fanout);
	fanout_end(fanout);
	set_state(fanout, FANOUT_GATHERING);
	fanout_gather_too(fanout, to, to_len);
}

void
fanout_gather_too(struct fanout *fanout, const char *to, size_t to_len)
{
	ensure(fanout->state == FANOUT_GATHERING && fanout->bundle.count == 0);
	bundle_add_address(&fanout->bundle, to, to_len);
}

static bool
is_gathered(const struct fanout *fanout, const char *to, size_t to_len)
{
	const struct str *list = &fanout->bundle.list;

	return fanout->state == FANOUT_GATHERING && list->len == to_len + 1 &&
	       memcmp(list->data, to, to_len) == 0;
}

/* Whether there is room, if need be once the others are sent. */
static bool
make_room(struct fanout *fanout, const struct router_template *stanza)
{
	const struct bundle *bundle = &fanout->bundle;
	size_t bytes = bundle_stanza_bytes(stanza);

	if (bundle->count > 0 &&
	    (room_left(fanout) < bytes ||
	     (bundle->count + 1) * bundle->addresses > COPIES_MAX))
		send_gathered_now(fanout);
	return room_left(fanout) >= bytes;
}

void
fanout_send(struct fanout *fanout, struct router_template *stanza)
{
	ensure(fanout->state == FANOUT_GATHERING);
	if (fanout->host == NULL || !make_room(fanout, stanza)) {
		bundle_send_one(&fanout->bundle, stanza, router_send_to,
				fanout->runtime->router);
		return;
	}
	bundle_add_stanza(&fanout->bundle, stanza);
	if (fanout->bundle.count == 1)
		router_before(fanout->runtime->router, send_gathered, fanout);
}

void
fanout_send_to(struct fanout *fanout, struct router_template *stanza,
	       const char *to, size_t to_len)
{
	if (is_gathered(fanout, to, to_len))
		fanout_send(fanout, stanza);
	else
		router_send_to(fanout->runtime->router, stanza, to, to_len);
}
