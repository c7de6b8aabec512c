#include "shared/mam_filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/mam_offer.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define SECOND INT64_C(1000000)

/* 2002-10-13T23:58:37Z */
#define DAY (INT64_C(1034553517) * SECOND)

#define V(text) "<value>" text "</value>"
#define FIELD(var, values) "<field var='" var "'>" values "</field>"
#define OF(type, form_type, fields) \
	"<x xmlns='jabber:x:data' type='" type "'>" \
	FIELD("FORM_TYPE", V(form_type)) fields "</x>"
#define FORM(fields) OF("submit", "urn:xmpp:mam:2", fields)
#define ONE(var, text) FORM(FIELD(var, V(text)))
#define FULLTEXT "{urn:xmpp:fulltext:0}fulltext"

static const struct mam_offer all = {
	.max = 50, .groupchat = true, .fulltext = true,
};

struct filtered {
	const char *with;
	int64_t start, end;	/* 0: not bounded */
	const char *before_id, *after_id;
	const char *ids[3];
	enum mam_filter_groupchat groupchat;
	const char *text;
};

static const struct {
	const char *form;
	struct filtered filter;
} cases[] = {
	{ FORM(""), { 0 } },
	{ "<x xmlns='jabber:x:data' type='submit'>"
	  "<field var='with'/>"
	  "<field type='hidden' var='FORM_TYPE'>" V("urn:xmpp:mam:2")
	  "</field></x>", { 0 } },

	{ ONE("with", "juliet@capulet.lit"),
	  { .with = "juliet@capulet.lit" } },
	{ ONE("with", "Juliet@Capulet.LIT/Balcony"),
	  { .with = "juliet@capulet.lit/Balcony" } },
	{ ONE("with", "capulet.lit"), { .with = "capulet.lit" } },
	{ FORM("<field var='with' type='jid-single'>" V("a@b") "</field>"),
	  { .with = "a@b" } },
	{ FORM("<field var='with' type='text-single'>" V("a@b") "</field>"),
	  { .with = "a@b" } },
	{ FORM("<field var='with' type='jid-multi'>" V("a@b") "</field>"),
	  { .with = "a@b" } },

	{ ONE("start", "2002-10-13T23:58:37Z"), { .start = DAY } },
	{ ONE("start", "2002-10-14T01:58:37+02:00"), { .start = DAY } },
	{ ONE("start", "2002-10-13T23:58:37.001Z"),
	  { .start = DAY + 1000 } },
	{ ONE("start", "2002-10-13T23:58:37.000001Z"),
	  { .start = DAY + 1000 } },
	{ ONE("start", "2002-10-13T23:58:37.123456Z"),
	  { .start = DAY + 124000 } },
	{ ONE("start", "1969-12-31T23:59:58.9995Z"), { .start = -SECOND } },
	{ ONE("end", "2002-10-13T23:58:37Z"), { .end = DAY + 999 } },
	{ ONE("end", "2002-10-13T23:58:37.001Z"), { .end = DAY + 1999 } },
	{ ONE("end", "2002-10-13T23:58:37.123456Z"),
	  { .end = DAY + 123999 } },
	{ ONE("end", "1969-12-31T23:59:58.9995Z"),
	  { .end = -SECOND - 1 } },
	{ FORM(FIELD("start", V("2002-10-13T23:58:38Z"))
	       FIELD("end", V("2002-10-13T23:58:37Z"))),
	  { .start = DAY + SECOND, .end = DAY + 999 } },

	{ ONE("before-id", "28482-98726-73623"),
	  { .before_id = "28482-98726-73623" } },
	{ ONE("after-id", "09af3-cc343-b409f"),
	  { .after_id = "09af3-cc343-b409f" } },
	{ FORM(FIELD("after-id", V("a")) FIELD("before-id", V("b"))),
	  { .after_id = "a", .before_id = "b" } },
	{ ONE("ids", "a"), { .ids = { "a" } } },
	{ FORM(FIELD("ids", V("b") V("a"))), { .ids = { "b", "a" } } },
	{ FORM(FIELD("ids", V("b") V("a") V("b") V("a"))),
	  { .ids = { "b", "a" } } },
	{ FORM("<field var='ids' type='list-multi'>" V("a") "</field>"),
	  { .ids = { "a" } } },

	{ ONE("include-groupchat", "true"),
	  { .groupchat = MAM_FILTER_GROUPCHAT_INCLUDE } },
	{ ONE("include-groupchat", "1"),
	  { .groupchat = MAM_FILTER_GROUPCHAT_INCLUDE } },
	{ ONE("include-groupchat", "false"),
	  { .groupchat = MAM_FILTER_GROUPCHAT_LEAVE } },
	{ ONE("include-groupchat", "0"),
	  { .groupchat = MAM_FILTER_GROUPCHAT_LEAVE } },
	{ ONE(FULLTEXT, "Where arth thou, my Juliet?"),
	  { .text = "Where arth thou, my Juliet?" } },

	/* Nothing was filled in. */
	{ FORM(FIELD("with", "") FIELD("start", "") FIELD("end", "")
	       FIELD("before-id", "") FIELD("after-id", "") FIELD("ids", "")
	       FIELD("include-groupchat", "") FIELD(FULLTEXT, "")),
	  { 0 } },
	{ FORM(FIELD("with", V("")) FIELD("start", V(""))
	       FIELD("end", V("")) FIELD("before-id", V(""))
	       FIELD("after-id", V("")) FIELD("ids", V("") V(""))
	       FIELD("include-groupchat", V("")) FIELD(FULLTEXT, V(""))),
	  { 0 } },
	{ FORM("<field type='fixed'>" V("Search") "</field>"), { 0 } },
};

