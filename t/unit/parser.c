#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define HEADER "<?xml version='1.0'?>" \
	"<s:stream xmlns='jabber:component:accept' " \
	"xmlns:s='http://etherx.jabber.org/streams' id='1'>"

/* What the callbacks said: "H" header, "E" element, "R" refused, "." end,
   with what they were given. */
struct log {
	struct parser *parser;
	struct str text;
	unsigned long long position;	/* at the last of them */
	struct arena *arena;
	struct xml *el;			/* kept, where a test wants it */
};

static void
note(struct log *log, char what, const struct xml *el)
{
	str_addc(&log->text, what);
	if (el != NULL)
		xml_print(&log->text, el, NS_COMPONENT);
	log->position = parser_position(log->parser);
}

static void
on_header(void *ctx, const struct xml *el)
{
	assert_null(el->first);
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
	bool limit = err->cond == ERROR_POLICY_VIOLATION;

	if (!limit)
		assert_int_equal(err->cond, ERROR_BAD_REQUEST);
	note(ctx, limit ? 'R' : 'N', el);
	arena_free(&arena);
}

static void
on_end(void *ctx)
{
	note(ctx, '.', NULL);
}

static const struct parser_events strict = {
	.header = on_header,
	.element = on_element,
	.end = on_end,
};

static const struct parser_events lenient = {
	.header = on_header,
	.element = on_element,
	.end = on_end,
	.refused = on_refused,
};

static void
open_log(struct log *log, const struct parser_limits *limits,
	 const struct parser_events *events)
{
	*log = (struct log){ 0 };
	str_add(&log->text, "", 0);
	log->parser = parser_new(limits, events, log);
}

static void
close_log(struct log *log)
{
	parser_free(&log->parser);
	assert_null(log->parser);
	str_fini(&log->text);
}

/* In pieces of so many bytes. */
static int
feed(struct log *log, const char *text, size_t piece, struct error *err)
{
	size_t len = strlen(text);

	for (; len > piece; text += piece, len -= piece) {
		if (parser_feed(log->parser, text, piece, err) < 0)
			return -1;
	}
	return parser_feed(log->parser, text, len, err);
}

