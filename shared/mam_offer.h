/*
 * mam_offer.h - what an archive can be asked (XEP-0313 section 4.1).
 *
 * Every archive knows with, start, end, before-id, after-id and ids; what it
 * knows besides is the caller's to say.
 */
#ifndef SHARED_MAM_OFFER_H
#define SHARED_MAM_OFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/ns.h"

struct arena;
struct xml;

#define MAM_OFFER_GROUPCHAT	"include-groupchat"
#define MAM_OFFER_FULLTEXT	"{" NS_FULLTEXT "}fulltext"

struct mam_offer {
	size_t max;		/* messages in a page: at most, and where a
				   query does not say how many */
	bool groupchat;		/* MAM_OFFER_GROUPCHAT is a field */
	bool fulltext;		/* MAM_OFFER_FULLTEXT is, XEP-0431 */
	bool index;		/* a page is found by its index, XEP-0059
				   section 2.6 */
};

/* Whether a form may have that field. */
bool mam_offer_has(const struct mam_offer *offer, const char *var);

/* The <query/> that answers one of type get: a form with every field. */
struct xml *mam_offer_form(struct arena *arena,
			   const struct mam_offer *offer);

#endif
