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
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
