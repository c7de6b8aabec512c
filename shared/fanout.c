#include "shared/fanout.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/log.h"
#include "shared/mailing.h"
#include "shared/metric.h"
#include "shared/ns.h"
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
/* Askings that are kept for the next ones, with their memory. */
#define SPARES_MAX 8

#define FORWARDED "<forwarded xmlns='" NS_FORWARD "'>"
#define CLIENT " xmlns='" NS_CLIENT "'"
#define FORWARDED_END "</forwarded>"
#define START_BEFORE_DOMAIN " type='set' from='"
#define START_BEFORE_HOST "' to='"
#define START_BEFORE_LIST "'><fanout xmlns='" NS_ANNEX "'><to>"
#define LIST_END "</to>"
#define END "</fanout></iq>"
/* Of a request, besides domain, host, list and stanzas; id included. */
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
	struct router_template *stanza;	/* while listing */
	struct str list;	/* the addresses, each ended by a line feed */
	struct str stanzas;	/* each in FORWARDED */
	size_t count;		/* of those or, while gathering, of these */
	size_t gathered;	/* addresses, while gathering */
	struct str marks;	/* a struct mark of each stanza */
	size_t room;		/* bytes for the addresses */
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

/* Of a stanza in FORWARDED. */
struct mark {
	size_t len, head_len;
};

/* A request on its way.  What it would send is kept: it may be refused. */
struct asking {
	struct fanout *fanout;
	unsigned hellos;	/* of the shim by then */
	struct str text;
	size_t list, list_len;	/* in text, each but the last ended */
	size_t stanzas;		/* in text */
	struct str marks;
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
	str_fini(&asking->text);
	str_fini(&asking->marks);
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
	str_fini(&fanout->list);
	str_fini(&fanout->stanzas);
	str_fini(&fanout->marks);
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
	const struct error *why = &fanout->why;
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
	str_addf(out, ", as the shim of %s did not do it: %s%s%s; "
		 "it is asked again in %u s", host->domain,
		 error_cond_name(why->cond), why->text[0] != '\0' ? ": " : "",
		 why->text, (unsigned)((left + 999) / 1000));
}

/* How many bytes of addresses and stanzas a request may still take. */
static size_t
room_left(const struct fanout *fanout)
{
	size_t used = FRAME_BYTES + strlen(fanout->runtime->domain) +
		      strlen(fanout->host->domain) + fanout->list.len +
		      fanout->stanzas.len;
	size_t limit = fanout->host->stanza_bytes;

	return used < limit ? limit - used : 0;
}

static size_t
wrapped_bytes(const struct router_template *stanza)
{
	return LEN(FORWARDED) + stanza->head_len + LEN(CLIENT) +
	       stanza->tail_len + LEN(FORWARDED_END);
}

/* The stanza that add_stanza() wrote there. */
static struct router_template
unwrap(const char *at, const struct mark *mark)
{
	const char *head = at + LEN(FORWARDED);
	const char *tail = head + mark->head_len + LEN(CLIENT);
	const char *end = at + mark->len - LEN(FORWARDED_END);

	return (struct router_template){
		.head = head, .head_len = mark->head_len,
		.tail = tail, .tail_len = (size_t)(end - tail),
	};
}

static void
clear_stanzas(struct fanout *fanout)
{
	str_clear(&fanout->stanzas);
	str_clear(&fanout->marks);
}

static void
leave_alone(struct fanout *fanout, const struct error *why)
{
	log_warning("fanout: the shim of %s did not do it: %s%s%s; for %d s "
		    "each gets a stanza of its own", fanout->host->domain,
		    error_cond_name(why->cond),
		    why->text[0] != '\0' ? ": " : "", why->text,
		    PAUSE_MS / 1000);
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

/* Separately, each stanza to each address. */
static void
send_refused(const struct asking *asking)
{
	struct router *router = asking->fanout->runtime->router;
	const char *list = asking->text.data + asking->list;
	const char *end = list + asking->list_len, *to, *feed;
	const char *at = asking->text.data + asking->stanzas;
	const struct mark *mark = (const struct mark *)asking->marks.data;

	for (size_t n = asking->marks.len / sizeof(*mark); n > 0; n--) {
		struct router_template stanza = unwrap(at, mark);

		for (to = list; to < end; to = feed + 1) {
			feed = memchr(to, '\n', (size_t)(end - to));
			if (feed == NULL)
				feed = end;
			router_send_ahead(router, &stanza, to,
					  (size_t)(feed - to));
		}
		at += mark++->len;
	}
}

/* What was refused goes before all that waits, and from then on all that is
   sent waits until those that are on their way are answered, so that they keep
   their place should they be refused as well.  Only what had been sent already,
   as there was credit, is not called back. */
static void
refused(struct fanout *fanout, const struct asking *asking)
{
	send_refused(asking);
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
	if (fanout->spares_count == SPARES_MAX) {
		free_asking(asking);
		return;
	}
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
	str_clear(&asking->text);
	str_clear(&asking->marks);
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
send_request(struct fanout *fanout)
{
	struct asking *asking = take_spare(fanout);
	struct str *text = &asking->text;
	const char *host = fanout->host->domain;
	size_t copies = fanout->count;

	asking->hellos = fanout->host->hellos;
	str_add(text, START_BEFORE_DOMAIN, LEN(START_BEFORE_DOMAIN));
	str_addz(text, fanout->runtime->domain);
	str_add(text, START_BEFORE_HOST, LEN(START_BEFORE_HOST));
	str_addz(text, host);
	str_add(text, START_BEFORE_LIST, LEN(START_BEFORE_LIST));
	/* The last line feed ends nothing. */
	asking->list = text->len;
	asking->list_len = fanout->list.len - 1;
	str_add(text, fanout->list.data, asking->list_len);
	str_add(text, LIST_END, LEN(LIST_END));
	asking->stanzas = text->len;
	str_add(&asking->marks, fanout->marks.data, fanout->marks.len);
	str_add(text, fanout->stanzas.data, fanout->stanzas.len);
	str_add(text, END, LEN(END));
	if (fanout->state == FANOUT_GATHERING)
		copies *= fanout->gathered;
	metric_add(fanout->requests, 1);
	metric_add(fanout->sent, copies);
	fanout->asked++;
	router_send_iq(fanout->runtime->router, &(struct router_iq){
			.text = text->data, .len = text->len, .to = host,
			.secs = DONE_SECS, .fn = on_done, .ctx = asking });
}

/* To each address of the list. */
static void
send_each(struct fanout *fanout, struct router_template *stanza)
{
	const char *at = fanout->list.data, *end = at + fanout->list.len;

	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));

		router_send_to(fanout->runtime->router, stanza, at,
			       (size_t)(feed - at));
		at = feed + 1;
	}
}

