#include "shared/mam_query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/mam_offer.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define MAX 50

#define QUERY(attrs, inner) \
	"<query xmlns='urn:xmpp:mam:2'" attrs ">" inner "</query>"
#define SET(inner) "<set xmlns='http://jabber.org/protocol/rsm'>" inner "</set>"
#define FORM(fields) \
	"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>" \
	"<value>urn:xmpp:mam:2</value></field>" fields "</x>"
#define WITH(jid) \
	FORM("<field var='with'><value>" jid "</value></field>")

static const struct mam_offer least = { .max = MAX };
static const struct mam_offer indexed = { .max = MAX, .index = true };

static const struct {
	const char *text;
	const char *queryid, *with;
	struct rsm rsm;
	bool flip;
} cases[] = {
	{ QUERY("", ""), .rsm = { RSM_NONE, .max = MAX } },
	{ QUERY(" queryid='f27'", ""), .queryid = "f27",
	  .rsm = { RSM_NONE, .max = MAX } },
	{ QUERY(" queryid=''", ""), .queryid = "",
	  .rsm = { RSM_NONE, .max = MAX } },
	{ QUERY(" node=''", ""), .rsm = { RSM_NONE, .max = MAX } },
	{ QUERY("", WITH("a@b")), .with = "a@b",
	  .rsm = { RSM_NONE, .max = MAX } },
	{ QUERY("", SET("<max>10</max>")), .rsm = { RSM_FIRST, .max = 10 } },
	{ QUERY("", SET("<max>1000</max>")),
	  .rsm = { RSM_FIRST, .max = MAX } },
	{ QUERY("", SET("<max>0</max>")),
	  .rsm = { RSM_FIRST, .max = 0, .count_only = true } },
	{ QUERY("", SET("<max>10</max><after>09af3-cc343-b409f</after>")),
	  .rsm = { RSM_AFTER, .item = "09af3-cc343-b409f", .max = 10 } },
	{ QUERY("", SET("<before>09af3</before>")),
	  .rsm = { RSM_BEFORE, .item = "09af3", .max = MAX } },
	{ QUERY("", SET("<max>10</max><before/>")),
	  .rsm = { RSM_LAST, .max = 10 } },
	{ QUERY("", "<flip-page/>"), .rsm = { RSM_NONE, .max = MAX },
	  .flip = true },
	{ QUERY("", "<flip-page xmlns='urn:other'/>"),
	  .rsm = { RSM_NONE, .max = MAX } },
	/* What it does not know is left for others to mean something by. */
	{ QUERY("", "<x xmlns='urn:other'/><with>a@b</with>text"),
	  .rsm = { RSM_NONE, .max = MAX } },
	{ QUERY(" queryid='1'", SET("<max>10</max><after>a</after>")
		"<flip-page/>" WITH("a@b/c")), .queryid = "1",
	  .with = "a@b/c", .rsm = { RSM_AFTER, .item = "a", .max = 10 },
	  .flip = true },
};

static void
assert_text(const char *text, const char *expected)
{
	if (expected == NULL)
		assert_null(text);
	else
		assert_string_equal(text, expected);
}

static void
assert_rsm(const struct rsm *rsm, const struct rsm *expected)
{
	assert_int_equal(rsm->mode, expected->mode);
	assert_text(rsm->item, expected->item);
	assert_int_equal(rsm->index, expected->index);
	assert_int_equal(rsm->max, expected->max);
	assert_int_equal(rsm->count_only, expected->count_only);
}

