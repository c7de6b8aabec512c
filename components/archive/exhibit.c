#include "components/archive/exhibit.h"

#include <stddef.h>
#include <string.h>

#include "components/archive/offer.h"
#include "shared/error.h"
#include "shared/hook.h"
#include "shared/jid.h"
#include "shared/stanza.h"

static const struct {
	const char *name;
	unsigned kind;
} kinds[] = {
	{ "message", EXHIBIT_MESSAGE },
	{ "subscription", EXHIBIT_SUBSCRIPTION },
	{ "iq", EXHIBIT_IQ },
	{ "file", EXHIBIT_FILE },
};

static const unsigned kind_of[] = {
	[STANZA_MESSAGE] = EXHIBIT_MESSAGE,
	[STANZA_PRESENCE] = EXHIBIT_SUBSCRIPTION,
	[STANZA_IQ] = EXHIBIT_IQ,
};

static bool
is_at(const char *domain, const char *host)
{
	size_t len = strlen(domain), host_len = strlen(host);

	return len >= host_len &&
	       strcmp(domain + len - host_len, host) == 0 &&
	       (len == host_len || domain[len - host_len - 1] == '.');
}

static bool
is_outside(const struct hook *hook, const struct jid *jid)
{
	const char *host;

	if (jid == NULL)
		return false;
	for (size_t i = 0; (host = hook_host_named(hook, i)) != NULL; i++)
		if (is_at(jid->domain, host))
			return false;
	return true;
}

/* No recipient is the sender's own account (RFC 6120 section 8.1.1). */
struct exhibit
exhibit_of(struct arena *arena, const struct hook *hook,
	   const struct stanza *stanza, int64_t stamp)
{
	const struct jid *from = stanza->from;
	const struct jid *to = stanza->to != NULL ? stanza->to : from;

	return (struct exhibit){
		.arena = arena, .stanza = stanza, .stamp = stamp,
		.sender = from == NULL ? "" : from->bare,
		.recipient = to == NULL ? "" : to->bare,
		.sender_outside = is_outside(hook, from),
		.recipient_outside = is_outside(hook, to),
	};
}

bool
exhibit_is(const struct exhibit *exhibit, unsigned wanted)
{
	if ((kind_of[exhibit->stanza->kind] & wanted) != 0)
		return true;
	return (wanted & EXHIBIT_FILE) != 0 &&
	       offer_is_attached(exhibit->stanza->el);
}

int
exhibit_offers(struct exhibit *exhibit, const struct offer **offers_r,
	       struct error *err)
{
	if (!exhibit->searched &&
	    offer_find_all(exhibit->arena, exhibit->stanza->el,
			   &exhibit->offers, err) < 0)
		return -1;
	exhibit->searched = true;
	*offers_r = exhibit->offers;
	return 0;
}

static unsigned
find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return 0;
}

int
exhibit_read_kinds(const char *const *names, unsigned *kinds_r,
		   struct error *err)
{
	*kinds_r = names[0] == NULL ? ~0u : 0;
	for (; *names != NULL; names++) {
		unsigned kind = find_kind(*names);

		if (kind == 0)
			return error_set(err, ERROR_BAD_REQUEST, "%.40s is "
					 "none of message, subscription, iq "
					 "and file", *names);
		*kinds_r |= kind;
	}
	return 0;
}
