/*
 * offer.h - the files and links that a stanza offers.
 *
 * Files are those of XEP-0447, XEP-0385, Jingle (XEP-0234, XEP-0353), XEP-0096
 * and XEP-0231; links are URLs that stand in a text, or where such protocols,
 * XEP-0066, XEP-0103 and XEP-0071 have them.
 */
#ifndef ARCHIVE_OFFER_H
#define ARCHIVE_OFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct xml;

/* Of one stanza. */
#define OFFER_MAX 1000

struct offer {
	bool attached;		/* it is there to be fetched, and does not just
				   stand in a text */
	/* NULL, as all: it is not said. */
	const char *name;	/* of the file, plain (plain.h), without what
				   some systems leave out */
	const char *media_type;	/* without parameters */
	const char *url;
	const char *plain_url;	/* hostname.h */
	const char *url_name;	/* of the file, by the end of its path, as
				   above */
	const char *host;	/* of the URL, plain */
	const char *ascii_host;	/* the same with A-labels */
	struct offer *next;
};

/* In no particular order; NULL: there are none.  They live as long as the
   arena and the stanza.  Returns 0, or -1 with ERROR_POLICY_VIOLATION: there
   are too many, or a host is too long; or with ERROR_RESOURCE_CONSTRAINT: they
   would not be known by that time of pattern_clock_ns(). */
int offer_find_all(struct arena *arena, const struct xml *stanza,
		   uint64_t until_ns, const struct offer **offers_r,
		   struct error *err);

/* Whether it is there to be fetched, as any is of a stanza; no limit holds
   here. */
bool offer_is_attached(const struct xml *stanza);

#endif