static const struct {
	const char *text;
	const char *printed;	/* within urn:d, or NULL */
	enum error_cond cond;	/* when NULL */
} documents[] = {
	{ "<a/>", "<a xmlns=''/>", 0 },
	{ " <a xmlns='urn:d' b='1' c=\"2\"></a>\n", "<a b='1' c='2'/>", 0 },
	{ "<?xml version='1.0' encoding='utf-8'?><a xmlns='urn:d'/>",
	  "<a/>", 0 },
	{ "\xef\xbb\xbf<a xmlns='urn:d'/>", "<a/>", 0 },
	{ "<a xmlns='urn:d'>x<b>y</b>z<![CDATA[<&]]>w</a>",
	  "<a>x<b>y</b>z&lt;&amp;w</a>", 0 },
	{ "<a xmlns='urn:d'>&lt;&#65;&#x20ac;&apos;</a>",
	  "<a>&lt;A\xe2\x82\xac&apos;</a>", 0 },
	{ "<p:a xmlns:p='urn:d' p:from='1' from='2'><p:b/></p:a>",
	  "<a xmlns:a0='urn:d' a0:from='1' from='2'><b/></a>", 0 },
	{ "<a xmlns='urn:d' xml:lang='de' lang='en'/>",
	  "<a xml:lang='de' lang='en'/>", 0 },
	{ "<a xmlns='urn:d'><b xmlns=''><c xmlns='urn:d'/></b><d/></a>",
	  "<a><b xmlns=''><c xmlns='urn:d'/></b><d/></a>", 0 },
	{ "<a xmlns='urn:d' xmlns:p='urn:1'><b xmlns:p='urn:2'><p:c/></b>"
	  "<p:d/></a>",
	  "<a><b><c xmlns='urn:2'/></b><d xmlns='urn:1'/></a>", 0 },
	{ "<a xmlns='urn:d' b='1\n2&#10;3\t'/>", "<a b='1 2&#10;3 '/>", 0 },
	{ "<xml:a><b xmlns='urn:d'/></xml:a>",
	  "<xml:a><b xmlns='urn:d'/></xml:a>", 0 },

	{ "", NULL, ERROR_BAD_REQUEST },
	{ "   ", NULL, ERROR_BAD_REQUEST },
	{ "text", NULL, ERROR_BAD_REQUEST },
	{ "<a>", NULL, ERROR_BAD_REQUEST },
	{ "<a></b>", NULL, ERROR_BAD_REQUEST },
	{ "<a/><b/>", NULL, ERROR_BAD_REQUEST },
	{ "<a/>x", NULL, ERROR_BAD_REQUEST },
	{ "<a b='1' b='2'/>", NULL, ERROR_BAD_REQUEST },
	{ "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", NULL,
	  ERROR_BAD_REQUEST },
	{ "<a xmlns='u' xmlns='u'/>", NULL, ERROR_BAD_REQUEST },
	{ "<a b='<'/>", NULL, ERROR_BAD_REQUEST },
	{ "<a>]]></a>", NULL, ERROR_BAD_REQUEST },
	{ "<a>\x01</a>", NULL, ERROR_BAD_REQUEST },
	{ "<a>&#1;</a>", NULL, ERROR_BAD_REQUEST },
	{ "<a>&#0;</a>", NULL, ERROR_BAD_REQUEST },
	{ "<a>&#xd800;</a>", NULL, ERROR_BAD_REQUEST },
	{ "<a>\xff</a>", NULL, ERROR_BAD_REQUEST },
	{ "<a>\xc0\xbc</a>", NULL, ERROR_BAD_REQUEST },
	{ "<a>\xed\xa0\x80</a>", NULL, ERROR_BAD_REQUEST },
	{ "<p:a/>", NULL, ERROR_BAD_REQUEST },
	{ "<a p:b='1'/>", NULL, ERROR_BAD_REQUEST },
	{ "<a><b xmlns:p='urn:p'/><p:c/></a>", NULL, ERROR_BAD_REQUEST },
	{ "<a:b:c xmlns:a='urn:a'/>", NULL, ERROR_BAD_REQUEST },
	{ "<a:1 xmlns:a='urn:a'/>", NULL, ERROR_BAD_REQUEST },
	{ "<a xmlns:xml='urn:a'/>", NULL, ERROR_BAD_REQUEST },
	{ " <?xml version='1.0'?><a/>", NULL, ERROR_BAD_REQUEST },
	{ "<a><?xml version='1.0'?></a>", NULL, ERROR_BAD_REQUEST },

	/* RFC 6120 section 11.1. */
	{ "<!DOCTYPE a><a/>", NULL, ERROR_NOT_ACCEPTABLE },
	{ "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", NULL,
	  ERROR_NOT_ACCEPTABLE },
	{ "<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><a>&c;</a>",
	  NULL, ERROR_NOT_ACCEPTABLE },
	{ "<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>", NULL,
	  ERROR_NOT_ACCEPTABLE },
	{ "<!-- b --><a/>", NULL, ERROR_NOT_ACCEPTABLE },
	{ "<a><!-- b --></a>", NULL, ERROR_NOT_ACCEPTABLE },
	{ "<a/><!-- b -->", NULL, ERROR_NOT_ACCEPTABLE },
	{ "<?b c?><a/>", NULL, ERROR_NOT_ACCEPTABLE },
	{ "<a><?b?></a>", NULL, ERROR_NOT_ACCEPTABLE },
	{ "<a>&b;</a>", NULL, ERROR_NOT_ACCEPTABLE },
	{ "<a b='&c;'/>", NULL, ERROR_NOT_ACCEPTABLE },
	{ "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", NULL,
	  ERROR_NOT_ACCEPTABLE },
};

static void
parses_or_refuses_documents(void **state)
{
	struct str out = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		struct arena *arena = arena_new();
		struct error err = { 0 };
		struct xml *el = NULL;
		int ret = parser_document(arena, documents[i].text,
					  strlen(documents[i].text),
					  &parser_limits_default, &el, &err);

		str_clear(&out);
		if (ret == 0)
			xml_print(&out, el, "urn:d");
		if (documents[i].printed != NULL)
			assert_string_equal(ret == 0 ? out.data : err.text,
					    documents[i].printed);
		else if (ret == 0 || err.cond != documents[i].cond)
			fail_msg("%s: %s", documents[i].text,
				 ret == 0 ? out.data : err.text);
		arena_free(&arena);
	}
	str_fini(&out);
}

