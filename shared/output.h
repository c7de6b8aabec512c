/*
 * output.h - what is sent to the router, stanza by stanza, as text.
 *
 * It goes into the stream, or behind what waits in the outbox.  One stanza
 * above the router's limit would cost the link, and all that is on its way:
 * it is dropped, counted and logged.  So is, but for the log, what is sent
 * while there is no link.
 */
#ifndef SHARED_OUTPUT_H
#define SHARED_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct error;
struct metric;
struct metrics;
struct outbox;
struct query_wait;
struct router_template;
struct stream;
struct uplink;
struct xml;

/* Embedded in its owner, whose are the uplink and the outbox. */
struct output {
	struct uplink *uplink;		/* NULL: it has come to its end */
	struct outbox *outbox;
	uv_loop_t *loop;
	size_t stanza_bytes;		/* the largest stanza */
	/* More waits in the outbox. */
	void (*waits)(void *ctx);
	void *ctx;			/* of waits */

	void (*before)(void *ctx);	/* output.c's, as is what follows */
	void *before_ctx;
	uint64_t tell_ms;
	struct metric *stanzas, *dropped;
};

/* The members above before are set. */
void output_init(struct output *output, struct metrics *metrics);

/* Sends what waits, and what is to go before it, then nothing any more. */
void output_end(struct output *output);

/* The stream that takes stanzas; NULL: there is none. */
struct stream *output_stream(const struct output *output);

/* As the functions of router.h of those names. */
int output_send(struct output *output, const struct xml *el,
		struct error *err);
void output_send_to(struct output *output, struct router_template *template,
		    const char *to, size_t to_len);
void output_send_ahead(struct output *output,
		       struct router_template *template, const char *to,
		       size_t to_len);
bool output_fits(const struct output *output,
		 const struct router_template *template);
void output_before(struct output *output, void (*fn)(void *ctx), void *ctx);

/* "<iq id='...'" and the len bytes of text, by way of the outbox.  False:
   there is no link, and nothing was done. */
bool output_send_iq(struct output *output, const char *text, size_t len,
		    const struct query_wait *wait);

#endif
