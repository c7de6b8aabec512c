/*
 * gist.h - what one address got of all that was sent, in few words.
 *
 * A stanza comes by itself, or in a request of the hook fanout.
 */
#ifndef T_LIB_GIST_H
#define T_LIB_GIST_H

struct mucbed;

/* For each stanza to jid in sent (mucbed_sent()), in order, a space and: of a
   presence in "r@muc.example" the nick, then ! when it has an address and *
   when it is one's own; of a message "subject" or "message".  It lives as long
   as the bed. */
const char *gist_of(struct mucbed *bed, const char *sent, const char *jid);
/* In how many requests that address is listed. */
unsigned gist_requests(const char *sent, const char *jid);

#endif
