/*
 * mailing.h - one stanza for many by the router's multicast service.
 *
 * Only for those of its own host, blindly (bcc), so that nobody sees who else
 * got it.  The service is a process of its own in the router, so that what is
 * sent past it would overtake: before anything else is sent to them, it has to
 * be done with what it was given.
 */
#ifndef SHARED_MAILING_H
#define SHARED_MAILING_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/bundle.h"
#include "shared/str.h"

struct multicast_service;
struct router_template;
struct runtime;

/* Embedded. */
struct mailing {
	struct runtime *runtime;
	const struct multicast_service *service;
	struct router_template *stanza;
	size_t tag_len;		/* of its tail: the rest of the first tag */
	struct bundle bundle;	/* whom it is for; without stanzas */
	size_t most;		/* of them */
	struct str tail;	/* used again and again */
	bool open;		/* the service may not be done */
	unsigned under_way;	/* stanzas since it was */
};

void mailing_init(struct mailing *mailing, struct runtime *runtime);
void mailing_fini(struct mailing *mailing);

/* False when there is no service, or the stanza is none for it; otherwise each
   address, escaped for an attribute, then the end.  The stanza fits. */
bool mailing_begin(struct mailing *mailing, struct router_template *stanza);
void mailing_add(struct mailing *mailing, const char *to, size_t to_len);
void mailing_end(struct mailing *mailing);

/* How what is for many goes without a shim, for people. */
void mailing_describe(const struct mailing *mailing, struct str *out);

/* Has the service be done before anything else is sent.  Whether it may not
   be done yet. */
bool mailing_settle(struct mailing *mailing);

#endif