static int
parse(struct arena *arena, const char *text, const struct mam_offer *offer,
      struct mam_filter *filter_r, struct error *err)
{
	return mam_filter_parse(arena, bed_xml(arena, "", text), offer,
				filter_r, err);
}

static void
assert_text(const char *text, const char *expected)
{
	if (expected == NULL)
		assert_null(text);
	else
		assert_string_equal(text, expected);
}

static void
assert_ids(const struct mam_filter *filter, const char *const *expected)
{
	size_t count = 0;

	for (; expected[count] != NULL; count++) {
		assert_true(count < filter->ids_count);
		assert_string_equal(filter->ids[count], expected[count]);
	}
	assert_int_equal(filter->ids_count, count);
}

static void
assert_filter(const struct mam_filter *filter,
	      const struct filtered *expected)
{
	assert_text(filter->with != NULL ? filter->with->full : NULL,
		    expected->with);
	assert_true(filter->start == (expected->start != 0 ?
				      expected->start : INT64_MIN));
	assert_true(filter->end == (expected->end != 0 ?
				    expected->end : INT64_MAX));
	assert_text(filter->before_id, expected->before_id);
	assert_text(filter->after_id, expected->after_id);
	assert_ids(filter, expected->ids);
	assert_int_equal(filter->groupchat, expected->groupchat);
	assert_text(filter->text, expected->text);
}

static void
reads_filters(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mam_filter filter;
		struct error err = { 0 };

		if (parse(*state, cases[i].form, &all, &filter, &err) < 0)
			fail_msg("%s: %s", cases[i].form, err.text);
		assert_filter(&filter, &cases[i].filter);
	}
}

static void
reads_no_form(void **state)
{
	static const struct filtered nothing;
	struct mam_filter filter;
	struct error err = { 0 };

	assert_int_equal(mam_filter_parse(*state, NULL, &all, &filter, &err),
			 0);
	assert_filter(&filter, &nothing);
}

