/*
 * A document that is accepted can be printed and read again; a stream is
 * read alike however its bytes are cut.
 */
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Small, so that some elements are refused. */
static const struct parser_limits limits = {
	.bytes = 1 << 20, .depth = 6, .nodes = 50,
};

struct reading {
	struct parser *parser;
	struct str said;
	struct error err;
};

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
check_equal(const struct xml *a, const struct xml *b)
{
	const struct xml_attr *x = a->attrs, *y = b->attrs;
	const struct xml *child = a->first, *other = b->first;

	ensure(same(a->ns, b->ns) && same(a->name, b->name) &&
	       same(a->text, b->text));
	for (; x != NULL && y != NULL; x = x->next, y = y->next)
		ensure(same(x->ns, y->ns) && same(x->name, y->name) &&
		       same(x->value, y->value));
	ensure(x == y);
	for (; child != NULL && other != NULL;
	     child = child->next, other = other->next) {
		ensure(child->parent == a && other->parent == b);
		check_equal(child, other);
	}
	ensure(child == other);
}

static void
note(struct reading *reading, char what, const struct xml *el)
{
	str_addc(&reading->said, what);
	if (el != NULL)
		xml_print(&reading->said, el, "");
}

static void
on_header(void *ctx, const struct xml *el)
{
	note(ctx, 'H', el);
}

static void
on_element(void *ctx, struct arena *arena, struct xml *el)
{
	note(ctx, 'E', el);
	arena_free(&arena);
}

static void
on_refused(void *ctx, struct arena *arena, struct xml *el,
	   const struct error *err)
{
	ensure(err->cond == ERROR_POLICY_VIOLATION ||
	       err->cond == ERROR_BAD_REQUEST);
	note(ctx, 'R', el);
	arena_free(&arena);
}

static void
on_end(void *ctx)
{
	note(ctx, '.', NULL);
}

/* Reads <s>data</s>, in pieces of up to max bytes. */
static void
read_stream(struct reading *reading, const struct str *text, size_t max)
{
	static const struct parser_events events = {
		on_header, on_element, on_end, on_refused,
	};
	uint32_t random = (uint32_t)text->len + 1;
	size_t len;

	*reading = (struct reading){ 0 };
	reading->parser = parser_new(&limits, &events, reading);
	for (size_t at = 0; at < text->len; at += len) {
		random = random * 1664525 + 1013904223;
		len = 1 + (random >> 8) % max;
		if (len > text->len - at)
			len = text->len - at;
		if (parser_feed(reading->parser, text->data + at, len,
				&reading->err) < 0)
			break;
	}
	parser_free(&reading->parser);
}

/* Much before the data makes the piece a large one. */
static void
print_stream(struct str *text, unsigned spaces, const char *data, size_t size)
{
	str_clear(text);
	str_addf(text, "<s>%*s", (int)spaces, "");
	str_add(text, data, size);
	str_addz(text, "</s>");
}

static void
check_stream(const char *data, size_t size, const struct str *document)
{
	struct reading cut, whole;
	struct str text = { 0 };

	print_stream(&text, 0, data, size);
	read_stream(&cut, &text, 1 + size % 9);
	print_stream(&text, size % 2 * 8192, data, size);
	read_stream(&whole, &text, 1 << 20);
	/* One piece with a NUL in it is refused as a whole. */
	if (memchr(data, '\0', size) == NULL) {
		ensure(cut.err.cond == whole.err.cond);
		ensure(same(cut.said.data, whole.said.data));
		if (document->len > 0 && whole.err.cond == ERROR_NONE)
			ensure(same(whole.said.data, document->data));
	}
	str_fini(&text);
	str_fini(&cut.said);
	str_fini(&whole.said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct str printed = { 0 };
	struct xml *el, *again;
	struct error err;

	if (size > 0 &&
	    parser_document(arena, (const char *)data, size, &limits, &el,
			    &err) == 0) {
		str_addz(&printed, "H<s/>E");
		xml_print(&printed, el, "");
		ensure(parser_document(arena, printed.data + 6,
				       printed.len - 6,
				       &parser_limits_default, &again,
				       &err) == 0);
		check_equal(el, again);
		check_equal(el, xml_copy(arena, el));
		str_addc(&printed, '.');
	}
	if (size > 0)
		check_stream((const char *)data, size, &printed);
	arena_free(&arena);
	str_fini(&printed);
	return 0;
}