/* Expat would take both for UTF-16. */
static void
refuses_other_encodings(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{ "\xff\xfe<\0a\0/\0>\0", 10 },
		{ "\0<\0a\0/\0>", 8 },
		{ "<\0a\0/\0>\0", 8 },
		{ "<a>\0</a>", 8 },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct xml *el;

		assert_int_equal(parser_document(arena, cases[i].bytes,
						 cases[i].len,
						 &parser_limits_default, &el,
						 &err), -1);
		assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	}
	arena_free(&arena);
}

/* Each case is at its limit, and beyond one that is smaller by one. */
static const struct {
	const char *text;
	struct parser_limits limits;
} limits[] = {
	{ "<a><b/></a>", { .bytes = 11, .depth = 2, .nodes = 2 } },
	{ "<a>b</a>", { .bytes = 8, .depth = 1, .nodes = 2 } },
	{ "<a b='1' c='2'/>", { .bytes = 16, .depth = 1, .nodes = 3 } },
	{ "<a xmlns='u'>b<c/>d</a>",
	  { .bytes = 23, .depth = 2, .nodes = 5 } },
	{ "<a><b><c><d/></c></b></a>",
	  { .bytes = 25, .depth = 4, .nodes = 4 } },
};

static int
parse_limited(const char *text, size_t bytes, unsigned depth, unsigned nodes)
{
	struct parser_limits tight = { bytes, depth, nodes };
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct xml *el;
	int ret = parser_document(arena, text, strlen(text), &tight, &el,
				  &err);

	if (ret < 0)
		assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
	arena_free(&arena);
	return ret;
}

static void
keeps_documents_within_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		const struct parser_limits *l = &limits[i].limits;
		const char *text = limits[i].text;

		assert_int_equal(parse_limited(text, l->bytes, l->depth,
					       l->nodes), 0);
		assert_int_equal(parse_limited(text, l->bytes - 1, l->depth,
					       l->nodes), -1);
		assert_int_equal(parse_limited(text, l->bytes, l->depth - 1,
					       l->nodes), -1);
		assert_int_equal(parse_limited(text, l->bytes, l->depth,
					       l->nodes - 1), -1);
	}
}

/* The same of stanzas: those beyond a limit are refused, the next one is
   read as if nothing had been. */
static void
keeps_stanzas_within_limits(void **state)
{
	struct parser_limits tight;
	struct str want = { 0 };
	struct error err;
	struct log log;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limits) * 4; i++) {
		const char *text = limits[i / 4].text;

		tight = limits[i / 4].limits;
		tight.bytes -= i % 4 == 1;
		tight.depth -= i % 4 == 2;
		tight.nodes -= i % 4 == 3;
		if (tight.depth == 0)
			continue;
		open_log(&log, &tight, &lenient);
		/* The header is larger than these limits. */
		assert_int_equal(feed(&log, "<s>", 3, &err), 0);
		assert_int_equal(feed(&log, text, 1, &err), 0);
		assert_int_equal(feed(&log, "<z/></s>", 1, &err), 0);
		str_clear(&want);
		str_addf(&want, "H<s xmlns=''/>%c",
			 i % 4 == 0 ? 'E' : 'R');
		assert_memory_equal(log.text.data, want.data, want.len);
		assert_string_equal(log.text.data + log.text.len - 15,
				    "E<z xmlns=''/>.");
		close_log(&log);
	}
	str_fini(&want);
}

static void
refused_stanzas_end_a_strict_stream(void **state)
{
	struct parser_limits tight = { .bytes = 100, .depth = 2, .nodes = 9 };
	struct error err;
	struct log log;

	(void)state;
	open_log(&log, &tight, &strict);
	assert_int_equal(feed(&log, "<s><a><b/></a>", 99, &err), 0);
	assert_int_equal(feed(&log, "<a><b><c/></b></a>", 99, &err), -1);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
	err = (struct error){ 0 };
	assert_int_equal(feed(&log, "<a/>", 99, &err), -1);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
	assert_string_equal(log.text.data,
			    "H<s xmlns=''/>E<a xmlns=''><b/></a>");
	close_log(&log);
}

