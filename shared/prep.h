/*
 * prep.h - the parts of an address, brought into their one form.
 *
 * Local and resource part follow the stringprep profiles of RFC 6122, which
 * the routers in use apply; domains are checked by IDNA2008 (RFC 5891).
 * Code points that Unicode 3.2 had not assigned pass unchanged, as routers let
 * them pass: nearly every emoji in a nickname is one.
 */
#ifndef SHARED_PREP_H
#define SHARED_PREP_H

#include <stddef.h>

struct error;

/* RFC 7622 section 3.1: bytes in a part, and in a whole address. */
#define PREP_MAX 1023
#define PREP_WHOLE_MAX (3 * PREP_MAX + 2)

struct prep {
	size_t len;			/* from 1 to PREP_MAX */
	char text[PREP_MAX + 1];	/* ends in NUL */
};

/* Each prepares the len bytes at text, at most PREP_WHOLE_MAX.  Returns 0, or
   -1 with ERROR_JID_MALFORMED: the fault is always in the text. */

int prep_local(const char *text, size_t len, struct prep *prep_r,
	       struct error *err);
int prep_resource(const char *text, size_t len, struct prep *prep_r,
		  struct error *err);

/* Lower case, labels as they are, without a dot at the end.  IP addresses and
   underscores pass, for they are in use. */
int prep_domain(const char *text, size_t len, struct prep *prep_r,
		struct error *err);

#endif
