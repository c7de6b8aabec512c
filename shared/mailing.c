#include "shared/mailing.h"

#include <string.h>

#include "shared/error.h"
#include "shared/multicast.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/router.h"

/* Fewer addresses are no more work for the router by themselves. */
#define FEW 3
/* After so many stanzas the service is waited for: what waits in it takes
   memory, and nobody slows us down. */
#define UNDER_WAY_MAX 64

#define ADDRESSES "<addresses xmlns='" NS_ADDRESS "'>"
#define BEFORE_ADDRESS "<address type='bcc' jid='"
#define AFTER_ADDRESS "'/>"
#define ADDRESSES_END "</addresses>"
#define PRESENCE "<presence"
/* Of a stanza, besides the template and the addresses. */
#define FRAME_BYTES ((size_t)100)
/* Too few to list more than a few addresses. */
#define LIST_BYTES ((size_t)4096)

#define LEN(literal) (sizeof(literal) - 1)

void
mailing_init(struct mailing *mailing, struct runtime *runtime)
{
	*mailing = (struct mailing){ .runtime = runtime };
}

void
mailing_fini(struct mailing *mailing)
{
	bundle_fini(&mailing->bundle);
	str_fini(&mailing->tail);
}

static bool
fits(const struct mailing *mailing, size_t list_bytes)
{
	struct router_template whole = {
		.head_len = mailing->stanza->head_len,
		.tail_len = mailing->stanza->tail_len + FRAME_BYTES +
			    list_bytes,
	};

	return router_fits(mailing->runtime->router, &whole);
}

/* The service would take them for its own. */
static bool
has_addresses(const struct router_template *stanza)
{
	return memmem(stanza->tail, stanza->tail_len, NS_ADDRESS,
		      LEN(NS_ADDRESS)) != NULL;
}

static bool
is_presence(const struct router_template *stanza)
{
	return strncmp(stanza->head, PRESENCE, LEN(PRESENCE)) == 0;
}

bool
mailing_begin(struct mailing *mailing, struct router_template *stanza)
{
	struct multicast *multicast = mailing->runtime->multicast;
	const struct multicast_service *service =
		multicast == NULL ? NULL : multicast_find(multicast);
	/* In attributes it is escaped. */
	const char *end = memchr(stanza->tail, '>', stanza->tail_len);

	mailing->stanza = stanza;
	if (service == NULL || end == NULL || has_addresses(stanza) ||
	    !fits(mailing, LIST_BYTES))
		return false;
	mailing->most = is_presence(stanza) ? service->presences :
			service->messages;
	if (mailing->most < FEW)
		return false;
	mailing->service = service;
	mailing->tag_len = (size_t)(end - stanza->tail);
	return true;
}

void
mailing_describe(const struct mailing *mailing, struct str *out)
{
	const struct multicast *multicast = mailing->runtime->multicast;
	const struct multicast_service *service =
		multicast == NULL ? NULL : multicast_known(multicast);

	if (service != NULL)
		str_addf(out, "by %s to users of %s, else to each",
			 service->address, service->host);
	else
		str_addz(out, "to each");
}

static void
on_others(void *ctx)
{
	struct mailing *mailing = ctx;

	mailing->open = false;
	mailing->under_way = 0;
	multicast_fence(mailing->runtime->multicast);
}

/* By the service, or to those whom it does not serve: neither waits. */
static void
send_past(struct mailing *mailing, struct router_template *stanza,
	  const char *to, size_t to_len)
{
	struct router *router = mailing->runtime->router;

	router_before(router, NULL, NULL);
	router_send_to(router, stanza, to, to_len);
	if (mailing->open)
		router_before(router, on_others, mailing);
}

static void
add_addresses(struct mailing *mailing)
{
	const struct str *list = &mailing->bundle.list;
	const char *at = list->data, *end = at + list->len;
	struct str *text = &mailing->tail;

	str_add(text, ADDRESSES, LEN(ADDRESSES));
	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));

		str_add(text, BEFORE_ADDRESS, LEN(BEFORE_ADDRESS));
		str_add(text, at, (size_t)(feed - at));
		str_add(text, AFTER_ADDRESS, LEN(AFTER_ADDRESS));
		at = feed + 1;
	}
	str_add(text, ADDRESSES_END, LEN(ADDRESSES_END));
}

/* The addresses come first in the stanza, which may have been empty. */
static void
make_tail(struct mailing *mailing)
{
	const struct router_template *stanza = mailing->stanza;
	size_t tag_len = mailing->tag_len;
	bool empty = tag_len > 0 && stanza->tail[tag_len - 1] == '/';
	struct str *text = &mailing->tail;

	str_clear(text);
	str_add(text, stanza->tail, empty ? tag_len - 1 : tag_len);
	str_addc(text, '>');
	add_addresses(mailing);
	if (empty)
		str_addz(text, is_presence(stanza) ? "</presence>" :
			 "</message>");
	else
		str_add(text, stanza->tail + tag_len + 1,
			stanza->tail_len - tag_len - 1);
}

static void
send_mail(struct mailing *mailing)
{
	const char *to = mailing->service->address;
	struct router_template stanza = {
		.head = mailing->stanza->head,
		.head_len = mailing->stanza->head_len,
	};

	make_tail(mailing);
	stanza.tail = mailing->tail.data;
	stanza.tail_len = mailing->tail.len;
	mailing->open = true;
	multicast_count(mailing->runtime->multicast);
	send_past(mailing, &stanza, to, strlen(to));
	if (++mailing->under_way == UNDER_WAY_MAX)
		mailing_settle(mailing);
}

static void
send_list(struct mailing *mailing)
{
	const struct bundle *bundle = &mailing->bundle;

	if (bundle->addresses >= FEW ||
	    (bundle->addresses > 0 && mailing->open))
		send_mail(mailing);
	else if (bundle->addresses > 0)
		bundle_send_one(bundle, mailing->stanza, router_send_to,
				mailing->runtime->router);
	bundle_clear(&mailing->bundle);
}

static bool
is_served(const struct mailing *mailing, const char *to, size_t to_len)
{
	const char *host = mailing->service->host;
	const char *slash = memchr(to, '/', to_len);
	size_t bare_len = slash == NULL ? to_len : (size_t)(slash - to);
	const char *at = memchr(to, '@', bare_len);
	size_t before = at == NULL ? 0 : (size_t)(at - to) + 1;

	return bare_len - before == strlen(host) &&
	       memcmp(to + before, host, bare_len - before) == 0;
}

void
mailing_add(struct mailing *mailing, const char *to, size_t to_len)
{
	struct bundle *bundle = &mailing->bundle;
	size_t each = LEN(BEFORE_ADDRESS) + LEN(AFTER_ADDRESS);

	if (!is_served(mailing, to, to_len)) {
		send_past(mailing, mailing->stanza, to, to_len);
		return;
	}
	if (bundle->addresses == mailing->most ||
	    !fits(mailing, bundle->list.len + to_len +
			   (bundle->addresses + 1) * each))
		send_list(mailing);
	bundle_add_address(bundle, to, to_len);
}

void
mailing_end(struct mailing *mailing)
{
	send_list(mailing);
}

bool
mailing_settle(struct mailing *mailing)
{
	if (mailing->open) {
		router_before(mailing->runtime->router, NULL, NULL);
		on_others(mailing);
	}
	return mailing->runtime->multicast != NULL &&
	       multicast_is_fenced(mailing->runtime->multicast);
}