static void
refused_stanzas_keep_what_is_not_at_fault(void **state)
{
	struct parser_limits tight = { .bytes = 300, .depth = 2, .nodes = 15 };
	struct error err;
	struct log log;

	(void)state;
	open_log(&log, &tight, &lenient);
	assert_int_equal(feed(&log, "<s xmlns='jabber:component:accept'>"
			      "<iq from='a' to='b' id='1'>text<b c='2' "
			      "xmlns='urn:b'>text<c><d/></c></b>more<e/>"
			      "<p:unbound/></iq><iq/><iq id='3'>"
			      "<b a='1' p:b='2' c='3'/></iq>"
			      "<iq id='4'>text<p:c/><d/></iq></s>", 1, &err),
			 0);
	assert_string_equal(log.text.data, "H<s/>N<iq from='a' to='b' id='1'>"
			    "text<b xmlns='urn:b' c='2'>text</b>more<e/></iq>"
			    "E<iq/>N<iq id='3'><b a='1' c='3'/></iq>"
			    "N<iq id='4'>text<d/></iq>.");
	close_log(&log);
}

/* The limits of the whole stand, whatever of it was skipped. */
static void
refused_stanzas_keep_what_is_within_limits(void **state)
{
	struct parser_limits tight = { .bytes = 100, .depth = 3, .nodes = 7 };
	struct error err;
	struct log log;

	(void)state;
	open_log(&log, &tight, &lenient);
	assert_int_equal(feed(&log, "<s xmlns='jabber:component:accept'>"
			      "<a><b>one</b><c/><d>two</d><e>three</e>four"
			      "</a>"
			      "<a><b/><b><c><d>01234567890123456789</d></c>"
			      "</b><p:e>01234567890123456789</p:e><b>"
			      "0123456789012345678901234567890123</b></a>"
			      "<z/></s>", 1, &err), 0);
	assert_string_equal(log.text.data, "H<s/>R<a><b>one</b><c/><d>two</d>"
			    "<e/></a>R<a><b/><b><c/></b><b>012345678901"
			    "2345678</b></a>E<z/>.");
	close_log(&log);
}

/* Expat takes these, and routers write them. */
static void
refused_stanzas_may_misuse_namespaces(void **state)
{
	static const struct {
		const char *text, *left;
	} bad[] = {
		{ "<b xmlns:xml='urn:a'>c</b>", "<b>c</b>" },
		{ "<b xmlns='http://www.w3.org/XML/1998/namespace'>c</b>",
		  "" },
		{ "<b xmlns='http://www.w3.org/2000/xmlns/'/>", "" },
		{ "<b xmlns:xmlns='urn:a'/>", "<b/>" },
		{ "<b xmlns:c=''/>", "<b/>" },
		{ "<p:b>c<d/></p:b>", "" },
		{ "<b p:c='1'>d</b>", "<b>d</b>" },
		{ "<p:b xmlns:p='urn:a'><p:1/>c</p:b>",
		  "<b xmlns='urn:a'>c</b>" },
		{ "<b xmlns:p='urn:a' xmlns:q='urn:a' p:c='1' q:c='1'/>",
		  "<b xmlns:a0='urn:a' a0:c='1'/>" },
	};
	struct str want = { 0 };
	struct str text = { 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct log log;

		open_log(&log, &parser_limits_default, &lenient);
		str_clear(&text);
		str_addf(&text, "<s xmlns='jabber:component:accept'>"
			 "<a from='b'><c/>%s<d/></a><z/></s>", bad[i].text);
		assert_int_equal(feed(&log, text.data, 1, &err), 0);
		str_clear(&want);
		str_addf(&want, "H<s/>N<a from='b'><c/>%s<d/></a>E<z/>.",
			 bad[i].left);
		assert_string_equal(log.text.data, want.data);
		close_log(&log);
	}
	str_fini(&text);
	str_fini(&want);
}

