#include "shared/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/xml.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Attributes with a prefix that one element may have. */
#define FOREIGN 64
/* Text whose storage is kept for the next tree. */
#define KEPT 65536

struct fixture {
	struct tree tree;
	struct arena *arena;
	struct error err;
};

static int
setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	fixture.arena = arena_new();
	fixture.tree.max_nodes = 100;
	tree_begin(&fixture.tree, fixture.arena);
	*state = &fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tree_fini(&f->tree);
	arena_free(&f->arena);
	return 0;
}

/* What ends the arguments of open_with(). */
#define END ((const char *)NULL)

/* Opens an element with the attributes that follow, names and values. */
static int
open_with(struct fixture *f, unsigned depth, const char *written, ...)
{
	const char *attrs[2 * FOREIGN];
	size_t count = 0;
	va_list args;

	va_start(args, written);
	do
		attrs[count] = va_arg(args, const char *);
	while (attrs[count++] != NULL);
	va_end(args);
	return tree_open(&f->tree, depth, written, attrs, &f->err);
}

static void
add_text(struct fixture *f, const char *text)
{
	tree_add_text(&f->tree, text, strlen(text));
}

static void
close_element(struct fixture *f, unsigned depth)
{
	assert_int_equal(tree_close(&f->tree, &f->err), 0);
	scope_leave(&f->tree.scope, depth);
}

static void
assert_tree(struct fixture *f, const char *expected)
{
	struct str out = { 0 };

	xml_print(&out, f->tree.root, NULL);
	assert_string_equal(out.data, expected);
	str_fini(&out);
}

static void
builds_what_was_written(void **state)
{
	struct fixture *f = *state;
	char text[] = "one", value[] = "v", name[] = "a";

	assert_null(f->tree.root);
	assert_int_equal(open_with(f, 1, name, "xmlns", "urn:a", "x", value,
				   "y", "", END), 0);
	add_text(f, text);
	add_text(f, " & two");
	assert_int_equal(open_with(f, 2, "p:b", "p:z", "1",
				   "xmlns:p", "urn:p", END), 0);
	assert_ptr_equal(f->tree.el->parent, f->tree.root);
	close_element(f, 2);
	add_text(f, "three");
	assert_int_equal(open_with(f, 2, "c", END), 0);
	close_element(f, 2);
	assert_ptr_equal(f->tree.el, f->tree.root);
	close_element(f, 1);
	assert_null(f->tree.el);

	/* All of it is copied. */
	memset(text, 'T', 3);
	value[0] = 'V';
	name[0] = 'N';
	assert_tree(f, "<a xmlns='urn:a' x='v' y=''>one &amp; two"
		    "<b xmlns='urn:p' xmlns:a0='urn:p' a0:z='1'/>three"
		    "<c/></a>");
	assert_int_equal(f->tree.nodes, 10);
}

/* The text between two tags is one node, however it came. */
static void
joins_text(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_with(f, 1, "a", END), 0);
	tree_add_text(&f->tree, "abc", 2);
	tree_add_text(&f->tree, "", 0);
	add_text(f, "\xc3");
	add_text(f, "\xa9");
	close_element(f, 1);
	assert_string_equal(f->tree.root->first->text, "ab\xc3\xa9");
	assert_ptr_equal(f->tree.root->first, f->tree.root->last);
	assert_int_equal(f->tree.nodes, 2);
}

/* Two attributes of one element, in which p and q are the same namespace
   and r is another. */
static const struct {
	const char *one, *two;
	enum error_cond cond;	/* ERROR_NONE: accepted */
} pairs[] = {
	{ "n", "p:n", ERROR_NONE },
	{ "p:n", "p:m", ERROR_NONE },
	{ "p:n", "q:m", ERROR_NONE },
	{ "p:n", "r:n", ERROR_NONE },
	{ "p:n", "xml:n", ERROR_NONE },
	{ "p:n", "q:N", ERROR_NONE },
	{ "p:n", "q:n", ERROR_BAD_REQUEST },
	{ "q:n", "p:n", ERROR_BAD_REQUEST },
	{ "xml:lang", "xml:lang", ERROR_BAD_REQUEST },
	{ "n", "s:n", ERROR_BAD_REQUEST },
	{ "n", "p:", ERROR_BAD_REQUEST },
	{ "n", ":n", ERROR_BAD_REQUEST },
	{ "n", "p:n:m", ERROR_BAD_REQUEST },
};

static void
compares_attributes_by_namespace(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		int ret;

		scope_leave(&f->tree.scope, 1);
		tree_begin(&f->tree, f->arena);
		f->err = (struct error){ 0 };
		ret = open_with(f, 1, "a", pairs[i].one, "1", "xmlns:p",
				"urn:p", "xmlns:q", "urn:p", "xmlns:r",
				"urn:r", pairs[i].two, "2", END);
		assert_int_equal(ret, pairs[i].cond == ERROR_NONE ? 0 : 1);
		assert_int_equal(f->err.cond, pairs[i].cond);
		/* The other one can still be told. */
		assert_string_equal(f->tree.root->attrs->value, "1");
	}
}

