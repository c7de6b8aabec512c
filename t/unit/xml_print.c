#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static void
expect_print(const struct xml *el, const char *ns, const char *want)
{
	struct str out = { 0 };

	xml_print(&out, el, ns);
	assert_string_equal(out.data, want);
	str_fini(&out);
}

static void
add_foreign(struct arena *arena, struct xml *el, const char *ns,
	    const char *name, const char *value)
{
	struct xml_attr **at = &el->attrs;

	while (*at != NULL)
		at = &(*at)->next;
	*at = arena_alloc(arena, sizeof(**at));
	**at = (struct xml_attr){ .ns = ns, .name = name, .value = value };
}

/* Text, as it stands in an element, and in an attribute where that is
   different. */
static const struct {
	const char *text;
	const char *printed;
	const char *in_attr;
} texts[] = {
	{ "", "", NULL },
	{ "plain", "plain", NULL },
	{ "a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d&quot;e&apos;f", NULL },
	{ "]]>", "]]&gt;", NULL },
	{ "&amp;", "&amp;amp;", NULL },
	{ "a\tb\nc", "a\tb\nc", "a&#9;b&#10;c" },
	{ "a\r\n", "a&#13;\n", "a&#13;&#10;" },
	{ "\x01" "a\x08" "b\x1f", "ab", NULL },
	{ "\x0b\x0c", "", NULL },
	{ "\x7f", "\x7f", NULL },
	{ "\xc2\x80", "\xc2\x80", NULL },
	{ "\xc3\xa9<\xe2\x82\xac&\xf0\x9f\x98\x80",
	  "\xc3\xa9&lt;\xe2\x82\xac&amp;\xf0\x9f\x98\x80", NULL },
	/* Not UTF-8: stray, cut, overlong, beyond U+10FFFF. */
	{ "a\x80" "b\xff" "c", "abc", NULL },
	{ "a\xc3", "a", NULL },
	{ "a\xc3<", "a&lt;", NULL },
	{ "a\xe2\x82", "a", NULL },
	{ "a\xe2\x82'", "a&apos;", NULL },
	{ "a\xf0\x9f\x98", "a", NULL },
	{ "\xc0\x80\xc1\xbf", "", NULL },
	{ "\xc0\xbc", "", NULL },
	{ "\xe0\x80\xbc\xe0\x9f\xbf", "", NULL },
	{ "\xe0\xa0\x80", "\xe0\xa0\x80", NULL },
	{ "\xf0\x80\x80\xbc\xf0\x8f\xbf\xbf", "", NULL },
	{ "\xf0\x90\x80\x80", "\xf0\x90\x80\x80", NULL },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", NULL },
	{ "\xf4\x90\x80\x80\xf5\x80\x80\x80", "", NULL },
	{ "\xe2\x01\x82\xac", "", NULL },
	/* Surrogates, and U+FFFE and U+FFFF. */
	{ "\xed\xa0\x80\xed\xbf\xbf", "", NULL },
	{ "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80", NULL },
	{ "\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd", NULL },
};

static void
escapes_and_drops(void **state)
{
	struct str out = { 0 }, want = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		str_clear(&out);
		str_add(&out, "", 0);
		xml_escape(&out, texts[i].text);
		assert_string_equal(out.data, texts[i].printed);

		str_clear(&out);
		xml_print_attr(&out, "n", texts[i].text);
		str_clear(&want);
		str_addf(&want, " n='%s'", texts[i].in_attr != NULL ?
			 texts[i].in_attr : texts[i].printed);
		assert_string_equal(out.data, want.data);
	}
	str_fini(&out);
	str_fini(&want);
}

static void
writes_namespaces_where_they_change(void **state)
{
	struct arena *arena = *state;
	struct xml *el = xml_new(arena, NS_CLIENT, "a");
	struct xml *b = xml_add(arena, el, "urn:b", "b");

	xml_add(arena, b, NULL, "c");
	xml_add(arena, b, NS_CLIENT, "d");
	xml_add(arena, b, "", "e");
	xml_add(arena, el, "it's & \n", "f");
	expect_print(el, NS_CLIENT,
		     "<a><b xmlns='urn:b'><c/><d xmlns='jabber:client'/>"
		     "<e xmlns=''/></b>"
		     "<f xmlns='it&apos;s &amp; &#10;'/></a>");
	expect_print(b, "urn:b",
		     "<b><c/><d xmlns='jabber:client'/><e xmlns=''/></b>");
	expect_print(xml_new(arena, "", "g"), "", "<g/>");
	expect_print(xml_new(arena, "", "g"), NULL, "<g xmlns=''/>");
}

