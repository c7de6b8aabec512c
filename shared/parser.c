#include "shared/parser.h"

#include <expat.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"
#include "shared/tree.h"

/* Debian 12 has this in its 2.5.0, other systems from 2.6.0 on: only the
   linker knows. */
XMLPARSEAPI(XML_Bool)
XML_SetReparseDeferralEnabled(XML_Parser expat, XML_Bool enabled)
	__attribute__((weak));

/* Bytes given to expat at once; limits are checked in between. */
#define PIECE_BYTES ((size_t)65536)

/* Expat keeps each name it ever saw, and the memory of its deepest nesting.
   After this many bytes it is replaced. */
#define RENEW_BYTES (1 << 20)

/* So it is near the end of a large piece, at the first stanza to end in its
   last sixteenth.  A parser that is stopped for good does not count the lines
   and columns of the piece, a tenth of all the work; were it to do so one day,
   this would be lost and nothing else. */
#define LARGE_PIECE 4096
#define LAST_PART 16

/* How deep and how many times the limit in bytes the rest of a refused
   element may be: expat keeps its open tags and its names.  Routers declare
   again in each element what a client declared once, so that the few hundred
   kilobytes they take from one may come as hundreds of megabytes; its names
   and depth do not grow. */
#define SKIP_DEPTH_MAX 100000
#define SKIP_FACTOR 1024

/* Routers let half a megabyte pass (ejabberd, Prosody between servers), and
   it may grow sixfold as they escape it again. */
const struct parser_limits parser_limits_default = {
	.bytes = 4 << 20,
	.depth = 128,
	.nodes = 65536,
};

enum parser_state {
	PARSER_READING,		/* elements, or what is between them */
	PARSER_SKIPPING,	/* the rest of an element that is at fault */
	PARSER_RENEWING,	/* a new expat reads the root's start tag */
	PARSER_DEAD,		/* nothing is read any more */
};

/* What is read is a tree: the document, or an element of depth one. */
struct parser {
	XML_Parser expat;
	struct parser_limits limits;
	struct parser_events events;
	void *ctx;
	enum parser_state state;
	struct error err;	/* why it died, or the tree is not whole */
	bool cut;		/* something of the tree is left out */
	unsigned skipped;	/* the depth of the element that is skipped */

	unsigned level;		/* open elements around a tree: 0 or 1 */
	unsigned depth;		/* open elements */
	struct arena *own;	/* what lasts as long as the stream */
	struct str opening;	/* the root's start tag, bare */
	struct arena *arena;	/* of the tree in a stream, or NULL */
	struct tree tree;

	/* Bytes of the stream. */
	unsigned long long base;	/* before the first of this expat */
	unsigned long long fed;
	size_t piece;			/* the last that was fed */
	unsigned long long start;	/* before what is being read */
	unsigned long long begun;	/* the same, before it was skipped */
	unsigned long long position;
};

/* The older functions are deprecated where there are newer ones. */
#if HAVE_DECL_XML_GETCURRENTBYTEINDEX64
#define byte_index XML_GetCurrentByteIndex64
#define byte_count XML_GetCurrentByteCount64
#else
#define byte_index XML_GetCurrentByteIndex
#define byte_count XML_GetCurrentByteCount
#endif

/* How far expat is, the markup or text of the running callback included. */
static unsigned long long
event_end(const struct parser *p)
{
	return p->base + (unsigned long long)byte_index(p->expat) +
	       (unsigned long long)byte_count(p->expat);
}

/* Nothing brings a dead one back. */
static void
set_state(struct parser *p, enum parser_state state)
{
	ensure(p->state != PARSER_DEAD || state == PARSER_DEAD);
	p->state = state;
}

static void
die(struct parser *p)
{
	set_state(p, PARSER_DEAD);
	XML_StopParser(p->expat, XML_FALSE);
}

/* Goes on without what p->err is about, or not at all.  Faults of namespaces
   as well, of which expat knows nothing: routers read <xml:a/> or a prefix
   declared in the client's stream header, and write what is wrong. */
static void
leave_out(struct parser *p)
{
	if (p->state == PARSER_READING && p->depth > p->level &&
	    p->events.refused != NULL)
		p->cut = true;
	else
		die(p);
}

