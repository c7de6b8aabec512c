#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/parser.h"
#include "shared/rsm.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define LIMIT 50

#define SET(text) \
	"<q xmlns='x'><set xmlns='http://jabber.org/protocol/rsm'>" text \
	"</set></q>"

static const struct {
	const char *text;
	struct rsm rsm;
} cases[] = {
	{ "<q xmlns='x'/>", { .mode = RSM_NONE, .max = LIMIT } },
	{ "<q xmlns='x'><set><max>1</max></set></q>",
	  { .mode = RSM_NONE, .max = LIMIT } },
	{ SET(""), { .mode = RSM_FIRST, .max = LIMIT } },
	{ SET("<max>10</max>"), { .mode = RSM_FIRST, .max = 10 } },
	{ SET("<max>50</max>"), { .mode = RSM_FIRST, .max = 50 } },
	{ SET("<max>51</max>"), { .mode = RSM_FIRST, .max = LIMIT } },
	{ SET("<max>2147483647</max>"),
	  { .mode = RSM_FIRST, .max = LIMIT } },
	{ SET("<max>0</max>"),
	  { .mode = RSM_FIRST, .max = 0, .count_only = true } },
	{ SET("<max>10</max><after>id 1</after>"),
	  { .mode = RSM_AFTER, .item = "id 1", .max = 10 } },
	{ SET("<after/>"), { .mode = RSM_FIRST, .max = LIMIT } },
	{ SET("<before>id</before><max>2</max>"),
	  { .mode = RSM_BEFORE, .item = "id", .max = 2 } },
	{ SET("<before/>"), { .mode = RSM_LAST, .max = LIMIT } },
	{ SET("<before></before><max>7</max>"),
	  { .mode = RSM_LAST, .max = 7 } },
	{ SET("<index>371</index><max>10</max>"),
	  { .mode = RSM_INDEX, .index = 371, .max = 10 } },
	{ SET("<index>0</index>"), { .mode = RSM_INDEX, .max = LIMIT } },
	{ SET("<max xmlns='other'>no</max>"),
	  { .mode = RSM_FIRST, .max = LIMIT } },
};

static int
parse(struct arena *arena, const char *text, struct rsm *rsm_r,
      struct error *err)
{
	struct xml *el;

	assert_int_equal(parser_document(arena, text, strlen(text),
					 &parser_limits_default, &el, err),
			 0);
	return rsm_parse(arena, el, LIMIT, rsm_r, err);
}

static void
reads_requests(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct rsm *expected = &cases[i].rsm;
		struct rsm rsm;
		struct error err;

		assert_int_equal(parse(*state, cases[i].text, &rsm, &err), 0);
		assert_int_equal(rsm.mode, expected->mode);
		assert_int_equal(rsm.max, expected->max);
		assert_int_equal(rsm.index, expected->index);
		assert_int_equal(rsm.count_only, expected->count_only);
		if (expected->item == NULL)
			assert_null(rsm.item);
		else
			assert_string_equal(rsm.item, expected->item);
	}
}

static void
refuses(void **state)
{
	static const char *const texts[] = {
		SET("<max/>"),
		SET("<max> 10</max>"),
		SET("<max>10 </max>"),
		SET("<max>-1</max>"),
		SET("<max>+1</max>"),
		SET("<max>1.5</max>"),
		SET("<max>0x10</max>"),
		SET("<max>ten</max>"),
		SET("<max>2147483648</max>"),
		SET("<max>18446744073709551616</max>"),
		SET("<index/>"),
		SET("<index>-1</index>"),
		SET("<index>99999999999999999999999</index>"),
		SET("<after>a</after><before>b</before>"),
		SET("<after>a</after><before/>"),
		SET("<after/><before/>"),
		SET("<index>1</index><after>a</after>"),
		SET("<index>1</index><before/>"),
		SET("<index>1</index><after/><before/>"),
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct rsm rsm;
		struct error err = { 0 };

		assert_int_equal(parse(*state, texts[i], &rsm, &err), -1);
		assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	}
}

static const struct {
	enum rsm_mode mode;
	size_t items;
	long count;
	bool complete;
	long index;
} places[] = {
	{ RSM_NONE,	10,	-1,	false,	0 },
	{ RSM_NONE,	10,	10,	true,	0 },
	{ RSM_FIRST,	10,	800,	false,	0 },
	{ RSM_FIRST,	10,	10,	true,	0 },
	{ RSM_AFTER,	10,	800,	false,	-1 },
	{ RSM_AFTER,	10,	800,	true,	790 },
	{ RSM_AFTER,	10,	-1,	true,	-1 },
	{ RSM_AFTER,	1,	1,	true,	0 },
	{ RSM_BEFORE,	10,	800,	false,	-1 },
	{ RSM_BEFORE,	10,	800,	true,	0 },
	{ RSM_BEFORE,	10,	-1,	true,	0 },
	{ RSM_LAST,	10,	800,	false,	-1 },
	{ RSM_LAST,	10,	-1,	false,	-1 },
	{ RSM_LAST,	10,	-1,	true,	0 },
	{ RSM_LAST,	10,	10,	true,	0 },
	{ RSM_INDEX,	10,	800,	false,	371 },
	{ RSM_INDEX,	10,	-1,	true,	371 },
};

static void
tells_where_a_page_begins(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct rsm rsm = { .mode = places[i].mode, .index = 371 };
		long index = rsm_index(&rsm, places[i].items,
				       places[i].count, places[i].complete);

		if (index != places[i].index)
			fail_msg("place %zu: %ld", i, index);
	}
}

static const struct {
	struct rsm_page page;
	const char *text;
} pages[] = {
	{ { .first = "a", .last = "b<", .index = 10, .count = 800 },
	  SET("<first index='10'>a</first><last>b&lt;</last>"
	      "<count>800</count>") },
	{ { .first = "a", .last = "a", .index = 0, .count = 1 },
	  SET("<first index='0'>a</first><last>a</last>"
	      "<count>1</count>") },
	{ { .first = "a", .last = "b", .index = -1, .count = -1 },
	  SET("<first>a</first><last>b</last>") },
	{ { .first = NULL, .last = NULL, .index = 5, .count = 790 },
	  SET("<count>790</count>") },
	{ { .first = NULL, .last = NULL, .index = -1, .count = 0 },
	  SET("<count>0</count>") },
	{ { .first = NULL, .last = NULL, .index = -1, .count = -1 },
	  "<q xmlns='x'><set xmlns='http://jabber.org/protocol/rsm'/></q>" },
};

static void
writes_pages(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct xml *el = xml_new(*state, "x", "q");
		struct str out = { 0 };

		rsm_add(*state, el, &pages[i].page);
		xml_print(&out, el, "");
		assert_string_equal(out.data, pages[i].text);
		str_fini(&out);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(reads_requests),
		BED_ARENA_TEST(refuses),
		cmocka_unit_test(tells_where_a_page_begins),
		BED_ARENA_TEST(writes_pages),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rsm", tests, NULL, NULL);
}
