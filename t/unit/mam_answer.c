#include "shared/mam_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_page.h"
#include "shared/archive_row.h"
#include "shared/mam_query.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* 2010-07-10T23:08:25Z */
#define STAMP INT64_C(1278803305000000)

#define RESULT(uid, stamp, message) \
	"<message from='juliet@capulet.lit' " \
	"to='juliet@capulet.lit/chamber'>" \
	"<result xmlns='urn:xmpp:mam:2' queryid='f27' id='" uid "'>" \
	"<forwarded xmlns='urn:xmpp:forward:0'>" \
	"<delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:" stamp "'/>" \
	message "</forwarded></result></message>"
#define FIRST RESULT("u1", "25Z", \
	"<message xmlns='jabber:client' " \
	"from='romeo@montague.lit/orchard' to='juliet@capulet.lit' " \
	"type='chat' id='a1'><body>Wherefore &amp; why?</body>" \
	"<active xmlns='http://jabber.org/protocol/chatstates'/></message>")
#define SECOND RESULT("u2", "25.001Z", \
	"<message xmlns='jabber:client' from='juliet@capulet.lit' " \
	"to='romeo@montague.lit'><body>Hm.</body></message>")
/* It can not be read. */
#define THIRD RESULT("u3", "26Z", "")

static const struct archive_row rows[] = {
	{ .mark = { .uid = "u1", .stamp = STAMP }, .type = ARCHIVE_CHAT,
	  .sender = "romeo@montague.lit", .resource = "orchard",
	  .recipient = "juliet@capulet.lit", .to_resource = "", .id = "a1",
	  .body = "Wherefore & why?",
	  .rest = "<active xmlns='http://jabber.org/protocol/chatstates'/>" },
	{ .mark = { .uid = "u2", .stamp = STAMP + 1999 },
	  .sender = "juliet@capulet.lit", .resource = "",
	  .recipient = "romeo@montague.lit", .to_resource = "",
	  .body = "Hm." },
	{ .mark = { .uid = "u3", .stamp = STAMP + 1000000 },
	  .sender = "juliet@capulet.lit", .resource = "",
	  .recipient = "romeo@montague.lit", .to_resource = "",
	  .body = "Hm?", .rest = "<broken" },
};

static void
on_result(void *ctx, const struct xml *result)
{
	xml_print(ctx, result, NS_CLIENT);
}

/* What is sent, and then the answer. */
static void
assert_answer_of(struct arena *arena, struct mam_answer answer,
		 const struct archive_page *page, const char *expected)
{
	struct str out = { 0 };

	answer.archive = "juliet@capulet.lit";
	answer.asker = "juliet@capulet.lit/chamber";
	answer.send = on_result;
	answer.ctx = &out;
	xml_print(&out, mam_answer_page(arena, &answer, page), NS_CLIENT);
	assert_string_equal(out.data, expected);
	str_fini(&out);
}

static void
assert_answer(struct arena *arena, const struct archive_page *page, bool flip,
	      const char *expected)
{
	const struct mam_query query = { .queryid = "f27", .flip = flip };

	assert_answer_of(arena, (struct mam_answer){
			 .query = &query, .limit_bytes = SIZE_MAX },
			 page, expected);
}

static void
sends_a_page(void **state)
{
	assert_answer(*state, &(struct archive_page){
			      rows, 2, true, 2, 0 }, false, FIRST SECOND
		      "<fin xmlns='urn:xmpp:mam:2' complete='true'>"
		      "<set xmlns='http://jabber.org/protocol/rsm'>"
		      "<first index='0'>u1</first><last>u2</last>"
		      "<count>2</count></set></fin>");
	assert_answer(*state, &(struct archive_page){
			      &rows[1], 1, false, -1, -1 }, false, SECOND
		      "<fin xmlns='urn:xmpp:mam:2'>"
		      "<set xmlns='http://jabber.org/protocol/rsm'>"
		      "<first>u2</first><last>u2</last></set></fin>");
}

/* XEP-0313 section 4.3.4. */
static void
turns_a_page_round(void **state)
{
	assert_answer(*state, &(struct archive_page){
			      rows, 2, false, -1, -1 }, true, SECOND FIRST
		      "<fin xmlns='urn:xmpp:mam:2'>"
		      "<set xmlns='http://jabber.org/protocol/rsm'>"
		      "<first>u1</first><last>u2</last></set></fin>");
}

#define FIN_OF_ONE "<fin xmlns='urn:xmpp:mam:2'>" \
	"<set xmlns='http://jabber.org/protocol/rsm'>" \
	"<first>u1</first><last>u1</last></set></fin>"

/* Whatever is still stored of it. */
static void
sends_what_was_removed_as_such(void **state)
{
	struct archive_row row = rows[0];

	row.mark.flags = ARCHIVE_ERASED;
	assert_answer(*state, &(struct archive_page){
			      &row, 1, false, -1, -1 }, false,
		      RESULT("u1", "25Z", "") FIN_OF_ONE);
}

