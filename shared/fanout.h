/*
 * fanout.h - one stanza for many, or many for one, in as few as the router
 * takes.
 *
 * A shim that has the hook of that name (components/router/PROTOCOL section
 * 10) is sent one request, of a size that the router takes.  Without one, the
 * router's multicast service does it for those whom it serves (mailing.h), if
 * there is one; each of the others gets a stanza of its own.  The order is
 * that of the calls, among themselves and with all else that is sent.
 */
#ifndef SHARED_FANOUT_H
#define SHARED_FANOUT_H

#include <stdbool.h>
#include <stddef.h>

struct fanout;
struct router_template;
struct runtime;
struct str;

/* runtime outlives it; its router is closed before it is freed. */
struct fanout *fanout_new(struct runtime *runtime);
void fanout_free(struct fanout **fanout);

/* How what is for many goes now, and why not by a shim, for people. */
void fanout_describe(const struct fanout *fanout, struct str *out);

/* One for many: the stanza, which fits (router_fits()), then each address,
   escaped for an attribute, then the end. */
void fanout_begin(struct fanout *fanout, struct router_template *stanza);
void fanout_add(struct fanout *fanout, const char *to, size_t to_len);
void fanout_end(struct fanout *fanout);

/* Many for one: what is sent to that address from now on goes together, until
   the end, or until something else is sent. */
void fanout_gather(struct fanout *fanout, const char *to, size_t to_len);
/* One more, who gets the same: many for many. */
void fanout_gather_too(struct fanout *fanout, const char *to, size_t to_len);
/* To all who were gathered. */
void fanout_send(struct fanout *fanout, struct router_template *stanza);
/* One for one: as router_send_to(). */
void fanout_send_to(struct fanout *fanout, struct router_template *stanza,
		    const char *to, size_t to_len);

/* Has fn called once, when the shim has answered all that it was asked so far;
   or returns false, when there is nothing to wait for. */
bool fanout_when_done(struct fanout *fanout, void (*fn)(void *ctx), void *ctx);

#endif