static const struct {
	const char *form;
	enum error_cond cond;
} bad[] = {
	{ OF("form", "urn:xmpp:mam:2", ""), ERROR_BAD_REQUEST },
	{ OF("result", "urn:xmpp:mam:2", ""), ERROR_BAD_REQUEST },
	{ OF("cancel", "urn:xmpp:mam:2", ""), ERROR_BAD_REQUEST },
	{ OF("", "urn:xmpp:mam:2", ""), ERROR_BAD_REQUEST },
	{ "<x xmlns='jabber:x:data'>" FIELD("FORM_TYPE", V("urn:xmpp:mam:2"))
	  "</x>", ERROR_BAD_REQUEST },
	{ OF("submit", "urn:xmpp:mam:1", ""), ERROR_BAD_REQUEST },
	{ OF("submit", "", ""), ERROR_BAD_REQUEST },
	{ "<x xmlns='jabber:x:data' type='submit'/>", ERROR_BAD_REQUEST },
	{ "<x xmlns='jabber:x:data' type='submit'>"
	  "<field var='FORM_TYPE'/></x>", ERROR_BAD_REQUEST },
	{ FORM(FIELD("with", V("a@b")) FIELD("with", V("c@d"))),
	  ERROR_BAD_REQUEST },
	{ FORM("<field>" V("a@b") "</field>"), ERROR_BAD_REQUEST },

	/* Section 4.1.5: even one that says nothing. */
	{ ONE("{http://example.com/}free-text-search", "x"),
	  ERROR_FEATURE_NOT_IMPLEMENTED },
	{ FORM(FIELD("withtext", "")), ERROR_FEATURE_NOT_IMPLEMENTED },
	{ ONE("fulltext", "x"), ERROR_FEATURE_NOT_IMPLEMENTED },
	{ FORM(FIELD("with", V("@")) FIELD("x", "")),
	  ERROR_FEATURE_NOT_IMPLEMENTED },

	{ ONE("with", "@capulet.lit"), ERROR_JID_MALFORMED },
	{ ONE("with", "juliet@"), ERROR_JID_MALFORMED },
	{ ONE("with", " "), ERROR_JID_MALFORMED },
	{ FORM(FIELD("with", V("a@b") V("c@d"))), ERROR_BAD_REQUEST },
	{ FORM(FIELD("with", V("") V("a@b"))), ERROR_BAD_REQUEST },

	{ ONE("start", "yesterday"), ERROR_BAD_REQUEST },
	{ ONE("start", "2002-10-13"), ERROR_BAD_REQUEST },
	{ ONE("start", "2002-10-13T23:58:37"), ERROR_BAD_REQUEST },
	{ ONE("start", " 2002-10-13T23:58:37Z"), ERROR_BAD_REQUEST },
	{ ONE("start", "1034553517"), ERROR_BAD_REQUEST },
	{ ONE("end", "2002-02-30T00:00:00Z"), ERROR_BAD_REQUEST },
	{ ONE("end", "20021013T23:58:37"), ERROR_BAD_REQUEST },
	{ FORM(FIELD("end", V("2002-10-13T23:58:37Z")
		     V("2002-10-13T23:58:38Z"))), ERROR_BAD_REQUEST },

	{ FORM(FIELD("before-id", V("a") V("b"))), ERROR_BAD_REQUEST },
	{ FORM(FIELD("after-id", V("a") V("a"))), ERROR_BAD_REQUEST },
	{ FORM(FIELD("ids", V("a") V(""))), ERROR_ITEM_NOT_FOUND },
	{ ONE("include-groupchat", "yes"), ERROR_BAD_REQUEST },
	{ ONE("include-groupchat", "TRUE"), ERROR_BAD_REQUEST },
	{ FORM(FIELD("include-groupchat", V("1") V("0"))),
	  ERROR_BAD_REQUEST },
	{ FORM(FIELD(FULLTEXT, V("a") V("b"))), ERROR_BAD_REQUEST },
};

static void
refuses(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct mam_filter filter;
		struct error err = { 0 };

		if (parse(*state, bad[i].form, &all, &filter, &err) == 0)
			fail_msg("%s", bad[i].form);
		if (err.cond != bad[i].cond)
			fail_msg("%s: %s", bad[i].form,
				 error_cond_name(err.cond));
	}
}

static void
refuses_what_is_not_offered(void **state)
{
	static const struct mam_offer least = { .max = 50 };
	static const char *const forms[] = {
		ONE("include-groupchat", "true"),
		ONE(FULLTEXT, "x"),
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct mam_filter filter;
		struct error err = { 0 };

		assert_int_equal(parse(*state, forms[i], &least, &filter,
				       &err), -1);
		assert_int_equal(err.cond, ERROR_FEATURE_NOT_IMPLEMENTED);
	}
}

