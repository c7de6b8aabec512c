/*
 * router.h - the link to the XMPP router (XEP-0114).
 *
 * Connects, and connects again with growing, jittered pauses whenever the
 * link is lost; the router's name is looked up each time.  libstrophe opens
 * the stream; stanzas are read by parser.h and written by the functions
 * below, gathered until the loop's turn ends.
 */
#ifndef SHARED_ROUTER_H
#define SHARED_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct arena;
struct error;
struct jid;
struct metrics;
struct router;
struct xml;

struct router_settings {
	const char *host;
	unsigned port;
	const char *domain;	/* whom the router knows us as */
	const char *secret;
	bool insecure;		/* allow clear text beyond loopback */
	size_t stanza_bytes;	/* the largest stanza that is sent */
	size_t taken_bytes;	/* and that is taken */
	size_t queue_bytes;	/* of unsent output that stops reading */
};

struct router_events {
	/* Whatever came, in NS_COMPONENT; answers to router_query() do not.
	   The arena belongs to the callee. */
	void (*stanza)(void *ctx, struct arena *arena, struct xml *el);
	/* May be NULL.  Whether one that passed a limit, as parser.h hands it
	   over, is to come by stanza() all the same, in its turn.  Of the
	   others the sender is told. */
	bool (*refused)(void *ctx, struct arena *arena, struct xml *el,
			const struct error *err);
	void (*up)(void *ctx);
	/* The link was lost, or could not be made: why is for people. */
	void (*down)(void *ctx, const char *why);
	/* Output is piling up; or no longer is. */
	void (*congested)(void *ctx, bool congested);
};

struct router *router_new(uv_loop_t *loop,
			  const struct router_settings *settings,
			  const struct router_events *events, void *ctx,
			  struct metrics *metrics);

/* Begins to connect. */
void router_start(struct router *router);

/* Ends the stream when all output is written, at the latest after secs, then
   frees and calls fn. */
void router_close(struct router **router, unsigned secs,
		  void (*fn)(void *ctx), void *ctx);

bool router_is_up(const struct router *router);

/* Gives the link up, if it is up, and makes it anew, as when it is lost: so all
   that the router's shim was not told to have come comes again.  why is for
   people.  down() is called before this returns. */
void router_renew(struct router *router, const char *why);

/* Sends one stanza, with from and to, in NS_CLIENT or NS_COMPONENT.  What is
   sent while the link is down is dropped and counted.  So is what is above
   the router's limit, which is logged as well: -1 with
   ERROR_POLICY_VIOLATION. */
int router_send(struct router *router, const struct xml *el,
		struct error *err);

/* A stanza as text, but for its to attribute: written as head, then
   " to='...'", then tail, in which its first tag ends.  Made once for many
   recipients. */
struct router_template {
	const char *head;
	size_t head_len;
	const char *tail;
	size_t tail_len;

	bool measured;		/* output.c's, as are these */
	size_t first_tag;	/* bytes of the first tag, without to */
	size_t long_tag;	/* of the longest of the others, if that is
				   long */
};

/* to must be escaped for an attribute.  The same limit holds. */
void router_send_to(struct router *router, struct router_template *template,
		    const char *to, size_t to_len);
/* The same, before all that waits (see router_send_iq()). */
void router_send_ahead(struct router *router,
		       struct router_template *template, const char *to,
		       size_t to_len);
/* Whether it will be sent, to whomever. */
bool router_fits(const struct router *router,
		 const struct router_template *template);

/* Sends an IQ of type get or set, with from and to but without id, and calls
   fn once: with the result or error stanza, or with NULL after secs, or when
   the link is lost or the IQ too large.  The answer is in NS_CLIENT; its arena
   is the router's. */
typedef void router_fn(void *ctx, const struct xml *answer);
void router_query(struct router *router, struct arena *arena, struct xml *iq,
		  unsigned secs, router_fn *fn, void *ctx);

/* Sends "<iq id='...'", followed by the len bytes of text, which are less than
   the limit.  Such IQs cost credit (outbox.h): while there is none, all that
   is sent waits behind them.  While much waits, stanzas that come wait too,
   but for answers to these. */
struct router_iq {
	const char *text;
	size_t len;
	const char *to;		/* as in text */
	unsigned secs;
	router_fn *fn;		/* as for router_query() */
	void *ctx;
};
void router_send_iq(struct router *router, const struct router_iq *iq);
/* How many of them may be without an answer; 0: nothing overtakes one. */
void router_set_credit(struct router *router, unsigned credit);

/* Has fn called once, before anything else is sent. */
void router_before(struct router *router, void (*fn)(void *ctx), void *ctx);

#endif