static const struct {
	const char *text;
	const char *said;	/* after the header */
	enum error_cond cond;	/* ERROR_NONE: goes well */
} streams[] = {
	{ "<message to='a'><body>hi</body></message> \n<iq/>\t</s:stream>\n",
	  "E<message to='a'><body>hi</body></message>E<iq/>.", 0 },
	{ "<a>x<![CDATA[y]]>&#122;</a>", "E<a>xyz</a>", 0 },
	{ "<s:error><b/></s:error>", "E<error xmlns='http://"
	  "etherx.jabber.org/streams'><b xmlns='jabber:component:accept'/>"
	  "</error>", 0 },
	{ "<a xmlns='urn:a'/><b xmlns:p='urn:p' p:from='o'/>",
	  "E<a xmlns='urn:a'/>E<b xmlns:a0='urn:p' a0:from='o'/>", 0 },
	{ "<a s:from='o'/>",
	  "E<a xmlns:a0='http://etherx.jabber.org/streams' a0:from='o'/>",
	  0 },
	{ "<a/>text", "E<a/>", ERROR_BAD_REQUEST },
	{ "<a/>&#32; &#65;<b/>", "E<a/>", ERROR_BAD_REQUEST },
	{ "<a xmlns:p='u'/><p:b/>", "E<a/>", ERROR_BAD_REQUEST },
	{ "<a></b></a>", "", ERROR_BAD_REQUEST },
	{ "<a/></stream>", "E<a/>", ERROR_BAD_REQUEST },
	{ "<a/></s:stream><b/>", "E<a/>.", ERROR_BAD_REQUEST },
	{ "<?xml version='1.0'?>", "", ERROR_BAD_REQUEST },
	{ "<a/><!-- b --><c/>", "E<a/>", ERROR_NOT_ACCEPTABLE },
	{ "<a><!-- b --></a>", "", ERROR_NOT_ACCEPTABLE },
	{ "<a/><?b?>", "E<a/>", ERROR_NOT_ACCEPTABLE },
	{ "<a>&b;</a>", "", ERROR_NOT_ACCEPTABLE },
	{ "<!DOCTYPE a>", "", ERROR_BAD_REQUEST },
};

/* However the bytes are cut. */
static void
reads_streams(void **state)
{
	static const size_t pieces[] = { 1, 2, 7, 1000 };
	static const char header[] =
		"H<stream xmlns='http://etherx.jabber.org/streams' id='1'/>";
	struct log log;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(streams) * 4; i++) {
		struct error err = { 0 };

		open_log(&log, &parser_limits_default, &strict);
		assert_int_equal(feed(&log, HEADER, pieces[i % 4], &err), 0);
		assert_string_equal(log.text.data, header);
		assert_int_equal(log.position, strlen(HEADER));
		str_clear(&log.text);
		feed(&log, streams[i / 4].text, pieces[i % 4], &err);
		assert_string_equal(log.text.data, streams[i / 4].said);
		if (err.cond != streams[i / 4].cond)
			fail_msg("%s: %d", streams[i / 4].text, err.cond);
		close_log(&log);
	}
}

static void
refuses_bad_headers(void **state)
{
	static const struct {
		const char *text;
		enum error_cond cond;
	} cases[] = {
		{ "text>", ERROR_BAD_REQUEST },
		{ "</s>", ERROR_BAD_REQUEST },
		{ "<p:s>", ERROR_BAD_REQUEST },
		{ "<!DOCTYPE a [<!ENTITY b 'c'>]>", ERROR_NOT_ACCEPTABLE },
		{ "<!-- a -->", ERROR_NOT_ACCEPTABLE },
		{ "<s a='1' b='2' c='3' d='4'>", ERROR_POLICY_VIOLATION },
		{ "<s a='0123456789012345678901234567890123456789'"
		  "><b/>", ERROR_POLICY_VIOLATION },
	};
	struct parser_limits tight = { .bytes = 40, .depth = 2, .nodes = 4 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct log log;

		open_log(&log, &tight, &lenient);
		assert_int_equal(feed(&log, cases[i].text, 1, &err), -1);
		assert_int_equal(err.cond, cases[i].cond);
		assert_string_equal(log.text.data, "");
		close_log(&log);
	}
}