static void
writes_foreign_attributes_with_prefixes(void **state)
{
	struct arena *arena = *state;
	struct xml *el = xml_new(arena, "urn:d", "a");

	add_foreign(arena, el, "urn:x", "from", "1");
	xml_set(arena, el, "from", "2");
	add_foreign(arena, el, "urn:'y", "from", "<3>");
	xml_set_lang(arena, el, "de");
	expect_print(el, "urn:d",
		     "<a xmlns:a0='urn:x' a0:from='1' from='2'"
		     " xmlns:a1='urn:&apos;y' a1:from='&lt;3&gt;'"
		     " xml:lang='de'/>");
}

/* That namespace cannot be the default one. */
static void
writes_the_xml_namespace_by_its_prefix(void **state)
{
	struct arena *arena = *state;
	struct xml *el = xml_new(arena, "urn:d", "a");
	struct xml *b = xml_add(arena, el, XML_NS, "b");

	xml_add(arena, b, NULL, "c");
	xml_add(arena, b, "urn:d", "d");
	expect_print(el, "urn:d",
		     "<a><xml:b><xml:c/><d xmlns='urn:d'/></xml:b></a>");
	expect_print(xml_new(arena, XML_NS, "e"), NULL, "<xml:e/>");
}

/* Many bytes are looked at together: what is at the edge of that is not to
   be missed, nor what is not there taken. */
static const struct {
	const char *text;
	const char *printed;
} edges[] = {
	{ "&", "&amp;" },
	{ "<", "&lt;" },
	{ ">", "&gt;" },
	{ "'", "&apos;" },
	{ "\"", "&quot;" },
	{ "%(;=?!#\x7f", "%(;=?!#\x7f" },
	{ "\t\n", "\t\n" },
	{ "\r", "&#13;" },
	{ "\x01", "" },
	{ "\x1f", "" },
	{ "\x80", "" },
	{ "\xbe\xa6\xff", "" },
	{ "\xc3\xa9", "\xc3\xa9" },
	{ "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "\xf0\x9f\x98", "" },
	{ "<<&&", "&lt;&lt;&amp;&amp;" },
};

static void
sees_every_byte_at_every_place(void **state)
{
	static const char pad[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN";
	struct str text = { 0 }, want = { 0 }, out = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		for (int before = 0; before <= 40; before++) {
			for (int after = 0; after <= 40; after += 5) {
				str_clear(&text);
				str_addf(&text, "%.*s%s%.*s", before, pad,
					 edges[i].text, after, pad);
				str_clear(&want);
				str_addf(&want, "%.*s%s%.*s", before, pad,
					 edges[i].printed, after, pad);
				str_clear(&out);
				xml_escape(&out, text.data);
				assert_string_equal(out.data, want.data);
			}
		}
	}
	str_fini(&text);
	str_fini(&want);
	str_fini(&out);
}

/* Nothing of a neighbour is taken for the rest of a character. */
static void
text_nodes_end_where_they_end(void **state)
{
	struct arena *arena = *state;
	struct xml *el = xml_new(arena, NS_CLIENT, "body");

	xml_put_text(arena, el, "a\xe2\x82");
	xml_put_text(arena, el, "\xac" "b");
	xml_add_text(arena, el, NULL, "c", "</body>");
	xml_put_text(arena, el, "]]>");
	expect_print(el, NS_CLIENT,
		     "<body>ab<c>&lt;/body&gt;</c>]]&gt;</body>");
	expect_print(el->first, NS_CLIENT, "a");
}

static void
leaves_the_start_tag_open(void **state)
{
	struct arena *arena = *state;
	struct xml *el = xml_new(arena, NS_CLIENT, "message");
	struct str out = { 0 };

	xml_add_text(arena, el, NULL, "body", "hi");
	xml_add(arena, el, NS_MUC_USER, "x");
	xml_print_start(&out, el, NS_COMPONENT);
	xml_print_attr(&out, "to", "o'neill@m");
	xml_print_rest(&out, el);
	assert_string_equal(out.data,
		"<message xmlns='jabber:client' to='o&apos;neill@m'>"
		"<body>hi</body>"
		"<x xmlns='http://jabber.org/protocol/muc#user'/>"
		"</message>");

	str_clear(&out);
	el = xml_new(arena, NS_CLIENT, "presence");
	xml_print_start(&out, el, NS_CLIENT);
	xml_print_attr(&out, "to", "a");
	xml_print_rest(&out, el);
	assert_string_equal(out.data, "<presence to='a'/>");
	str_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_and_drops),
		cmocka_unit_test(sees_every_byte_at_every_place),
		BED_ARENA_TEST(writes_namespaces_where_they_change),
		BED_ARENA_TEST(writes_foreign_attributes_with_prefixes),
		BED_ARENA_TEST(writes_the_xml_namespace_by_its_prefix),
		BED_ARENA_TEST(text_nodes_end_where_they_end),
		BED_ARENA_TEST(leaves_the_start_tag_open),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("xml_print", tests, NULL, NULL);
}
