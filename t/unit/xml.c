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

/* <message to='r@m'><body>hi</body><x xmlns='muc#user'/><body/></message> */
static struct xml *
make_message(struct arena *arena)
{
	struct xml *el = xml_new(arena, NS_CLIENT, "message");

	xml_set(arena, el, "to", "r@m");
	xml_add_text(arena, el, NULL, "body", "hi");
	xml_add(arena, el, NS_MUC_USER, "x");
	xml_add(arena, el, NULL, "body");
	return el;
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

static void
finds_children(void **state)
{
	struct xml *el = make_message(*state), *body, *x;

	body = xml_child(el, NS_CLIENT, "body");
	assert_ptr_equal(body, el->first);
	assert_ptr_equal(xml_child(el, NULL, NULL), body);
	x = xml_child(el, NS_MUC_USER, NULL);
	assert_string_equal(x->name, "x");
	assert_null(xml_child(el, NS_CLIENT, "x"));
	assert_null(xml_child(el, NS_MUC, NULL));
	assert_ptr_equal(xml_next(body, NS_CLIENT, "body"), el->last);
	assert_ptr_equal(xml_next(body, NULL, NULL), x);
	assert_null(xml_next(el->last, NULL, NULL));
	assert_null(xml_child(x, NULL, NULL));
}

static void
reads_nothing_from_nothing(void **state)
{
	struct xml *text;

	assert_false(xml_is(NULL, NULL, NULL));
	assert_null(xml_child(NULL, NULL, NULL));
	assert_null(xml_next(NULL, NULL, NULL));
	assert_null(xml_attr(NULL, "to"));
	assert_null(xml_lang(NULL));
	assert_string_equal(xml_text(*state, NULL), "");
	assert_null(xml_child_text(*state, NULL, NULL, "body"));

	text = make_message(*state)->first->first;
	assert_false(xml_is(text, NULL, NULL));
	assert_null(xml_child(text->parent, NULL, NULL));
}

/* x:from is not from, whatever x stands for. */
static void
keeps_attributes_of_namespaces_apart(void **state)
{
	struct arena *arena = *state;
	struct xml *el = xml_new(arena, NS_CLIENT, "message");

	add_foreign(arena, el, NS_CLIENT, "from", "owner@m");
	assert_null(xml_attr(el, "from"));
	xml_set(arena, el, "from", "a@m");
	assert_string_equal(xml_attr(el, "from"), "a@m");
	xml_set(arena, el, "from", NULL);
	assert_null(xml_attr(el, "from"));
	assert_string_equal(el->attrs->value, "owner@m");

	xml_set(arena, el, "lang", "de");
	assert_null(xml_lang(el));
	xml_set_lang(arena, el, "en");
	assert_string_equal(xml_lang(el), "en");
	assert_string_equal(xml_attr(el, "lang"), "de");
	xml_set_lang(arena, el, NULL);
	assert_null(xml_lang(el));
}

static void
sets_replaces_and_removes(void **state)
{
	struct arena *arena = *state;
	struct xml *el = xml_new(arena, NS_CLIENT, "iq");

	xml_set(arena, el, "to", "a");
	xml_set(arena, el, "id", "1");
	xml_set(arena, el, "type", "get");
	xml_set(arena, el, "id", "2");
	expect_print(el, NS_CLIENT, "<iq to='a' id='2' type='get'/>");
	xml_set(arena, el, "to", NULL);
	xml_set(arena, el, "none", NULL);
	assert_ptr_equal(xml_set(arena, el, "type", NULL), el);
	expect_print(el, NS_CLIENT, "<iq id='2'/>");
	xml_set(arena, el, "to", "");
	assert_string_equal(xml_attr(el, "to"), "");
}

static void
gathers_text(void **state)
{
	struct arena *arena = *state;
	struct xml *el = xml_new(arena, NS_CLIENT, "body");

	assert_string_equal(xml_text(arena, el), "");
	xml_put_text(arena, el, "");
	assert_null(el->first);
	xml_put_text(arena, el, "one ");
	assert_string_equal(xml_text(arena, el), "one ");
	xml_add_text(arena, el, NULL, "b", "two");
	xml_put_text(arena, el, "three");
	assert_string_equal(xml_text(arena, el), "one three");
	assert_string_equal(xml_child_text(arena, el, NULL, "b"), "two");
	assert_null(xml_child_text(arena, el, NULL, "c"));
}

static void
removes_first_middle_and_last(void **state)
{
	struct xml *el = make_message(*state);
	struct xml *body = el->first, *x = body->next;

	xml_remove(x);
	assert_null(x->parent);
	expect_print(el, NS_CLIENT,
		     "<message to='r@m'><body>hi</body><body/></message>");
	xml_remove(x);
	xml_append(el, x);
	assert_ptr_equal(el->last, x);
	xml_remove(x);
	assert_ptr_equal(el->last, body->next);
	xml_remove(body);
	assert_ptr_equal(el->first, el->last);
	xml_remove(el->first);
	assert_null(el->first);
	assert_null(el->last);
	expect_print(el, NS_CLIENT, "<message to='r@m'/>");
}

static void
copies_share_nothing(void **state)
{
	struct arena *from = arena_new();
	struct xml *el = make_message(from), *copy;

	xml_set_lang(from, el, arena_strdup(from, "de"));
	el->ns = arena_strdup(from, NS_CLIENT);
	copy = xml_copy(*state, el);
	arena_free(&from);
	assert_null(copy->parent);
	expect_print(copy, NS_CLIENT,
		     "<message to='r@m' xml:lang='de'><body>hi</body>"
		     "<x xmlns='http://jabber.org/protocol/muc#user'/>"
		     "<body/></message>");
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

static void
leaves_the_start_tag_open(void **state)
{
	struct arena *arena = *state;
	struct xml *el = make_message(arena);
	struct str out = { 0 };

	xml_set(arena, el, "to", NULL);
	xml_print_start(&out, el, NS_COMPONENT);
	xml_print_attr(&out, "to", "o'neill@m");
	xml_print_rest(&out, el);
	assert_string_equal(out.data,
		"<message xmlns='jabber:client' to='o&apos;neill@m'>"
		"<body>hi</body>"
		"<x xmlns='http://jabber.org/protocol/muc#user'/>"
		"<body/></message>");

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
		BED_ARENA_TEST(finds_children),
		BED_ARENA_TEST(reads_nothing_from_nothing),
		BED_ARENA_TEST(keeps_attributes_of_namespaces_apart),
		BED_ARENA_TEST(sets_replaces_and_removes),
		BED_ARENA_TEST(gathers_text),
		BED_ARENA_TEST(removes_first_middle_and_last),
		BED_ARENA_TEST(copies_share_nothing),
		BED_ARENA_TEST(escapes_and_drops),
		BED_ARENA_TEST(writes_namespaces_where_they_change),
		BED_ARENA_TEST(writes_foreign_attributes_with_prefixes),
		BED_ARENA_TEST(writes_the_xml_namespace_by_its_prefix),
		BED_ARENA_TEST(leaves_the_start_tag_open),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
