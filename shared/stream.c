#include "shared/stream.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/handshake.h"
#include "shared/log.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"

/* The header and the handshake are a few hundred bytes. */
#define OPENING_BYTES 65536

enum stream_state {
	STREAM_HEADER,		/* waiting for the router's stream header */
	STREAM_HANDSHAKE,	/* and for its handshake */
	STREAM_UP,
	STREAM_FINISHING,	/* we have ended our direction */
	STREAM_LOST,
	STREAM_FREED,		/* by a callback of the parser's */
};

struct stream {
	enum stream_state state;
	struct wire *wire;
	struct parser *parser;
	struct stream_settings settings;
	bool parsing;		/* callbacks of the parser's are running */

	struct str opening;	/* all that came, until the handshake */
	size_t shown;		/* of it, to libstrophe */

	struct error why;	/* lost in a callback of the parser's */
	struct stream_events events;
	void *ctx;
};

static bool
is_opening(const struct stream *stream)
{
	return stream->state == STREAM_HEADER ||
	       stream->state == STREAM_HANDSHAKE;
}

/* Nothing comes after the end. */
static void
set_state(struct stream *stream, enum stream_state state)
{
	ensure(stream->state != STREAM_FREED);
	stream->state = state;
}

/* What goes on is over, but the parser's callbacks cannot free it: until they
   have returned, why waits. */
static void
lose(struct stream *stream, const struct error *why)
{
	if (stream->state == STREAM_LOST || stream->state == STREAM_FREED)
		return;
	set_state(stream, STREAM_LOST);
	stream->why = *why;
	if (!stream->parsing)
		stream->events.lost(stream->ctx, &stream->why);
}

/* RFC 6120 section 4.9.3. */
static const char *
stream_condition(const struct error *err)
{
	switch (err->cond) {
	case ERROR_POLICY_VIOLATION:
		return "policy-violation";
	case ERROR_NOT_ACCEPTABLE:
		return "restricted-xml";
	case ERROR_BAD_REQUEST:
		return "not-well-formed";
	default:
		return "undefined-condition";
	}
}

/* The router's fault: tells it so and ends the stream. */
static void
complain(struct stream *stream, const struct error *err)
{
	struct error why = { 0 };

	if (stream->state == STREAM_UP) {
		str_addf(wire_out(stream->wire),
			 "<stream:error><%s xmlns='" NS_STREAMS "'/>"
			 "</stream:error></stream:stream>",
			 stream_condition(err));
		wire_wrote(stream->wire);
	}
	error_set(&why, err->cond, "the router sent %s", err->text);
	lose(stream, &why);
}

/* Shows libstrophe what came up to the end of the element being parsed. */
static int
show(struct stream *stream)
{
	const char *bytes = stream->opening.data + stream->shown;
	size_t end = (size_t)parser_position(stream->parser);
	struct error err = { 0 };

	if (handshake_feed(stream->settings.handshake, bytes,
			   end - stream->shown, wire_out(stream->wire),
			   &err) < 0) {
		lose(stream, &err);
		return -1;
	}
	stream->shown = end;
	wire_wrote(stream->wire);
	return 0;
}

static void
on_header(void *ctx, const struct xml *el)
{
	struct stream *stream = ctx;
	const char *id = xml_attr(el, "id");
	struct error why = { 0 };

	if (!xml_is(el, NS_STREAM, "stream")) {
		error_set(&why, ERROR_BAD_REQUEST,
			  "what answers is not a router's component port");
		lose(stream, &why);
		return;
	}
	/* COMPAT: Prosody gives no id when an error follows; libstrophe would
	   end the stream, yet take a handshake. */
	if (id == NULL || *id == '\0' || show(stream) == 0)
		set_state(stream, STREAM_HANDSHAKE);
}

static enum error_cond
lost_condition(const char *name)
{
	if (strcmp(name, "not-authorized") == 0)
		return ERROR_NOT_AUTHORIZED;
	if (strcmp(name, "conflict") == 0)
		return ERROR_CONFLICT;
	return ERROR_UNDEFINED_CONDITION;
}

/* <stream:error/>, RFC 6120 section 4.9. */
static void
on_stream_error(struct stream *stream, struct arena *arena,
		const struct xml *el)
{
	const struct xml *child = xml_child(el, NS_STREAMS, NULL);
	const char *text = xml_child_text(arena, el, NS_STREAMS, "text");
	const char *name = "undefined-condition";
	struct error why = { 0 };

	for (; child != NULL; child = xml_next(child, NS_STREAMS, NULL)) {
		if (strcmp(child->name, "text") != 0)
			name = child->name;
	}
	error_set(&why, lost_condition(name),
		  "the router ended the stream: %s%s%s%s", name,
		  text == NULL ? "" : " (", text == NULL ? "" : text,
		  text == NULL ? "" : ")");
	lose(stream, &why);
}

static void
on_handshake(struct stream *stream)
{
	bool has_id = stream->shown > 0;
	struct error why = { 0 };

	if (show(stream) < 0)
		return;
	if (!has_id || !handshake_is_done(stream->settings.handshake)) {
		error_set(&why, ERROR_BAD_REQUEST,
			  "the router's handshake was not understood");
		lose(stream, &why);
		return;
	}
	handshake_end(stream->settings.handshake);
	str_fini(&stream->opening);
	set_state(stream, STREAM_UP);
	stream->events.up(stream->ctx);
}

static bool
is_stanza(const struct xml *el)
{
	return (str_same(el->name, "message") ||
		str_same(el->name, "presence") ||
		str_same(el->name, "iq")) &&
	       (str_same(el->ns, NS_COMPONENT) ||
		str_same(el->ns, NS_CLIENT));
}

