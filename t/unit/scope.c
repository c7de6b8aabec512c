#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/scope.h"
#include "shared/xml.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define XMLNS_NS "http://www.w3.org/2000/xmlns/"

struct fixture {
	struct scope scope;
	struct arena *arena;
	struct error err;
};

static int
setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	fixture.arena = arena_new();
	scope_set_arena(&fixture.scope, fixture.arena);
	*state = &fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->arena);
	return 0;
}

static int
enter(struct fixture *f, unsigned depth, const char *name, const char *uri)
{
	const char *attrs[] = { "a", "b", name, uri, NULL };

	return scope_enter(&f->scope, depth, attrs, &f->err);
}

static const struct {
	const char *name, *uri;
	enum error_cond cond;	/* ERROR_NONE: accepted */
} declarations[] = {
	{ "xmlns", "urn:a", ERROR_NONE },
	{ "xmlns", "", ERROR_NONE },
	{ "xmlns:p", "urn:a", ERROR_NONE },
	{ "xmlns:_p-1", "urn:a", ERROR_NONE },
	{ "xmlns:xml", XML_NS, ERROR_NONE },
	{ "xmlns:xmlnsx", "urn:a", ERROR_NONE },
	{ "xmlnsx", XML_NS, ERROR_NONE },
	{ "xmlns:p", "", ERROR_BAD_REQUEST },
	{ "xmlns:", "urn:a", ERROR_BAD_REQUEST },
	{ "xmlns:p:q", "urn:a", ERROR_BAD_REQUEST },
	{ "xmlns:1", "urn:a", ERROR_BAD_REQUEST },
	{ "xmlns:-p", "urn:a", ERROR_BAD_REQUEST },
	{ "xmlns:xml", "urn:a", ERROR_BAD_REQUEST },
	{ "xmlns:xml", "", ERROR_BAD_REQUEST },
	{ "xmlns:xmlns", "urn:a", ERROR_BAD_REQUEST },
	{ "xmlns:xmlns", XMLNS_NS, ERROR_BAD_REQUEST },
	{ "xmlns:p", XML_NS, ERROR_BAD_REQUEST },
	{ "xmlns", XML_NS, ERROR_BAD_REQUEST },
	{ "xmlns", XMLNS_NS, ERROR_BAD_REQUEST },
	{ "xmlns:p", XMLNS_NS, ERROR_BAD_REQUEST },
	{ "xmlns:\xc3\xa9", "urn:a", ERROR_POLICY_VIOLATION },
};

static void
accepts_or_refuses_declarations(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(declarations); i++) {
		int ret = enter(f, 1, declarations[i].name,
				declarations[i].uri);

		scope_leave(&f->scope, 1);
		if (declarations[i].cond == ERROR_NONE) {
			assert_int_equal(ret, 0);
			continue;
		}
		/* Without the default one nothing is known. */
		assert_int_equal(ret, strcmp(declarations[i].name, "xmlns") ==
				 0 ? -1 : 1);
		assert_int_equal(f->err.cond, declarations[i].cond);
	}
}

/* With urn:d the default namespace and p standing for urn:p. */
static const struct {
	const char *written;
	const char *ns;		/* of an element */
	const char *attr_ns;
	const char *name;
	enum error_cond cond;
} names[] = {
	{ "a", "urn:d", NULL, "a", ERROR_NONE },
	{ "\xc3\xa9", "urn:d", NULL, "\xc3\xa9", ERROR_NONE },
	{ "p:from", "urn:p", "urn:p", "from", ERROR_NONE },
	{ "xml:lang", XML_NS, XML_NS, "lang", ERROR_NONE },
	{ "q:a", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ "P:a", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ "pp:a", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ "xmlns:a", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ ":a", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ ":", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ "p:", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ "p::a", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ "p:a:b", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ "p:1", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ "p:.", NULL, NULL, NULL, ERROR_BAD_REQUEST },
	{ "p:\xc2\xb7", NULL, NULL, NULL, ERROR_POLICY_VIOLATION },
};

static void
resolves_names(void **state)
{
	struct fixture *f = *state;
	const char *ns, *name;

	assert_int_equal(enter(f, 1, "xmlns", "urn:d"), 0);
	assert_int_equal(enter(f, 1, "xmlns:p", "urn:p"), 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		int ret = scope_element(&f->scope, names[i].written, &ns,
					&name, &f->err);

		if (names[i].cond != ERROR_NONE) {
			assert_int_equal(ret, -1);
			assert_int_equal(f->err.cond, names[i].cond);
			assert_int_equal(scope_attr(&f->scope,
						    names[i].written, &ns,
						    &name, &f->err), -1);
			continue;
		}
		assert_int_equal(ret, 0);
		assert_string_equal(ns, names[i].ns);
		assert_string_equal(name, names[i].name);
		assert_int_equal(scope_attr(&f->scope, names[i].written, &ns,
					    &name, &f->err), 0);
		if (names[i].attr_ns == NULL)
			assert_null(ns);
		else
			assert_string_equal(ns, names[i].attr_ns);
		assert_string_equal(name, names[i].name);
	}
}