static void
leaves_out_what_is_at_fault(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_with(f, 1, "a", "xmlns:p", "", "p:x", "1",
				   "xml:lang", "en", "y", "2", END), 1);
	add_text(f, "one");
	assert_int_equal(open_with(f, 2, "p:b", "z", "3", END), -1);
	scope_leave(&f->tree.scope, 2);
	add_text(f, "two");
	assert_int_equal(tree_end_text(&f->tree, &f->err), 0);
	assert_int_equal(open_with(f, 2, "c", "xmlns", XML_NS, END), -1);
	scope_leave(&f->tree.scope, 2);
	f->tree.max_nodes = f->tree.nodes + 1;
	assert_int_equal(open_with(f, 2, "d", END), 0);
	add_text(f, "three");
	assert_int_equal(tree_close(&f->tree, &f->err), -1);
	assert_ptr_equal(f->tree.el, f->tree.root);
	assert_int_equal(open_with(f, 2, "e", END), -1);
	close_element(f, 1);
	assert_tree(f, "<a xmlns='' y='2'>onetwo<d/></a>");
}

static int
open_foreign(struct fixture *f, size_t count)
{
	const char *attrs[2 * (FOREIGN + 1) + 3] = { "xmlns:p", "urn:p" };

	for (size_t i = 0; i < count; i++) {
		attrs[2 * i + 2] = arena_printf(f->arena, "p:n%zu", i);
		attrs[2 * i + 3] = "";
	}
	return tree_open(&f->tree, 1, "a", attrs, &f->err);
}

static void
attributes_with_prefixes_are_few(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_foreign(f, FOREIGN), 0);
	scope_leave(&f->tree.scope, 1);
	tree_begin(&f->tree, f->arena);
	assert_int_equal(open_foreign(f, FOREIGN + 1), 1);
	assert_int_equal(f->err.cond, ERROR_POLICY_VIOLATION);
	assert_string_equal(f->err.text,
			    "more than 64 attributes with a prefix");
}

static int
build_seven(struct fixture *f)
{
	if (open_with(f, 1, "a", "x", "1", "xmlns", "urn:a", END) != 0)
		return -1;
	add_text(f, "text");
	if (open_with(f, 2, "b", "y", "2", END) != 0)
		return -1;
	add_text(f, "more");
	return tree_close(&f->tree, &f->err);
}

/* Elements, attributes, declarations and texts count alike. */
static void
nodes_are_limited(void **state)
{
	struct fixture *f = *state;

	for (unsigned max = 0; max < 9; max++) {
		scope_leave(&f->tree.scope, 1);
		f->tree.max_nodes = max;
		tree_begin(&f->tree, f->arena);
		f->err = (struct error){ 0 };
		assert_int_equal(build_seven(f), max < 7 ? -1 : 0);
		assert_int_equal(f->err.cond, max < 7 ?
				 ERROR_POLICY_VIOLATION : ERROR_NONE);
		assert_int_equal(f->tree.nodes, max < 7 ? max : 7);
	}
}

/* As a stream's header does: what it declares stays in force for all the
   stanzas in it, each of which has an arena of its own. */
static void
namespaces_outlive_the_tree(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_with(f, 1, "s:stream", "xmlns", "urn:d",
				   "xmlns:s", "urn:s", END), 0);
	for (int i = 0; i < 3; i++) {
		struct arena *arena = arena_new();

		tree_begin(&f->tree, arena);
		assert_null(f->tree.root);
		assert_int_equal(f->tree.nodes, 0);
		assert_int_equal(open_with(f, 2, "a", "s:n", "1", END), 0);
		close_element(f, 2);
		assert_tree(f, "<a xmlns='urn:d' xmlns:a0='urn:s'"
			    " a0:n='1'/>");
		arena_free(&arena);
	}
}

static void
forgets_the_text_of_an_unfinished_tree(void **state)
{
	struct fixture *f = *state;

	for (size_t size = 1; size <= 4 * KEPT; size *= 4) {
		assert_int_equal(open_with(f, 1, "a", END), 0);
		for (size_t i = 0; i < size; i++)
			tree_add_text(&f->tree, "x", 1);
		tree_begin(&f->tree, f->arena);
		assert_true(f->tree.text.size <= KEPT);
		assert_int_equal(open_with(f, 1, "b", END), 0);
		close_element(f, 1);
		assert_tree(f, "<b xmlns=''/>");
		tree_begin(&f->tree, f->arena);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(builds_what_was_written),
		TEST(joins_text),
		TEST(compares_attributes_by_namespace),
		TEST(leaves_out_what_is_at_fault),
		TEST(attributes_with_prefixes_are_few),
		TEST(nodes_are_limited),
		TEST(namespaces_outlive_the_tree),
		TEST(forgets_the_text_of_an_unfinished_tree),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