static void
sends_what_remains(void **state)
{
	struct archive_row row = rows[0];

	row.mark.flags = ARCHIVE_BODY_IN_REST;
	row.mark.ways = ARCHIVE_CONCEALED;
	row.remains = "<retracted xmlns='urn:xmpp:message-retract:1' id='r1'/>";
	assert_answer(*state, &(struct archive_page){
			      &row, 1, false, -1, -1 }, false,
		      RESULT("u1", "25Z", "<message xmlns='jabber:client' "
			     "from='romeo@montague.lit/orchard' "
			     "to='juliet@capulet.lit' type='chat' id='a1'>"
			     "<retracted xmlns='urn:xmpp:message-retract:1' "
			     "id='r1'/></message>") FIN_OF_ONE);
}

static void
sends_nothing_of_an_empty_page(void **state)
{
	assert_answer(*state, &(struct archive_page){
			      NULL, 0, true, 0, 0 }, true,
		      "<fin xmlns='urn:xmpp:mam:2' complete='true'>"
		      "<set xmlns='http://jabber.org/protocol/rsm'>"
		      "<count>0</count></set></fin>");
	assert_answer(*state, &(struct archive_page){
			      NULL, 0, false, 7, -1 }, false,
		      "<fin xmlns='urn:xmpp:mam:2'>"
		      "<set xmlns='http://jabber.org/protocol/rsm'>"
		      "<count>7</count></set></fin>");
}

static void
keeps_the_place_of_what_cannot_be_read(void **state)
{
	assert_answer(*state, &(struct archive_page){
			      &rows[1], 2, false, -1, -1 }, false,
		      SECOND THIRD
		      "<fin xmlns='urn:xmpp:mam:2'>"
		      "<set xmlns='http://jabber.org/protocol/rsm'>"
		      "<first>u2</first><last>u3</last></set></fin>");
}

/* It is in the client's namespace when it is sent. */
#define FIRST_BYTES (sizeof(FIRST " xmlns='jabber:client'") - 1)

static void
keeps_the_place_of_what_is_too_large(void **state)
{
	static const char fin[] = "<fin xmlns='urn:xmpp:mam:2'>"
		"<set xmlns='http://jabber.org/protocol/rsm'>"
		"<first>u1</first><last>u2</last></set></fin>";
	static const struct {
		size_t limit_bytes;
		const char *results;
	} cases[] = {
		{ FIRST_BYTES, FIRST SECOND },
		{ FIRST_BYTES - 1, RESULT("u1", "25Z", "") SECOND },
		{ 1, RESULT("u1", "25Z", "") RESULT("u2", "25.001Z", "") },
	};
	const struct archive_page page = { rows, 2, false, -1, -1 };
	const struct mam_query query = { .queryid = "f27" };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char expected[4096];

		snprintf(expected, sizeof(expected), "%s%s", cases[i].results,
			 fin);
		assert_answer_of(*state, (struct mam_answer){
				 .query = &query,
				 .limit_bytes = cases[i].limit_bytes },
				 &page, expected);
	}
}

static void
says_what_may_change(void **state)
{
	const struct mam_query query = { 0 };

	assert_answer_of(*state, (struct mam_answer){
			 .query = &query, .limit_bytes = SIZE_MAX,
			 .unstable = true },
			 &(struct archive_page){ NULL, 0, true, 0, 0 },
			 "<fin xmlns='urn:xmpp:mam:2' complete='true' "
			 "stable='false'>"
			 "<set xmlns='http://jabber.org/protocol/rsm'>"
			 "<count>0</count></set></fin>");
}

static void
hide(void *ctx, struct arena *arena, const struct archive_row *row,
     struct xml *message)
{
	(void)ctx;
	xml_set(arena, message, "to", NULL);
	xml_set(arena, message, "from", row->mark.uid);
}

/* What cannot be read is not there to be changed. */
static void
shows_what_the_asker_may_see(void **state)
{
	const struct mam_query query = { .queryid = "f27" };

	assert_answer_of(*state, (struct mam_answer){
			 .query = &query, .limit_bytes = SIZE_MAX,
			 .present = hide },
			 &(struct archive_page){ &rows[1], 2, false, -1, -1 },
			 RESULT("u2", "25.001Z",
				"<message xmlns='jabber:client' from='u2'>"
				"<body>Hm.</body></message>") THIRD
			 "<fin xmlns='urn:xmpp:mam:2'>"
			 "<set xmlns='http://jabber.org/protocol/rsm'>"
			 "<first>u2</first><last>u3</last></set></fin>");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(sends_a_page),
		BED_ARENA_TEST(turns_a_page_round),
		BED_ARENA_TEST(sends_what_was_removed_as_such),
		BED_ARENA_TEST(sends_what_remains),
		BED_ARENA_TEST(sends_nothing_of_an_empty_page),
		BED_ARENA_TEST(keeps_the_place_of_what_cannot_be_read),
		BED_ARENA_TEST(keeps_the_place_of_what_is_too_large),
		BED_ARENA_TEST(says_what_may_change),
		BED_ARENA_TEST(shows_what_the_asker_may_see),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mam_answer", tests, NULL, NULL);
}
