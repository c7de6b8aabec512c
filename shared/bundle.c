#include "shared/bundle.h"

#include <string.h>

#include "shared/ns.h"
#include "shared/router.h"

#define START "<fanout xmlns='" NS_ANNEX "'><to>"
#define LIST_END "</to>"
#define END "</fanout>"
#define FORWARDED "<forwarded xmlns='" NS_FORWARD "'>"
#define CLIENT " xmlns='" NS_CLIENT "'"
#define FORWARDED_END "</forwarded>"

#define LEN(literal) (sizeof(literal) - 1)

/* Of a stanza in FORWARDED: it may hold what it is wrapped in. */
struct mark {
	size_t len, head_len;
};

void
bundle_fini(struct bundle *bundle)
{
	str_fini(&bundle->list);
	str_fini(&bundle->stanzas);
	str_fini(&bundle->marks);
	bundle->addresses = bundle->count = 0;
}

void
bundle_clear_stanzas(struct bundle *bundle)
{
	str_clear(&bundle->stanzas);
	str_clear(&bundle->marks);
	bundle->count = 0;
}

void
bundle_clear(struct bundle *bundle)
{
	str_clear(&bundle->list);
	bundle->addresses = 0;
	bundle_clear_stanzas(bundle);
}

void
bundle_address_as(struct bundle *bundle, const struct bundle *other)
{
	str_clear(&bundle->list);
	str_add(&bundle->list, other->list.data, other->list.len);
	bundle->addresses = other->addresses;
}

size_t
bundle_stanza_bytes(const struct router_template *stanza)
{
	return LEN(FORWARDED) + stanza->head_len + LEN(CLIENT) +
	       stanza->tail_len + LEN(FORWARDED_END);
}

size_t
bundle_bytes(const struct bundle *bundle)
{
	return bundle->list.len + bundle->stanzas.len;
}

void
bundle_add_stanza(struct bundle *bundle, const struct router_template *stanza)
{
	const struct mark mark = {
		.len = bundle_stanza_bytes(stanza),
		.head_len = stanza->head_len,
	};
	char *at = str_extend(&bundle->stanzas, mark.len);

	at = mempcpy(at, FORWARDED, LEN(FORWARDED));
	at = mempcpy(at, stanza->head, stanza->head_len);
	at = mempcpy(at, CLIENT, LEN(CLIENT));
	at = mempcpy(at, stanza->tail, stanza->tail_len);
	memcpy(at, FORWARDED_END, LEN(FORWARDED_END));
	str_add(&bundle->marks, (const char *)&mark, sizeof(mark));
	bundle->count++;
}

/* The stanza that bundle_add_stanza() wrote there. */
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

/* The last line feed ends nothing. */
void
bundle_print(const struct bundle *bundle, struct str *out)
{
	str_add(out, START, LEN(START));
	str_add(out, bundle->list.data, bundle->list.len - 1);
	str_add(out, LIST_END, LEN(LIST_END));
	str_add(out, bundle->stanzas.data, bundle->stanzas.len);
	str_add(out, END, LEN(END));
}

void
bundle_send_one(const struct bundle *bundle, struct router_template *stanza,
		bundle_fn *fn, struct router *router)
{
	const char *at = bundle->list.data, *end = at + bundle->list.len;

	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));

		fn(router, stanza, at, (size_t)(feed - at));
		at = feed + 1;
	}
}

void
bundle_send(const struct bundle *bundle, bundle_fn *fn, struct router *router)
{
	const struct mark *mark = (const struct mark *)bundle->marks.data;
	const char *at = bundle->stanzas.data;

	for (size_t n = bundle->count; n > 0; n--) {
		struct router_template stanza = unwrap(at, mark);

		bundle_send_one(bundle, &stanza, fn, router);
		at += mark++->len;
	}
}