static void
reads_queries(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct xml *el = bed_xml(*state, "", cases[i].text);
		struct mam_query query;
		struct error err = { 0 };

		if (mam_query_parse(*state, el, &least, &query, &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_text(query.queryid, cases[i].queryid);
		assert_text(query.filter.with != NULL ?
			    query.filter.with->full : NULL, cases[i].with);
		assert_true(query.filter.end == INT64_MAX);
		assert_rsm(&query.rsm, &cases[i].rsm);
		assert_int_equal(query.flip, cases[i].flip);
	}
}

static void
pages_by_index_where_offered(void **state)
{
	static const struct rsm expected = {
		.mode = RSM_INDEX, .index = 371, .max = 10,
	};
	struct xml *el = bed_xml(*state, "", QUERY("", SET(
		"<max>10</max><index>371</index>")));
	struct mam_query query;
	struct error err = { 0 };

	assert_int_equal(mam_query_parse(*state, el, &indexed, &query, &err),
			 0);
	assert_rsm(&query.rsm, &expected);
	assert_int_equal(mam_query_parse(*state, el, &least, &query, &err),
			 -1);
	assert_int_equal(err.cond, ERROR_FEATURE_NOT_IMPLEMENTED);
}

static const struct {
	const char *text;
	enum error_cond cond;
} bad[] = {
	{ QUERY(" node='fdp/submitted'", ""), ERROR_ITEM_NOT_FOUND },
	{ QUERY("", FORM("") FORM("")), ERROR_BAD_REQUEST },
	{ QUERY("", FORM("") WITH("a@b")), ERROR_BAD_REQUEST },
	{ QUERY("", SET("") SET("")), ERROR_BAD_REQUEST },
	{ QUERY("", SET("<max>ten</max>")), ERROR_BAD_REQUEST },
	{ QUERY("", SET("<after>a</after><before>b</before>")),
	  ERROR_BAD_REQUEST },
	{ QUERY("", SET("<index>-1</index>")), ERROR_BAD_REQUEST },
	{ QUERY("", WITH("@")), ERROR_JID_MALFORMED },
	{ QUERY("", FORM("<field var='x'/>")),
	  ERROR_FEATURE_NOT_IMPLEMENTED },
	{ QUERY("", "<x xmlns='jabber:x:data' type='cancel'/>"),
	  ERROR_BAD_REQUEST },
};

static void
refuses(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct xml *el = bed_xml(*state, "", bad[i].text);
		struct mam_query query;
		struct error err = { 0 };

		if (mam_query_parse(*state, el, &least, &query, &err) == 0)
			fail_msg("%s", bad[i].text);
		if (err.cond != bad[i].cond)
			fail_msg("%s: %s", bad[i].text,
				 error_cond_name(err.cond));
	}
}

/* The query with that many bytes in place of the @. */
static const struct {
	const char *text;
	int bytes;
	enum error_cond cond;
} limits[] = {
	{ QUERY(" queryid='@'", ""), 255, ERROR_NONE },
	{ QUERY(" queryid='@'", ""), 256, ERROR_POLICY_VIOLATION },
	{ QUERY("", SET("<after>@</after>")), 255, ERROR_NONE },
	{ QUERY("", SET("<after>@</after>")), 256, ERROR_ITEM_NOT_FOUND },
	{ QUERY("", SET("<before>@</before>")), 255, ERROR_NONE },
	{ QUERY("", SET("<before>@</before>")), 256,
	  ERROR_ITEM_NOT_FOUND },
};

static struct xml *
fill(struct arena *arena, const char *text, int bytes)
{
	const char *gap = strchr(text, '@');

	return bed_xml(arena, "", arena_printf(arena, "%.*s%0*d%s",
					       (int)(gap - text), text, bytes,
					       0, gap + 1));
}

static void
is_bounded(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct xml *el = fill(*state, limits[i].text,
				      limits[i].bytes);
		struct mam_query query;
		struct error err = { 0 };

		mam_query_parse(*state, el, &least, &query, &err);
		if (err.cond != limits[i].cond)
			fail_msg("limit %zu: %s", i,
				 error_cond_name(err.cond));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(reads_queries),
		BED_ARENA_TEST(pages_by_index_where_offered),
		BED_ARENA_TEST(refuses),
		BED_ARENA_TEST(is_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mam_query", tests, NULL, NULL);
}
