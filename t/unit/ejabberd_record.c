#include "shared/ejabberd_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/erlang.h"
#include "shared/error.h"
#include "shared/spool.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define BEGIN "{offline_msg,{<<\"j\">>,<<\"a\">>},"
#define NEVER BEGIN "{1795,976662,5},never,"
#define FROM "{jid,<<\"r\">>,<<\"b\">>,<<\"c\">>,<<\"r\">>," \
	"<<\"b\">>,<<\"c\">>},"
#define TO "{jid,<<\"j\">>,<<\"a\">>,<<>>,<<\"j\">>,<<\"a\">>,<<>>},"
#define EMPTY "{xmlel,<<\"message\">>,[],[]}"

static int
read_record(struct arena *arena, const char *text,
	    struct spool_record *record, struct error *err)
{
	struct term *term;
	size_t used;

	memset(record, 0, sizeof(*record));
	assert_int_equal(erlang_read_term(arena, text, strlen(text), &term,
					  &used, err), 0);
	return ejabberd_record_read(arena, term, record, err);
}

static const struct {
	const char *term, *from, *stanza;
	int64_t stamp, expires;
} good[] = {
	{ NEVER FROM TO "{xmlel,<<\"message\">>,"
	  "[{<<\"xml:lang\">>,<<\"en\">>},{<<\"to\">>,<<\"j@a\">>}],"
	  "[{xmlel,<<\"body\">>,[],[{xmlcdata,<<\"a<b\">>}]},"
	  "{xmlcdata,<<\"\\n\">>}]}}.",
	  "r@b/c", "<message xml:lang='en' to='j@a'><body>a&lt;b</body>\n"
	  "</message>", 1795976662000005, 0 },
	{ BEGIN "{1795,976662,0},{1795,976663,0}," FROM TO EMPTY "}.",
	  "r@b/c", "<message></message>", 1795976662000000,
	  1795976663000000 },
	{ BEGIN "undefined,never,{jid,<<>>,<<\"b\">>,<<>>,<<>>,<<\"b\">>,"
	  "<<>>}," TO "[]," EMPTY "}.",
	  "b", "<message></message>", 0, 0 },
	/* Before everything was binary. */
	{ "{offline_msg,{\"j\",\"a\"},{1795,976662,5},never,"
	  "{jid,\"r\",\"b\",\"c\",\"r\",\"b\",\"c\"},"
	  "{jid,\"j\",\"a\",[],\"j\",\"a\",[]},"
	  "{xmlel,\"message\",[{\"id\",\"1\"}],[]}}.",
	  "r@b/c", "<message id='1'></message>", 1795976662000005, 0 },
};

static void
reads_records(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct spool_record record;
		struct error err = { 0 };

		assert_int_equal(read_record(arena, good[i].term, &record,
					     &err), 0);
		assert_string_equal(record.user, "j");
		assert_string_equal(record.host, "a");
		assert_string_equal(record.from, good[i].from);
		assert_string_equal(record.stanza, good[i].stanza);
		assert_true(record.stamp == good[i].stamp);
		assert_true(record.expires == good[i].expires);
	}
}

#define ARCHIVED "{archive_msg,{<<\"j\">>,<<\"a\">>},"
#define WHEN "<<\"i1\">>,{1795,976662,5},"
#define PEER "{<<\"r\">>,<<\"b\">>,<<\"c\">>},{<<\"r\">>,<<\"b\">>,<<>>},"

/* Newer versions have an origin_id at the end. */
static void
reads_archived_ones(void **state)
{
	static const struct {
		const char *term, *peer;
		bool room;
	} archived[] = {
		{ ARCHIVED WHEN PEER EMPTY ",<<>>,chat}.", "r@b", false },
		{ ARCHIVED WHEN PEER EMPTY ",<<>>,chat,<<\"o\">>}.", "r@b",
		  false },
		{ ARCHIVED WHEN "undefined,{<<>>,<<\"b\">>,<<>>}," EMPTY
		  ",<<>>,groupchat}.", "b", true },
		{ ARCHIVED WHEN "undefined,undefined," EMPTY ",<<>>,chat}.",
		  NULL, false },
	};
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(archived); i++) {
		struct spool_record record;
		struct error err = { 0 };

		assert_int_equal(read_record(arena, archived[i].term, &record,
					     &err), 0);
		assert_string_equal(record.user, "j");
		assert_string_equal(record.host, "a");
		assert_string_equal(record.key, "i1");
		assert_true(record.stamp == 1795976662000005);
		assert_string_equal(record.stanza, "<message></message>");
		assert_int_equal(record.room, archived[i].room);
		if (archived[i].peer == NULL)
			assert_null(record.peer);
		else
			assert_string_equal(record.peer, archived[i].peer);
	}
}

static const struct {
	const char *term, *why;
} bad[] = {
	{ "{roster,a,b,c,d,e,f}.", "no message: another record" },
	{ NEVER FROM EMPTY "}.", "no message: another record" },
	{ "{offline_msg,{j,a},{1795,976662,5},never," FROM TO EMPTY "}.",
	  "no message: whose it is" },
	{ BEGIN "{1795,976662},never," FROM TO EMPTY "}.",
	  "no message: its time" },
	{ BEGIN "{1795,976662,-1},never," FROM TO EMPTY "}.",
	  "no message: its time" },
	{ BEGIN "{1795,976662,5},soon," FROM TO EMPTY "}.",
	  "no message: the time when it expires" },
	{ NEVER TO "undefined," EMPTY "}.", "" },
	{ NEVER "undefined," TO EMPTY "}.", "no message: its sender" },
	{ NEVER FROM TO "{xmlel,<<\"a><b\">>,[],[]}}.",
	  "no message: an element" },
	{ NEVER FROM TO "{xmlelement,<<\"message\">>,[],[]}}.",
	  "no message: an element" },
	{ NEVER FROM TO "{xmlel,<<\"message\">>,[{<<\"b='\">>,<<>>}],[]}}.",
	  "no message: an attribute" },
	{ NEVER FROM TO "{xmlel,<<\"message\">>,[],[{xmlcdata,<<0>>}]}}.",
	  "no message: a text" },
	{ NEVER FROM TO "{xmlel,<<\"message\">>,[],[<<\"a\">>]}}.",
	  "no message: an element" },
	{ ARCHIVED WHEN PEER EMPTY ",<<>>}.", "no message: another record" },
	{ "{archive_msg,{j,a}," WHEN PEER EMPTY ",<<>>,chat}.",
	  "no message: whose it is" },
	{ ARCHIVED "i1,{1795,976662,5}," PEER EMPTY ",<<>>,chat}.",
	  "no message: its id" },
	{ ARCHIVED "<<\"i1\">>,now," PEER EMPTY ",<<>>,chat}.",
	  "no message: its time" },
	{ ARCHIVED WHEN PEER "none,<<>>,chat}.", "no message: an element" },
};

static void
refuses_other_records(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct spool_record record;
		struct error err = { 0 };
		int ret = read_record(arena, bad[i].term, &record, &err);

		assert_int_equal(ret, *bad[i].why == '\0' ? 0 : -1);
		assert_string_equal(err.text, bad[i].why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(reads_records),
		BED_ARENA_TEST(reads_archived_ones),
		BED_ARENA_TEST(refuses_other_records),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
