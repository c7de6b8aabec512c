#include "components/offline/entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/spool.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NOW 1795976662000000
#define BODY "<body>hi</body></message>"
#define DELAY(from, stamp) "<delay xmlns='urn:xmpp:delay' from='" from \
	"' stamp='2026-11-29T" stamp "Z'/>"

static const struct entry_scope anywhere;

static void
understands_a_message(void **state)
{
	static const struct spool_record record = {
		.user = "juliet", .host = "a", .key = "1", .stamp = NOW - 5,
		.stanza = "<message from='r@b/c' to='juliet@a/x'>" BODY,
	};
	struct entry entry;
	struct error err;

	assert_int_equal(entry_read(*state, &record, &anywhere, NOW, &entry,
				    &err), 0);
	assert_string_equal(entry.jid, "juliet@a");
	assert_string_equal(entry.message.sender, "r@b");
	assert_string_equal(entry.message.resource, "c");
	assert_true(entry.message.stamp == NOW - 5);
	assert_string_equal(entry.message.stanza,
			    "<message xmlns='jabber:client' from='r@b/c' "
			    "to='juliet@a/x'>" BODY);
}

/* The router's own delay goes, those of others stay. */
static void
takes_the_time_from_the_delay(void **state)
{
	static const struct spool_record record = {
		.user = "juliet", .host = "a",
		.stanza = "<message from='r@b'>" DELAY("b", "10:00:00")
			  DELAY("a", "18:24:21.5") BODY,
	};
	struct entry entry;
	struct error err;

	assert_int_equal(entry_read(*state, &record, &anywhere, NOW, &entry,
				    &err), 0);
	assert_true(entry.message.stamp == NOW - 500000);
	assert_non_null(strstr(entry.message.stanza, "from='b' "));
	assert_null(strstr(entry.message.stanza, "from='a' "));
	assert_non_null(strstr(entry.message.stanza, "to='juliet@a'"));
}

static void
gives_the_same_id_to_the_same_alone(void **state)
{
	struct spool_record record = {
		.user = "juliet", .host = "a", .key = "1", .stamp = 1,
		.place = "here", .stanza = "<message from='r@b'>" BODY,
	};
	struct entry first, other;
	struct error err;

	entry_read(*state, &record, &anywhere, NOW, &first, &err);
	record.place = "there";
	record.host = "b";
	entry_read(*state, &record, &anywhere, NOW + 1, &other, &err);
	assert_string_equal(first.message.id, other.message.id);
	record.key = "2";
	entry_read(*state, &record, &anywhere, NOW, &other, &err);
	assert_string_not_equal(first.message.id, other.message.id);
	record.key = "1";
	record.stamp = 2;
	entry_read(*state, &record, &anywhere, NOW, &other, &err);
	assert_string_not_equal(first.message.id, other.message.id);
	record.stamp = 1;
	record.stanza = "<message from='r@b'><body/></message>";
	entry_read(*state, &record, &anywhere, NOW, &other, &err);
	assert_string_not_equal(first.message.id, other.message.id);
}

static const struct {
	struct entry_scope scope;
	const char *host, *jid;		/* jid NULL: elsewhere */
} scopes[] = {
	{ { NULL, NULL }, "a", "juliet@a" },
	{ { NULL, NULL }, NULL, "juliet@to" },
	{ { "a", NULL }, "a", "juliet@a" },
	{ { "b", NULL }, "a", NULL },
	{ { "b", NULL }, NULL, NULL },
	{ { "to", NULL }, NULL, "juliet@to" },
	{ { "a", "b" }, "a", "juliet@b" },
	{ { "b", "b" }, "a", NULL },
};

static void
keeps_to_its_scope(void **state)
{
	struct spool_record record = {
		.user = "juliet",
		.stanza = "<message from='r@b' to='x@to/y'>" BODY,
	};

	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		struct entry entry;
		struct error err;
		int ret;

		record.host = scopes[i].host;
		ret = entry_read(*state, &record, &scopes[i].scope, NOW,
				 &entry, &err);
		if (scopes[i].jid == NULL) {
			assert_int_equal(ret, ENTRY_ELSEWHERE);
			continue;
		}
		assert_int_equal(ret, 0);
		assert_string_equal(entry.jid, scopes[i].jid);
		assert_non_null(strstr(entry.message.stanza,
				       scopes[i].scope.host != NULL ?
				       "to='juliet@b'" : "to='x@to/y'"));
	}
}

static const struct {
	struct spool_record record;
	const char *why;
} bad[] = {
	{ { .fault = "torn" }, "torn" },
	{ { .user = "j", .host = "a", .stanza = "<message" },
	  "" },
	{ { .user = "j", .host = "a", .stanza = "</spool><spool>" },
	  "not XML" },
	{ { .user = "j", .host = "a", .stanza = "<iq/>" },
	  "it is no message" },
	{ { .user = "j", .host = "a", .stanza = "<message/>" },
	  "it has no sender" },
	{ { .user = "j", .host = "a", .stanza = "<message from='@'/>" },
	  "" },
	{ { .user = "j/k", .host = "a", .stanza = "<message from='r@b'/>" },
	  "j/k@a is no user" },
	{ { .user = "", .host = "a", .stanza = "<message from='r@b'/>" },
	  "@a is no user" },
	{ { .stanza = "<message from='r@b'/>" }, "@ is no user" },
	{ { .user = "j", .host = "a", .stanza = "<message from='r@b'/>",
	    .expires = NOW }, "it has expired" },
};

static void
says_what_is_wrong(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct entry entry;
		struct error err = { 0 };

		assert_int_equal(entry_read(*state, &bad[i].record, &anywhere,
					    NOW, &entry, &err), -1);
		if (strstr(err.text, bad[i].why) == NULL)
			fail_msg("%s", err.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(understands_a_message),
		BED_ARENA_TEST(takes_the_time_from_the_delay),
		BED_ARENA_TEST(gives_the_same_id_to_the_same_alone),
		BED_ARENA_TEST(keeps_to_its_scope),
		BED_ARENA_TEST(says_what_is_wrong),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