/* A field with that many values, of that many bytes each. */
static const struct {
	const char *var;
	size_t values, bytes;
	enum error_cond cond;
} limits[] = {
	{ "ids", 100, 255, ERROR_NONE },
	{ "ids", 101, 1, ERROR_POLICY_VIOLATION },
	{ "ids", 1, 256, ERROR_ITEM_NOT_FOUND },
	{ "before-id", 1, 255, ERROR_NONE },
	{ "before-id", 1, 256, ERROR_ITEM_NOT_FOUND },
	{ "after-id", 1, 255, ERROR_NONE },
	{ "after-id", 1, 256, ERROR_ITEM_NOT_FOUND },
	{ "with", 1, 5000, ERROR_JID_MALFORMED },
	{ "start", 1, 5000, ERROR_BAD_REQUEST },
	{ FULLTEXT, 1, 1023, ERROR_NONE },
	{ FULLTEXT, 1, 1024, ERROR_POLICY_VIOLATION },
};

static const char *
long_form(struct arena *arena, const char *var, size_t values, size_t bytes)
{
	struct str text = { 0 };
	const char *copy;

	str_addf(&text, "<x xmlns='jabber:x:data' type='submit'>"
		 FIELD("FORM_TYPE", V("urn:xmpp:mam:2"))
		 "<field var='%s'>", var);
	for (size_t i = 0; i < values; i++)
		str_addf(&text, V("%0*zu"), (int)bytes, i);
	str_addz(&text, "</field></x>");
	copy = arena_strdup(arena, text.data);
	str_fini(&text);
	return copy;
}

static void
is_bounded(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct mam_filter filter;
		struct error err = { 0 };

		parse(arena, long_form(arena, limits[i].var, limits[i].values,
				       limits[i].bytes), &all, &filter, &err);
		if (err.cond != limits[i].cond)
			fail_msg("limit %zu: %s", i,
				 error_cond_name(err.cond));
		if (err.cond == ERROR_NONE && str_same(limits[i].var, "ids"))
			assert_int_equal(filter.ids_count, limits[i].values);
	}
}

static void
checks_ids(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(mam_filter_check_id("a", &err), 0);
	assert_int_equal(mam_filter_check_id("", &err), -1);
	assert_int_equal(err.cond, ERROR_ITEM_NOT_FOUND);
}

/* Every field that is offered. */
static const struct {
	const char *var, *value;
	struct filtered filter;
} filled[] = {
	{ "with", "a@b", { .with = "a@b" } },
	{ "start", "2002-10-13T23:58:37Z", { .start = DAY } },
	{ "end", "2002-10-13T23:58:37Z", { .end = DAY + 999 } },
	{ "before-id", "x", { .before_id = "x" } },
	{ "after-id", "x", { .after_id = "x" } },
	{ "ids", "x", { .ids = { "x" } } },
	{ "include-groupchat", "1",
	  { .groupchat = MAM_FILTER_GROUPCHAT_INCLUDE } },
	{ FULLTEXT, "x", { .text = "x" } },
};

/* As one would be submitted that nobody has filled in. */
static struct xml *
offered_form(struct arena *arena)
{
	struct xml *form = mam_offer_form(arena, &all)->first;

	return xml_set(arena, form, "type", "submit");
}

static void
assert_reads(struct arena *arena, struct xml *form,
	     const struct filtered *expected)
{
	struct mam_filter filter;
	struct error err = { 0 };

	if (mam_filter_parse(arena, form, &all, &filter, &err) < 0)
		fail_msg("%s", err.text);
	assert_filter(&filter, expected);
}

static void
reads_the_form_offered(void **state)
{
	static const struct filtered nothing;
	struct arena *arena = *state;
	size_t count = 0;

	assert_reads(arena, offered_form(arena), &nothing);
	for (struct xml *el = offered_form(arena)->first->next; el != NULL;
	     el = el->next)
		count++;
	assert_int_equal(count, ARRAY_LEN(filled));
	for (size_t i = 0; i < ARRAY_LEN(filled); i++) {
		struct xml *form = offered_form(arena), *el = form->first;

		while (el != NULL && !str_same(xml_attr(el, "var"),
					       filled[i].var))
			el = el->next;
		assert_non_null(el);
		xml_add_text(arena, el, NULL, "value", filled[i].value);
		assert_reads(arena, form, &filled[i].filter);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(reads_filters),
		BED_ARENA_TEST(reads_no_form),
		BED_ARENA_TEST(refuses),
		BED_ARENA_TEST(refuses_what_is_not_offered),
		BED_ARENA_TEST(is_bounded),
		BED_ARENA_TEST(reads_the_form_offered),
		cmocka_unit_test(checks_ids),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mam_filter", tests, NULL, NULL);
}
