#include "shared/fanout.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared/askings.h"
#include "shared/bundle.h"
#include "shared/error.h"
#include "shared/fanout_shim.h"
#include "shared/hook_host.h"
#include "shared/mailing.h"
#include "shared/request.h"
#include "shared/router.h"
#include "shared/str.h"

/* Fewer stanzas than this are no more work for the router by themselves. */
#define FEW 3
/* Too few to list more than a few addresses. */
#define LIST_BYTES ((size_t)4096)
/* How much a router sends without doing anything else. */
#define COPIES_MAX 2000

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
	struct fanout_shim shim;
	struct askings askings;	/* of the shim */
	struct mailing mailing;	/* without a shim */
	bool settling;		/* that is not done, and there is a shim */
	struct router_template *stanza;	/* one for many */
	struct bundle bundle;	/* what is gathered */
	size_t room;		/* bytes for the addresses, while listing */
};

struct fanout *
fanout_new(struct runtime *runtime)
{
	struct fanout *fanout = calloc(1, sizeof(*fanout));

	ensure(fanout != NULL);
	fanout->runtime = runtime;
	fanout_shim_init(&fanout->shim, runtime);
	askings_init(&fanout->askings, runtime, &fanout->shim);
	mailing_init(&fanout->mailing, runtime);
	return fanout;
}

void
fanout_free(struct fanout **fanout_)
{
	struct fanout *fanout = *fanout_;

	*fanout_ = NULL;
	askings_fini(&fanout->askings);
	bundle_fini(&fanout->bundle);
	mailing_fini(&fanout->mailing);
	free(fanout);
}

static void
set_state(struct fanout *fanout, enum fanout_state state)
{
	fanout->state = state;
}

/* A shim is used when all is done that the multicast service was given. */
static void
choose(struct fanout *fanout)
{
	const struct hook_host *host = fanout_shim_find(&fanout->shim);

	fanout->settling = host != NULL && mailing_settle(&fanout->mailing);
	if (fanout->settling)
		host = NULL;
	if (host != NULL)
		askings_set_credit(&fanout->askings, host->credit);
	fanout_shim_use(&fanout->shim, host);
}

void
fanout_describe(const struct fanout *fanout, struct str *out)
{
	const struct hook_host *host = fanout_shim_find(&fanout->shim);

	if (host != NULL) {
		str_addf(out, "by the shim of %s", host->domain);
		return;
	}
	mailing_describe(&fanout->mailing, out);
	str_addz(out, ", as ");
	fanout_shim_explain(&fanout->shim, out);
}

/* How many bytes of addresses and stanzas a request may still take. */
static size_t
room_left(const struct fanout *fanout)
{
	return askings_room(&fanout->askings, &fanout->bundle);
}

/* While stanzas are gathered, the next are for the same. */
static void
send_request(struct fanout *fanout)
{
	askings_send(&fanout->askings, &fanout->bundle,
		     fanout->state == FANOUT_GATHERING);
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
	if (fanout->shim.host == NULL && !fanout->settling &&
	    !askings_are_careful(&fanout->askings) &&
	    mailing_begin(&fanout->mailing, stanza)) {
		askings_set_credit(&fanout->askings, 1);
		set_state(fanout, FANOUT_MAILING);
		return;
	}
	if (fanout->shim.host == NULL ||
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
	if (fanout->shim.host == NULL || !make_room(fanout, stanza)) {
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

bool
fanout_when_done(struct fanout *fanout, void (*fn)(void *ctx), void *ctx)
{
	return askings_when_done(&fanout->askings, fn, ctx);
}