/* Expat may hold back a tag that grows slowly, but never a whole one. */
static void
delivers_with_the_last_byte(void **state)
{
	struct error err;
	struct log log;

	(void)state;
	open_log(&log, &parser_limits_default, &strict);
	assert_int_equal(feed(&log, HEADER "<iq a='", 1000, &err), 0);
	str_clear(&log.text);
	for (int i = 0; i < 100; i++)
		assert_int_equal(feed(&log, "0123456789", 10, &err), 0);
	assert_int_equal(feed(&log, "'/", 1, &err), 0);
	assert_string_equal(log.text.data, "");
	assert_int_equal(feed(&log, ">", 1, &err), 0);
	assert_memory_equal(log.text.data, "E<iq a='0123", 12);
	close_log(&log);
}

/* Feeds the piece until the parser has had enough. */
static size_t
feed_endlessly(struct log *log, const char *piece, struct error *err)
{
	size_t fed = 0;

	while (feed(log, piece, strlen(piece), err) == 0) {
		fed += strlen(piece);
		assert_true(fed < 100 << 20);
	}
	return fed;
}

/* What has no end is refused before it piles up. */
static void
bounds_what_has_no_end(void **state)
{
	static const struct {
		const char *begin, *piece;
		size_t most;
	} cases[] = {
		{ "<a b='", "0123456789", 10100 },
		{ "<a", "aaaaaaaaaa", 10100 },
		{ "<a", " \n", 10100 },
		{ "<a xmlns='", "urn:urn", 10100 },
		/* Skipped as long as it is likely to be a mistake. */
		{ "<a>", "text text ", 11000000 },
		{ "<a>", "<b/>", 11000000 },
		{ "<a>", "<b>", 310000 },
		{ "<a>", "<![CDATA[x]]>", 11000000 },
		{ "<a><b c='", "0123456789", 20200 },
	};
	struct parser_limits tight = { .bytes = 10000, .depth = 9,
				       .nodes = 9999 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct log log;

		open_log(&log, &tight, &lenient);
		assert_int_equal(feed(&log, "<s>", 9, &err), 0);
		str_clear(&log.text);
		assert_int_equal(feed(&log, cases[i].begin, 99, &err), 0);
		assert_in_range(feed_endlessly(&log, cases[i].piece, &err),
				9900, cases[i].most);
		assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
		assert_string_equal(log.text.data, "");
		close_log(&log);
	}
}

/* Tags that nobody closes are not counted forever, but what a router may let
   pass is only refused. */
static void
bounds_depth_while_skipping(void **state)
{
	struct parser_limits tight = { .bytes = 1 << 20, .depth = 9,
				       .nodes = 9999 };
	struct error err = { 0 };
	struct log log;

	(void)state;
	open_log(&log, &tight, &lenient);
	assert_int_equal(feed(&log, "<s>", 9, &err), 0);
	for (int i = 0; i < 75000; i++)
		assert_int_equal(feed(&log, "<b>", 3, &err), 0);
	for (int i = 0; i < 75000; i++)
		assert_int_equal(feed(&log, "</b>", 4, &err), 0);
	assert_string_equal(log.text.data,
			    "H<s xmlns=''/>R<b xmlns=''><b><b><b><b><b><b><b>"
			    "<b/></b></b></b></b></b></b></b></b>");
	assert_in_range(feed_endlessly(&log, "<b>", &err), 290000, 310000);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
	close_log(&log);
}

/* A stream lasts: limits are each stanza's, expat is renewed every now and
   then, between two stanzas anywhere in what is fed. */
static void
goes_on_and_on(void **state)
{
	static const char stanza[] = "<s:a b='0123456789'><c>x</c></s:a> \n";
	static const size_t pieces[] = { 777, 1554, 4096, 8192, 99999999 };
	struct parser_limits tight = { .bytes = 200, .depth = 9, .nodes = 9 };
	struct error err = { 0 };
	struct str in = { 0 };
	struct log log;

	(void)state;
	for (int i = 0; i < 50000; i++)
		str_addz(&in, stanza);
	open_log(&log, &tight, &strict);
	assert_int_equal(feed(&log, HEADER, 99, &err), 0);
	for (size_t round = 1; round <= ARRAY_LEN(pieces); round++) {
		str_clear(&log.text);
		assert_int_equal(feed(&log, in.data, pieces[round - 1], &err),
				 0);
		assert_int_equal(log.text.len, 50000 *
				 strlen("E<a xmlns='http://etherx.jabber.org/"
					"streams' b='0123456789'><c xmlns="
					"'jabber:component:accept'>x</c></a>"
					));
		assert_int_equal(log.position, strlen(HEADER) +
				 round * in.len - 2);
	}
	str_clear(&log.text);
	assert_int_equal(feed(&log, "</s:stream>", 2, &err), 0);
	assert_string_equal(log.text.data, ".");
	close_log(&log);
	str_fini(&in);
}