static void
add_stanza(struct fanout *fanout, const struct router_template *stanza)
{
	struct str *text = &fanout->stanzas;
	const struct mark mark = {
		.len = wrapped_bytes(stanza), .head_len = stanza->head_len,
	};

	str_add(&fanout->marks, (const char *)&mark, sizeof(mark));
	str_add(text, FORWARDED, LEN(FORWARDED));
	str_add(text, stanza->head, stanza->head_len);
	str_add(text, CLIENT, LEN(CLIENT));
	str_add(text, stanza->tail, stanza->tail_len);
	str_add(text, FORWARDED_END, LEN(FORWARDED_END));
}

/* The list is full, or at its end. */
static void
send_list(struct fanout *fanout)
{
	if (fanout->count >= FEW) {
		if (fanout->stanzas.len == 0)
			add_stanza(fanout, fanout->stanza);
		send_request(fanout);
	} else if (fanout->count > 0) {
		send_each(fanout, fanout->stanza);
	}
	str_clear(&fanout->list);
	fanout->count = 0;
}

/* One that was gathered, but had no company. */
static void
send_alone(struct fanout *fanout)
{
	struct router_template stanza =
		unwrap(fanout->stanzas.data,
		       (const struct mark *)fanout->marks.data);

	router_send_to(fanout->runtime->router, &stanza, fanout->list.data,
		       fanout->list.len - 1);
}

static void
send_gathered(void *ctx)
{
	struct fanout *fanout = ctx;

	if (fanout->count == 1 && fanout->gathered == 1)
		send_alone(fanout);
	else if (fanout->count > 0)
		send_request(fanout);
	clear_stanzas(fanout);
	fanout->count = 0;
}

static void
send_gathered_now(struct fanout *fanout)
{
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
	    room_left(fanout) < wrapped_bytes(stanza) + LIST_BYTES) {
		set_state(fanout, FANOUT_SEPARATE);
		return;
	}
	set_state(fanout, FANOUT_LISTING);
	fanout->room = room_left(fanout) - wrapped_bytes(stanza);
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
	if (fanout->list.len + to_len + 1 > fanout->room)
		send_list(fanout);
	str_add(&fanout->list, to, to_len);
	str_addc(&fanout->list, '\n');
	fanout->count++;
}

void
fanout_end(struct fanout *fanout)
{
	switch (fanout->state) {
	case FANOUT_LISTING:
		send_list(fanout);
		clear_stanzas(fanout);
		break;
	case FANOUT_GATHERING:
		send_gathered_now(fanout);
		str_clear(&fanout->list);
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
	fanout->gathered = 0;
	fanout_gather_too(fanout, to, to_len);
}

void
fanout_gather_too(struct fanout *fanout, const char *to, size_t to_len)
{
	ensure(fanout->state == FANOUT_GATHERING && fanout->count == 0);
	str_add(&fanout->list, to, to_len);
	str_addc(&fanout->list, '\n');
	fanout->gathered++;
}

static bool
is_gathered(const struct fanout *fanout, const char *to, size_t to_len)
{
	return fanout->state == FANOUT_GATHERING &&
	       fanout->list.len == to_len + 1 &&
	       memcmp(fanout->list.data, to, to_len) == 0;
}

/* Whether there is room, if need be once the others are sent. */
static bool
make_room(struct fanout *fanout, const struct router_template *stanza)
{
	if (fanout->count > 0 &&
	    (room_left(fanout) < wrapped_bytes(stanza) ||
	     (fanout->count + 1) * fanout->gathered > COPIES_MAX))
		send_gathered_now(fanout);
	return room_left(fanout) >= wrapped_bytes(stanza);
}

void
fanout_send(struct fanout *fanout, struct router_template *stanza)
{
	ensure(fanout->state == FANOUT_GATHERING);
	if (fanout->host == NULL || !make_room(fanout, stanza)) {
		send_each(fanout, stanza);
		return;
	}
	add_stanza(fanout, stanza);
	fanout->count++;
	if (fanout->count == 1)
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
