/*
 * exhibit.h - a stanza as policies and their rules look at it.
 */
#ifndef ARCHIVE_EXHIBIT_H
#define ARCHIVE_EXHIBIT_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct error;
struct hook;
struct offer;
struct stanza;

/* What a stanza is; several together. */
enum exhibit_kind {
	EXHIBIT_MESSAGE = 1,
	EXHIBIT_SUBSCRIPTION = 2,	/* a request for one */
	EXHIBIT_IQ = 4,
	EXHIBIT_FILE = 8,		/* it offers one */
};

/* Whom a multicast service is to send a message to (XEP-0033). */
struct exhibit_addressee {
	const char *bare;
	bool outside;
	const struct exhibit_addressee *next;
};

/* Of one message, at most. */
#define EXHIBIT_ADDRESSEES_MAX 1000

struct exhibit {
	struct arena *arena;
	const struct stanza *stanza;
	int64_t stamp;			/* when it was sent */
	/* Bare addresses; "" where there is none. */
	const char *sender, *recipient;
	/* Neither of the router's hosts nor of their subdomains, where their
	   services are. */
	bool sender_outside, recipient_outside;
	const struct exhibit_addressee *addressees;	/* besides, or NULL */
	bool crowded;			/* there are more than can be looked
					   at */
	bool again;			/* it was judged before */
	bool arrives;			/* it is judged as it comes for a user,
					   and not as one sends it */
	bool unclear;			/* it is not known whole, and may offer
					   anything */
	uint64_t until_ns;		/* as pattern_clock_ns() counts: when it
					   is to be judged */
	const struct offer *offers;	/* once they were asked for */
	const char *const *parts, *const *texts, *const *folded;
					/* likewise */
	bool searched;
};

/* The stanza and the arena outlive it. */
struct exhibit exhibit_of(struct arena *arena, const struct hook *hook,
			  const struct stanza *stanza, int64_t stamp);

/* Calls fn for each whom it is for, the recipient first, while that returns
   false.  Returns whether it returned true for any. */
typedef bool exhibit_fn(const void *ctx, const struct exhibit *exhibit,
			const struct exhibit_addressee *one);
bool exhibit_any(const struct exhibit *exhibit, exhibit_fn *fn,
		 const void *ctx);

/* Whether it is one of those kinds. */
bool exhibit_is(const struct exhibit *exhibit, unsigned kinds);

/* What it offers (offer.h).  Returns 0, or -1 with
   ERROR_POLICY_VIOLATION. */
int exhibit_offers(struct exhibit *exhibit, const struct offer **offers_r,
		   struct error *err);

/* What is written in it, ended by NULL: of each child all that is text, however
   it is marked up; the same with blanks around elements that may part words;
   and what attributes say, as the reason of an invitation and where links lead
   to; of an encrypted message all but what is encrypted.  And each of these as
   plain_text() has it, where that differs.  Returns 0, or -1 with
   ERROR_RESOURCE_CONSTRAINT: it would not be known in time. */
int exhibit_texts(struct exhibit *exhibit, const char *const **texts_r,
		  struct error *err);
/* The same as plain_fold() has it. */
int exhibit_folded(struct exhibit *exhibit, const char *const **texts_r,
		   struct error *err);

bool exhibit_is_encrypted(const struct exhibit *exhibit);
/* Whether something can be added to it: a message with a body that is not
   encrypted. */
bool exhibit_takes_more(const struct exhibit *exhibit);

/* The kinds that a list names, ended by NULL; an empty one names all.  Returns
   0, or -1 with ERROR_BAD_REQUEST. */
int exhibit_read_kinds(const char *const *names, unsigned *kinds_r,
		       struct error *err);

#endif
