/*
 * release.h - what the router let go on later than it was sent, as somebody had
 * it held (components/router/PROTOCOL, section 5).
 *
 * It has a <delay/> by the host of its sender.  No user can write one by that:
 * the host's module takes it away.  By then its sender may have left, or be
 * there with another client.
 */
#ifndef MUC_RELEASE_H
#define MUC_RELEASE_H

#include <stdint.h>

struct muc;
struct request;
struct xml;

/* That delay, in the request's stanza; NULL of all else, and where the sender's
   host has no module that is attached. */
const struct xml *release_delay(const struct muc *muc,
				const struct request *req);
/* When it was sent, microseconds since 1970, as its delay says; never after
   now, which it is as well where that says nothing, or delay is NULL. */
int64_t release_stamp(const struct xml *delay, int64_t now);

#endif