static void
keep_element(void *ctx, struct arena *arena, struct xml *el)
{
	struct log *log = ctx;

	log->arena = arena;
	log->el = el;
}

static void
elements_outlive_the_parser(void **state)
{
	struct parser_events events = strict;
	struct str out = { 0 };
	struct error err;
	struct log log;

	(void)state;
	events.element = keep_element;
	open_log(&log, &parser_limits_default, &events);
	assert_int_equal(feed(&log, HEADER "<s:a to='b'><c/>d</s:a>", 999,
			      &err), 0);
	close_log(&log);
	xml_print(&out, log.el, NS_STREAM);
	assert_string_equal(out.data, "<a to='b'>"
			    "<c xmlns='jabber:component:accept'/>d</a>");
	arena_free(&log.arena);
	str_fini(&out);
}

static void
whitespace_is_no_stanza(void **state)
{
	struct parser_limits tight = { .bytes = 80, .depth = 9, .nodes = 9 };
	struct error err = { 0 };
	struct log log;

	(void)state;
	open_log(&log, &tight, &strict);
	assert_int_equal(feed(&log, "<s>", 9, &err), 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(feed(&log, " \r\n", 1, &err), 0);
	assert_int_equal(feed(&log, "<a/>", 1, &err), 0);
	assert_string_equal(log.text.data, "H<s xmlns=''/>E<a xmlns=''/>");
	close_log(&log);
}

/* A hundred prefixes are not a reason to end the stream for all. */
static void
refuses_floods_of_namespaces(void **state)
{
	struct str in = { 0 };
	struct error err;
	struct log log;

	(void)state;
	str_addz(&in, "<s xmlns='jabber:component:accept'><a><b");
	for (int i = 0; i < 100; i++)
		str_addf(&in, " xmlns:p%d='urn:p'", i);
	str_addz(&in, "/></a><c");
	for (int i = 0; i < 100; i++)
		str_addf(&in, " xmlns:p%d='urn:p'", i);
	str_addz(&in, "/><d xmlns:p='urn:p'");
	for (int i = 0; i < 100; i++)
		str_addf(&in, " p:a%d='1'", i);
	str_addz(&in, "/><e/>");
	open_log(&log, &parser_limits_default, &lenient);
	assert_int_equal(feed(&log, in.data, in.len, &err), 0);
	assert_memory_equal(log.text.data, "H<s/>R<a><b/></a>R<c/>"
			    "R<d xmlns:a0=", 35);
	assert_string_equal(log.text.data + log.text.len - 5, "E<e/>");
	close_log(&log);
	str_fini(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_or_refuses_documents),
		cmocka_unit_test(refuses_other_encodings),
		cmocka_unit_test(keeps_documents_within_limits),
		cmocka_unit_test(keeps_stanzas_within_limits),
		cmocka_unit_test(refused_stanzas_end_a_strict_stream),
		cmocka_unit_test(refused_stanzas_keep_what_is_not_at_fault),
		cmocka_unit_test(refused_stanzas_keep_what_is_within_limits),
		cmocka_unit_test(refused_stanzas_may_misuse_namespaces),
		cmocka_unit_test(reads_streams),
		cmocka_unit_test(refuses_bad_headers),
		cmocka_unit_test(delivers_with_the_last_byte),
		cmocka_unit_test(bounds_what_has_no_end),
		cmocka_unit_test(bounds_depth_while_skipping),
		cmocka_unit_test(goes_on_and_on),
		cmocka_unit_test(elements_outlive_the_parser),
		cmocka_unit_test(whitespace_is_no_stanza),
		cmocka_unit_test(refuses_floods_of_namespaces),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("parser", tests, NULL, NULL);
}
