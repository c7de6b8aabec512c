/*
 * parser.h - XML from outside, by expat, within limits.
 *
 * No DTD, comment, processing instruction or entity declaration is accepted
 * (RFC 6120 section 11.1), and no element beyond the limits.  A parser reads
 * either one document or an endless XMPP stream, whose elements of depth one
 * it hands over as they end.
 */
#ifndef SHARED_PARSER_H
#define SHARED_PARSER_H

#include <stddef.h>

struct arena;
struct error;
struct xml;

struct parser_limits {
	size_t bytes;		/* of one document or stanza */
	unsigned depth;		/* of elements in it, itself included */
	unsigned nodes;		/* elements, attributes and texts in it */
};

/* For what another program sends and for what we stored ourselves. */
extern const struct parser_limits parser_limits_default;

/* Parses one whole document into the arena.  Returns 0, or -1 with
   ERROR_BAD_REQUEST, or ERROR_POLICY_VIOLATION when a limit was passed. */
int parser_document(struct arena *arena, const char *text, size_t len,
		    const struct parser_limits *limits, struct xml **el_r,
		    struct error *err);

struct parser;

struct parser_events {
	/* The stream's start tag; el has no children and is the callee's
	   only during the call. */
	void (*header)(void *ctx, const struct xml *el);
	/* One element of depth one.  The arena holds it and nothing else,
	   and belongs to the callee from now on. */
	void (*element)(void *ctx, struct arena *arena, struct xml *el);
	/* The stream's end tag. */
	void (*end)(void *ctx);
	/* Optional.  In place of element(): one that passed a limit or misuses
	   namespaces, as err says; el has all of it that does not, before and
	   behind what is at fault, as far as the limits go: it tells what was
	   sent.  So what people send costs them their stanza, where without
	   this it would end the stream for all.  What is many times beyond a
	   limit ends it even so. */
	void (*refused)(void *ctx, struct arena *arena, struct xml *el,
			const struct error *err);
};

struct parser *parser_new(const struct parser_limits *limits,
			  const struct parser_events *events, void *ctx);
void parser_free(struct parser **parser);

/* Reads the next len bytes of the stream.  Callbacks may pause, but not free
   the parser.  Returns 0, or -1 with err set; the stream is then dead.
   ERROR_POLICY_VIOLATION: a limit; ERROR_NOT_ACCEPTABLE: restricted XML;
   ERROR_BAD_REQUEST: not well-formed. */
int parser_feed(struct parser *parser, const char *bytes, size_t len,
		struct error *err);

/* Bytes of the stream read up to the end of the element (or header) whose
   callback is running, counted from the first. */
unsigned long long parser_position(const struct parser *parser);

#endif