/* The same of what is still to come of the element at that depth.  It counts
   for the limit in bytes once more is read of the tree. */
static void
skip(struct parser *p, unsigned depth)
{
	leave_out(p);
	if (p->state == PARSER_DEAD)
		return;
	set_state(p, PARSER_SKIPPING);
	p->skipped = depth;
	p->begun = p->start;
	p->start = p->fed;
}

/* That element ends; with the tree there is nothing more to read. */
static void
end_skipping(struct parser *p)
{
	p->start = event_end(p);
	if (p->depth != p->skipped || p->depth == p->level + 1)
		return;
	set_state(p, PARSER_READING);
	p->start = p->begun;
}

static int
open_element(struct parser *p, const char *written, const char **attrs)
{
	if (p->depth == p->level + 1) {
		if (p->level > 0)
			p->arena = arena_new();
		tree_begin(&p->tree, p->level > 0 ? p->arena : p->own);
	}
	if (p->depth - p->level > p->limits.depth)
		return error_set(&p->err, ERROR_POLICY_VIOLATION,
				 "elements nested more than %u deep",
				 p->limits.depth);
	return tree_open(&p->tree, p->depth, written, attrs, &p->err);
}

static int
open_stream(struct parser *p, const char *written, const char **attrs)
{
	tree_begin(&p->tree, p->own);
	if (tree_open(&p->tree, p->depth, written, attrs, &p->err) != 0)
		return -1;
	str_addf(&p->opening, "<%s>", written);
	p->start = p->position = event_end(p);
	p->events.header(p->ctx, p->tree.root);
	return 0;
}

static void XMLCALL
on_start(void *data, const XML_Char *written, const XML_Char **attrs)
{
	struct parser *p = data;
	int ret;

	if (p->state == PARSER_DEAD || p->state == PARSER_RENEWING)
		return;
	p->depth++;
	if (p->state == PARSER_SKIPPING) {
		p->start = event_end(p);
		if (p->depth > SKIP_DEPTH_MAX)
			die(p);
		return;
	}
	ret = p->depth <= p->level ? open_stream(p, written, attrs) :
				     open_element(p, written, attrs);
	if (ret < 0)
		skip(p, p->depth);
	else if (ret > 0)
		leave_out(p);
}

/* The innermost element ends. */
static int
close_element(struct parser *p)
{
	int ret;

	if (p->depth <= p->level)
		return 0;
	ret = tree_close(&p->tree, &p->err);
	if (p->depth == p->level + 1 &&
	    event_end(p) - p->start > p->limits.bytes)
		return error_set(&p->err, ERROR_POLICY_VIOLATION,
				 "more than %zu bytes", p->limits.bytes);
	return ret;
}

static bool
is_renewal_due(const struct parser *p)
{
	return p->position - p->base > RENEW_BYTES ||
	       (p->piece >= LARGE_PIECE &&
		p->fed - p->position < p->piece / LAST_PART);
}

static void
hand_over(struct parser *p)
{
	struct arena *arena = p->arena;
	bool refused = p->cut;

	p->arena = NULL;
	p->cut = false;
	set_state(p, PARSER_READING);
	p->start = p->position = event_end(p);
	if (!refused)
		p->events.element(p->ctx, arena, p->tree.root);
	else if (p->tree.root != NULL)
		p->events.refused(p->ctx, arena, p->tree.root, &p->err);
	else
		arena_free(&arena);
	if (is_renewal_due(p))
		XML_StopParser(p->expat, XML_FALSE);
}

static void XMLCALL
on_end(void *data, const XML_Char *written)
{
	struct parser *p = data;

	(void)written;
	if (p->state == PARSER_SKIPPING)
		end_skipping(p);
	else if (p->state == PARSER_READING && close_element(p) < 0)
		leave_out(p);
	if (p->state == PARSER_DEAD)
		return;
	scope_leave(&p->tree.scope, p->depth);
	p->depth--;
	if (p->level == 0)
		return;
	if (p->depth == 1) {
		hand_over(p);
	} else if (p->depth == 0) {
		p->position = event_end(p);
		p->events.end(p->ctx);
	}
}

