/*
 * keep.h - what becomes of a message that nobody is there to take: XEP-0160
 * section 3, RFC 6121 section 8.5, and what its sender asked for (XEP-0334).
 */
#ifndef OFFLINE_KEEP_H
#define OFFLINE_KEEP_H

struct stanza;

enum keep {
	KEEP_STORE,	/* it is kept for the user */
	KEEP_DISCARD,	/* nobody will miss it */
	KEEP_BOUNCE,	/* it may not be kept, and the sender must hear so */
};

enum keep keep_rule(const struct stanza *message);

#endif
