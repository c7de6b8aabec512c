#include "shared/archive_rest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

/* What each counts for. */
static const struct {
	const char *text;
	size_t bytes;
} cases[] = {
	{ "<m/>", 6 },
	{ "<m>four</m>", 10 },
	{ "<m>&quot;&lt;</m>", 8 },
	{ "<m a='b'><n cd='ef'/>g</m>", 6 + 6 + 6 + 8 + 1 },
	/* Each namespace as often as it was declared. */
	{ "<m xmlns='urn:x'><n/><n><n/></n></m>", 6 + 3 * 6 + 5 },
	{ "<m xmlns='urn:x'><n xmlns='urn:x'/></m>", 2 * 6 + 2 * 5 },
	{ "<x:m xmlns:x='urn:x' xmlns:y='urn:yy'><y:n/><x:n/><y:n x:a='b'/>"
	  "</x:m>", 4 * 6 + 6 + 5 + 6 },
};

static void
compares_with_what_came(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xml *el = bed_xml(*state, "", cases[i].text);
		size_t most = ARCHIVE_REST_FREE_BYTES + ARCHIVE_REST_GROWTH *
			      (cases[i].bytes + 1);

		assert_true(archive_rest_is_fair(el, most - 1));
		assert_false(archive_rest_is_fair(el, most));
		assert_true(archive_rest_is_fair(el, 0));
	}
}

/* Each element but the outermost has that many declarations. */
static bool
is_readable(struct arena *arena, unsigned depth, const char *attributes)
{
	struct str text = { 0 };
	struct xml *el;

	str_addz(&text, "<m xmlns='urn:x'>");
	for (unsigned i = 0; i < depth; i++)
		str_addf(&text, "<n xmlns='urn:%u' xmlns:z='urn:z'%s>", i,
			 attributes);
	for (unsigned i = 0; i < depth; i++)
		str_addz(&text, "</n>");
	str_addz(&text, "<n xmlns='urn:y'/></m>");
	el = bed_xml(arena, "", text.data);
	str_fini(&text);
	return archive_rest_is_readable(el);
}

static void
counts_what_is_in_force(void **state)
{
	assert_true(is_readable(*state, 0, ""));
	assert_true(is_readable(*state, 31, " a='b' xml:lang='en'"));
	assert_true(is_readable(*state, 31, " z:a='b'"));
	assert_false(is_readable(*state, 31, " z:a='b' z:b=''"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(counts_what_is_in_force),
		BED_ARENA_TEST(compares_with_what_came),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_rest", tests, NULL, NULL);
}