static bool
is_space(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (memchr(" \t\r\n", text[i], 4) == NULL)
			return false;
	}
	return true;
}

static void XMLCALL
on_text(void *data, const XML_Char *text, int len)
{
	struct parser *p = data;

	if (p->state == PARSER_DEAD)
		return;
	if (p->state == PARSER_READING && p->depth > p->level) {
		tree_add_text(&p->tree, text, (size_t)len);
		return;
	}
	p->start = event_end(p);
	if (p->state == PARSER_READING && !is_space(text, (size_t)len)) {
		error_set(&p->err, ERROR_BAD_REQUEST, "text between stanzas");
		die(p);
	}
}

/* RFC 6120 section 11.1. */
static void
restricted(struct parser *p, const char *what)
{
	if (p->state == PARSER_DEAD)
		return;
	error_set(&p->err, ERROR_NOT_ACCEPTABLE, "%s, which XMPP forbids",
		  what);
	die(p);
}

static void XMLCALL
on_comment(void *data, const XML_Char *text)
{
	(void)text;
	restricted(data, "a comment");
}

static void XMLCALL
on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
	(void)target, (void)text;
	restricted(data, "a processing instruction");
}

static void XMLCALL
on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
	   const XML_Char *public_id, int has_internal_subset)
{
	(void)name, (void)system_id, (void)public_id;
	(void)has_internal_subset;
	restricted(data, "a document type");
}

static void XMLCALL
on_declaration(void *data, const XML_Char *version,
	       const XML_Char *encoding, int standalone)
{
	(void)version, (void)standalone;
	if (encoding != NULL && strcasecmp(encoding, "UTF-8") != 0)
		restricted(data, "an encoding other than UTF-8");
}

static XML_Parser
new_expat(struct parser *p)
{
	XML_Parser expat = XML_ParserCreate("UTF-8");

	ensure(expat != NULL);
	XML_SetUserData(expat, p);
	XML_SetElementHandler(expat, on_start, on_end);
	XML_SetCharacterDataHandler(expat, on_text);
	XML_SetCommentHandler(expat, on_comment);
	XML_SetProcessingInstructionHandler(expat, on_instruction);
	XML_SetStartDoctypeDeclHandler(expat, on_doctype);
	XML_SetXmlDeclHandler(expat, on_declaration);
	return expat;
}

/* Between stanzas; the new one is told of the root, its end tag comes one
   day. */
static void
renew_expat(struct parser *p)
{
	enum XML_Status status;

	XML_ParserFree(p->expat);
	p->expat = new_expat(p);
	p->base = p->position - p->opening.len;
	set_state(p, PARSER_RENEWING);
	status = XML_Parse(p->expat, p->opening.data, (int)p->opening.len,
			   XML_FALSE);
	ensure(status == XML_STATUS_OK);
	set_state(p, PARSER_READING);
}

/* By hand_over(), so that another may go on. */
static bool
is_stopped(const struct parser *p)
{
	return p->state == PARSER_READING &&
	       XML_GetErrorCode(p->expat) == XML_ERROR_ABORTED;
}

/* Says in p->err why expat gave up, if none of the callbacks did. */
static int
explain(struct parser *p)
{
	enum XML_Error code = XML_GetErrorCode(p->expat);
	enum error_cond cond = ERROR_BAD_REQUEST;

	if (p->state == PARSER_DEAD)
		return -1;
	set_state(p, PARSER_DEAD);
	if (code == XML_ERROR_UNDEFINED_ENTITY)
		cond = ERROR_NOT_ACCEPTABLE;
	else if (code == XML_ERROR_NO_MEMORY)
		cond = ERROR_POLICY_VIOLATION;
	return error_set(&p->err, cond, "not XML: %s",
			 XML_ErrorString(code));
}

/* What expat holds back, and the text gathered of it, stays below the limit
   even when no end is in sight. */