static void
on_element(void *ctx, struct arena *arena, struct xml *el)
{
	struct stream *stream = ctx;
	struct error why = { 0 };

	if (stream->state == STREAM_UP && is_stanza(el)) {
		stream->events.stanza(stream->ctx, arena, el);
		return;
	}
	if (xml_is(el, NS_STREAM, "error")) {
		on_stream_error(stream, arena, el);
	} else if (stream->state == STREAM_HANDSHAKE) {
		if (xml_is(el, NS_COMPONENT, "handshake")) {
			on_handshake(stream);
		} else if (!xml_is(el, NS_STREAM, "features")) {
			error_set(&why, ERROR_BAD_REQUEST,
				  "the router sent <%.40s/> for its handshake",
				  el->name);
			lose(stream, &why);
		}
	} else if (stream->state == STREAM_UP) {
		log_debug("router: <%.40s/> is not a stanza", el->name);
	}
	arena_free(&arena);
}

static void
on_refused(void *ctx, struct arena *arena, struct xml *el,
	   const struct error *err)
{
	struct stream *stream = ctx;

	if (stream->state == STREAM_UP && is_stanza(el)) {
		stream->events.refused(stream->ctx, arena, el, err);
		return;
	}
	complain(stream, err);
	arena_free(&arena);
}

static void
on_end(void *ctx)
{
	struct error why = { 0 };

	error_set(&why, ERROR_UNDEFINED_CONDITION,
		  "the router ended the stream");
	lose(ctx, &why);
}

static void
dispose(struct stream *stream)
{
	parser_free(&stream->parser);
	str_fini(&stream->opening);
	free(stream);
}

/* The parser's callbacks have returned. */
static void
settle(struct stream *stream)
{
	stream->parsing = false;
	if (stream->state == STREAM_FREED)
		dispose(stream);
	else if (stream->state == STREAM_LOST)
		stream->events.lost(stream->ctx, &stream->why);
}

static int
keep_opening(struct stream *stream, const char *bytes, size_t len)
{
	struct error why = { 0 };

	if (!is_opening(stream))
		return 0;
	if (stream->opening.len + len <= OPENING_BYTES) {
		str_add(&stream->opening, bytes, len);
		return 0;
	}
	error_set(&why, ERROR_POLICY_VIOLATION,
		  "the router sends much, but no handshake");
	lose(stream, &why);
	return -1;
}

static void
on_bytes(void *ctx, const char *bytes, size_t len)
{
	struct stream *stream = ctx;
	struct error err = { 0 };

	/* Nothing is said after lost(), even if the owner keeps it. */
	if (stream->state == STREAM_LOST)
		return;
	stream->parsing = true;
	if (keep_opening(stream, bytes, len) == 0 &&
	    parser_feed(stream->parser, bytes, len, &err) < 0)
		complain(stream, &err);
	settle(stream);
}

static void
on_wire_lost(void *ctx, const char *text)
{
	struct error why = { 0 };

	error_set(&why, ERROR_UNDEFINED_CONDITION, "%s", text);
	lose(ctx, &why);
}

static void
on_congested(void *ctx, bool congested)
{
	struct stream *stream = ctx;

	if (stream->state == STREAM_UP)
		stream->events.congested(stream->ctx, congested);
}

struct stream *
stream_new(uv_loop_t *loop, int fd, const struct stream_settings *settings,
	   const struct stream_events *events, void *ctx)
{
	static const struct wire_events on_wire = {
		.bytes = on_bytes,
		.lost = on_wire_lost,
		.congested = on_congested,
	};
	static const struct parser_events on_xml = {
		.header = on_header,
		.element = on_element,
		.end = on_end,
		.refused = on_refused,
	};
	struct parser_limits limits = parser_limits_default;
	struct stream *stream = calloc(1, sizeof(*stream));

	ensure(stream != NULL);
	limits.bytes = settings->stanza_bytes;
	stream->settings = *settings;
	stream->events = *events;
	stream->ctx = ctx;
	stream->parser = parser_new(&limits, &on_xml, stream);
	stream->wire = wire_new(loop, fd, &settings->wire, &on_wire, stream);
	return stream;
}

int
stream_open(struct stream *stream, struct error *err)
{
	if (handshake_begin(stream->settings.handshake,
			    stream->settings.domain, stream->settings.secret,
			    wire_out(stream->wire), err) < 0)
		return -1;
	wire_wrote(stream->wire);
	return 0;
}

void
stream_free(struct stream **stream_)
{
	struct stream *stream = *stream_;

	if (stream == NULL)
		return;
	*stream_ = NULL;
	handshake_end(stream->settings.handshake);
	wire_free(&stream->wire);
	set_state(stream, STREAM_FREED);
	if (!stream->parsing)
		dispose(stream);
}

bool
stream_is_up(const struct stream *stream)
{
	return stream->state == STREAM_UP;
}

struct str *
stream_out(struct stream *stream)
{
	return wire_out(stream->wire);
}

void
stream_wrote(struct stream *stream)
{
	wire_wrote(stream->wire);
}

void
stream_finish(struct stream *stream)
{
	if (stream->state != STREAM_UP)
		return;
	set_state(stream, STREAM_FINISHING);
	str_addz(wire_out(stream->wire), "</stream:stream>");
	wire_finish(stream->wire);
}

void
stream_pause(struct stream *stream, bool paused)
{
	wire_pause(stream->wire, paused);
}

bool
stream_is_congested(const struct stream *stream)
{
	return wire_is_congested(stream->wire);
}

uint64_t
stream_heard_ms(const struct stream *stream)
{
	return wire_heard_ms(stream->wire);
}
