/*
 * bundle.h - stanzas that all go to the same addresses.
 *
 * Sent as one request to a shim that does fanouts (components/router/PROTOCOL
 * section 10), or as separate stanzas.
 */
#ifndef SHARED_BUNDLE_H
#define SHARED_BUNDLE_H

#include <stddef.h>

#include "shared/str.h"

struct router;
struct router_template;

/* Embedded in its owner.  All zero is one without addresses and stanzas. */
struct bundle {
	struct str list;	/* the addresses, each ended by a line feed */
	size_t addresses;
	struct str stanzas;	/* as a request has them */
	struct str marks;	/* where each is; bundle.c's */
	size_t count;		/* of stanzas */
};

void bundle_fini(struct bundle *bundle);

/* Both keep the storage; the second, the addresses as well. */
void bundle_clear(struct bundle *bundle);
void bundle_clear_stanzas(struct bundle *bundle);

/* Escaped for an attribute.  A room adds everybody, so it is part of who calls
   it. */
static inline void
bundle_add_address(struct bundle *bundle, const char *to, size_t to_len)
{
	char *at = str_extend(&bundle->list, to_len + 1);

	memcpy(at, to, to_len);
	at[to_len] = '\n';
	bundle->addresses++;
}

/* Has the addresses of another, too. */
void bundle_address_as(struct bundle *bundle, const struct bundle *other);

void bundle_add_stanza(struct bundle *bundle,
		       const struct router_template *stanza);

/* What a stanza adds to a request; and what all, addresses included, does to
   an empty one. */
size_t bundle_stanza_bytes(const struct router_template *stanza);
size_t bundle_bytes(const struct bundle *bundle);

/* The request's payload; there are addresses. */
void bundle_print(const struct bundle *bundle, struct str *out);

/* router_send_to() or router_send_ahead(). */
typedef void bundle_fn(struct router *router, struct router_template *stanza,
		       const char *to, size_t to_len);

/* Each stanza to each address, by fn; or one that is not in it. */
void bundle_send(const struct bundle *bundle, bundle_fn *fn,
		 struct router *router);
void bundle_send_one(const struct bundle *bundle,
		     struct router_template *stanza, bundle_fn *fn,
		     struct router *router);

#endif