static int
check_pending(struct parser *p)
{
	struct error ignored;
	bool endless = p->state == PARSER_SKIPPING &&
		       (p->fed - p->position) / SKIP_FACTOR > p->limits.bytes;

	if (p->fed - p->start <= p->limits.bytes && !endless)
		return 0;
	error_set(&p->err, ERROR_POLICY_VIOLATION, "more than %zu bytes",
		  p->limits.bytes);
	if (p->state == PARSER_READING && p->depth > p->level)
		tree_end_text(&p->tree, &ignored);
	skip(p, p->level + 1);
	return p->state == PARSER_DEAD ? -1 : 0;
}

/* Only UTF-8 is XMPP (RFC 6120 section 11.6).  Expat would go over to UTF-16
   by itself, which has a NUL in every tag. */
static int
check_encoding(struct parser *p, const char *bytes, size_t len)
{
	if (len == 0 || memchr(bytes, '\0', len) == NULL)
		return 0;
	set_state(p, PARSER_DEAD);
	return error_set(&p->err, ERROR_BAD_REQUEST, "a NUL in XML");
}

/* A tag in many pieces is not read anew with each of them, but whatever is
   complete is delivered at once, and only '>' completes anything. */
static void
set_deferral(struct parser *p, const char *bytes, size_t len)
{
	if (XML_SetReparseDeferralEnabled != NULL)
		XML_SetReparseDeferralEnabled(
			p->expat, memchr(bytes, '>', len) == NULL);
}

/* Returns 0 with how many of the bytes were read. */
static int
feed_piece(struct parser *p, const char *bytes, size_t len, size_t *used_r)
{
	enum XML_Status status;

	if (check_pending(p) < 0 || check_encoding(p, bytes, len) < 0)
		return -1;
	set_deferral(p, bytes, len);
	p->fed += len;
	p->piece = *used_r = len;
	status = XML_Parse(p->expat, bytes, (int)len, XML_FALSE);
	if (status == XML_STATUS_OK)
		return 0;
	if (!is_stopped(p))
		return explain(p);
	ensure(p->fed - p->position <= len);
	*used_r -= p->fed - p->position;
	p->fed = p->position;
	renew_expat(p);
	return 0;
}

int
parser_feed(struct parser *p, const char *bytes, size_t len,
	    struct error *err)
{
	size_t used;

	for (; len > 0 && p->state != PARSER_DEAD;
	     bytes += used, len -= used) {
		size_t piece = len < PIECE_BYTES ? len : PIECE_BYTES;

		if (feed_piece(p, bytes, piece, &used) < 0)
			break;
	}
	if (p->state != PARSER_DEAD)
		return 0;
	*err = p->err;
	return -1;
}

unsigned long long
parser_position(const struct parser *p)
{
	return p->position;
}

struct parser *
parser_new(const struct parser_limits *limits,
	   const struct parser_events *events, void *ctx)
{
	struct parser *p = calloc(1, sizeof(*p));

	ensure(p != NULL);
	p->limits = *limits;
	p->tree.max_nodes = limits->nodes;
	p->events = *events;
	p->ctx = ctx;
	p->level = 1;
	p->own = arena_new();
	p->expat = new_expat(p);
	return p;
}

void
parser_free(struct parser **parser)
{
	struct parser *p = *parser;

	if (p == NULL)
		return;
	arena_free(&p->arena);
	arena_free(&p->own);
	XML_ParserFree(p->expat);
	tree_fini(&p->tree);
	str_fini(&p->opening);
	free(p);
	*parser = NULL;
}

int
parser_document(struct arena *arena, const char *text, size_t len,
		const struct parser_limits *limits, struct xml **el_r,
		struct error *err)
{
	struct parser p = { .limits = *limits, .own = arena,
			    .tree.max_nodes = limits->nodes };
	int ret = 0;

	if (len > limits->bytes || len > INT_MAX)
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "more than %zu bytes", limits->bytes);
	p.expat = new_expat(&p);
	if (check_encoding(&p, text, len) < 0)
		ret = -1;
	else if (XML_Parse(p.expat, text, (int)len, XML_TRUE) !=
		 XML_STATUS_OK)
		ret = explain(&p);
	if (ret < 0)
		*err = p.err;
	else
		*el_r = p.tree.root;
	XML_ParserFree(p.expat);
	tree_fini(&p.tree);
	return ret;
}