static void
expect_ns(struct fixture *f, const char *written, const char *want)
{
	const char *ns, *name;

	assert_int_equal(scope_element(&f->scope, written, &ns, &name,
				       &f->err), 0);
	assert_string_equal(ns, want);
}

static void
inner_declarations_hide_outer_ones(void **state)
{
	struct fixture *f = *state;
	const char *ns, *name;

	expect_ns(f, "a", "");
	assert_int_equal(enter(f, 1, "xmlns", "urn:1"), 0);
	assert_int_equal(enter(f, 1, "xmlns:p", "urn:p1"), 0);
	assert_int_equal(enter(f, 2, "xmlns", ""), 0);
	assert_int_equal(enter(f, 4, "xmlns:p", "urn:p4"), 0);
	expect_ns(f, "a", "");
	expect_ns(f, "p:a", "urn:p4");
	scope_leave(&f->scope, 3);
	expect_ns(f, "a", "");
	expect_ns(f, "p:a", "urn:p1");
	scope_leave(&f->scope, 2);
	expect_ns(f, "a", "urn:1");
	scope_leave(&f->scope, 1);
	expect_ns(f, "a", "");
	assert_int_equal(scope_element(&f->scope, "p:a", &ns, &name,
				       &f->err), -1);
}

/* One arena a stanza: the stream's namespace is copied into each, once. */
static void
names_live_in_the_present_arena(void **state)
{
	struct fixture *f = *state;
	struct arena *stanza = arena_new();
	const char *outside, *first, *again, *name;

	assert_int_equal(enter(f, 1, "xmlns", "urn:d"), 0);
	assert_int_equal(scope_element(&f->scope, "a", &outside, &name,
				       &f->err), 0);
	scope_set_arena(&f->scope, stanza);
	assert_int_equal(scope_element(&f->scope, "a", &first, &name,
				       &f->err), 0);
	assert_int_equal(scope_element(&f->scope, "b", &again, &name,
				       &f->err), 0);
	assert_ptr_equal(first, again);
	assert_ptr_not_equal(first, outside);
	arena_free(&stanza);

	stanza = arena_new();
	scope_set_arena(&f->scope, stanza);
	expect_ns(f, "a", "urn:d");
	arena_free(&stanza);
}

static void
limits_declarations(void **state)
{
	char uri[SCOPE_URI_MAX + 2];
	struct fixture *f = *state;

	memset(uri, 'u', sizeof(uri));
	uri[SCOPE_URI_MAX] = '\0';
	for (unsigned i = 0; i < SCOPE_MAX; i++)
		assert_int_equal(enter(f, i, "xmlns", uri), 0);
	assert_int_equal(enter(f, SCOPE_MAX, "xmlns", "urn:a"), -1);
	assert_int_equal(f->err.cond, ERROR_POLICY_VIOLATION);

	scope_leave(&f->scope, 0);
	uri[SCOPE_URI_MAX] = 'u';
	uri[SCOPE_URI_MAX + 1] = '\0';
	assert_int_equal(enter(f, 1, "xmlns", uri), -1);
	assert_int_equal(f->err.cond, ERROR_POLICY_VIOLATION);
}

/* However many prefixes come before the default one, and whatever is wrong
   with some of them. */
static void
declares_what_it_can(void **state)
{
	const char *attrs[2 * SCOPE_MAX + 7] = { "xmlns:a", "", "a", "1" };
	struct fixture *f = *state;
	size_t count = 4;

	for (; count < 2 * SCOPE_MAX + 4; count += 2) {
		attrs[count] = "xmlns:p";
		attrs[count + 1] = "urn:p";
	}
	attrs[count] = "xmlns";
	attrs[count + 1] = "urn:d";
	assert_int_equal(scope_enter(&f->scope, 1, attrs, &f->err), 1);
	assert_int_equal(f->err.cond, ERROR_POLICY_VIOLATION);
	expect_ns(f, "b", "urn:d");
	expect_ns(f, "p:b", "urn:p");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			accepts_or_refuses_declarations, setup, teardown),
		cmocka_unit_test_setup_teardown(resolves_names, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			inner_declarations_hide_outer_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(
			names_live_in_the_present_arena, setup, teardown),
		cmocka_unit_test_setup_teardown(limits_declarations, setup,
						teardown),
		cmocka_unit_test_setup_teardown(declares_what_it_can, setup,
						teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
