/*
 * dial.h - from a name to a connected TCP socket.
 *
 * The name is looked up off the loop's thread, then its addresses are tried
 * one after the other, each for a limited time.
 */
#ifndef SHARED_DIAL_H
#define SHARED_DIAL_H

#include <stdbool.h>
#include <sys/socket.h>
#include <uv.h>

struct dial;

struct dial_target {
	const char *host;	/* a name or a numeric address */
	unsigned port;
	bool loopback_only;	/* clear text goes nowhere else */
	unsigned timeout_ms;	/* for each address */
};

/* Called once.  fd is connected, non-blocking and from now on the callee's,
   and text its address; or fd is -1 and text says why, for people. */
typedef void dial_fn(void *ctx, int fd, const char *text);

/* target is needed during the call only.  fn is never called from within. */
struct dial *dial_new(uv_loop_t *loop, const struct dial_target *target,
		      dial_fn *fn, void *ctx);

/* Afterwards fn is not called any more.  May be called by fn. */
void dial_free(struct dial **dial);

bool dial_is_loopback(const struct sockaddr *addr);

#endif
