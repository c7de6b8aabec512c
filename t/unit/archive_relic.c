#include "components/archive/import/relic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/serial.h"
#include "shared/spool.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define THEN 1700000000250000	/* 2023-11-14 */
#define NOW 1800000000000000
#define TEXT(from, to) "<message from='" from "' to='" to "' type='chat' " \
	"id='i'><body>hi</body></message>"
#define SENT ARCHIVE_SENT
#define RECEIVED ARCHIVE_RECEIVED

static const char *const hosts[] = { "a", "c", NULL };
static const struct relic_scope all = {
	.period = { INT64_MIN, INT64_MAX }, .hosts = hosts, .now = NOW,
};

static struct spool_record
record(const char *host, const char *peer, const char *stanza)
{
	return (struct spool_record){
		.user = "j", .host = host, .peer = peer, .stanza = stanza,
		.key = "k1", .stamp = THEN, .place = "line 1",
	};
}

static const struct {
	const char *host, *peer, *stanza, *sender, *recipient;
	unsigned ways, flags;
} copies[] = {
	{ "a", NULL, TEXT("j@a/x", "r@b/y"), "j@a", "r@b", SENT, 0 },
	{ "a", NULL, TEXT("r@b/y", "j@a/x"), "r@b", "j@a", RECEIVED,
	  ARCHIVE_REMOTE },
	{ "a", NULL, TEXT("r@c", "J@A"), "r@c", "j@a", RECEIVED, 0 },
	{ "a", NULL, TEXT("room@muc.a/nick", "j@a/x"), "room@muc.a", "j@a",
	  RECEIVED, 0 },
	{ "a", NULL, TEXT("j@a/x", "j@a/y"), "j@a", "j@a", SENT | RECEIVED,
	  0 },
	{ "a", NULL, "<message from='j@a/x'/>", "j@a", "j@a",
	  SENT | RECEIVED, 0 },
	{ "a", NULL, "<message from='a'/>", "a", "j@a", RECEIVED, 0 },
	/* The host is that of whoever is not the other. */
	{ NULL, "r@b", TEXT("j@a/x", "r@b/y"), "j@a", "r@b", SENT, 0 },
	{ NULL, "r@b", TEXT("r@b/y", "j@a/x"), "r@b", "j@a", RECEIVED,
	  ARCHIVE_REMOTE },
	{ "", "j@c", TEXT("j@c/y", "j@a/x"), "j@c", "j@a", RECEIVED, 0 },
	{ NULL, NULL, TEXT("j@a/y", "j@c/x"), "j@a", "j@c", SENT, 0 },
};

static void
knows_whose_copy_it_is(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(copies); i++) {
		const struct spool_record one = record(
			copies[i].host, copies[i].peer, copies[i].stanza);
		struct archive_shelving_item relic;
		struct error err = { 0 };

		assert_int_equal(relic_read(arena, &one, &all, &relic,
					    &err), 0);
		assert_string_equal(relic.owner, "j@a");
		assert_string_equal(relic.row.sender, copies[i].sender);
		assert_string_equal(relic.row.recipient,
				    copies[i].recipient);
		assert_int_equal(relic.row.mark.ways, copies[i].ways);
		assert_int_equal(relic.row.mark.flags, copies[i].flags);
		assert_string_equal(relic.row.mark.uid, "k1");
		assert_true(relic.row.mark.stamp == THEN);
		assert_true(relic.row.mark.serial == serial_first_of(THEN));
	}
}

static void
keeps_what_was_said(void **state)
{
	const struct spool_record one = record("a", NULL,
		"<message from='j@a/x' to='r@b/y' type='chat' id='i' "
		"xmlns='jabber:client' xml:lang='de'><body>hi</body>"
		"<thread>t</thread><x xmlns='urn:x'>z</x></message>");
	struct archive_shelving_item relic;
	struct error err = { 0 };

	assert_int_equal(relic_read(*state, &one, &all, &relic, &err), 0);
	assert_int_equal(relic.row.type, ARCHIVE_CHAT);
	assert_string_equal(relic.row.resource, "x");
	assert_string_equal(relic.row.to_resource, "y");
	assert_string_equal(relic.row.id, "i");
	assert_string_equal(relic.row.lang, "de");
	assert_string_equal(relic.row.body, "hi");
	assert_string_equal(relic.row.thread, "t");
	assert_non_null(strstr(relic.row.rest, "urn:x"));
}

static void
gives_them_to_another_host(void **state)
{
	struct relic_scope scope = all;
	struct spool_record one = record("old", NULL,
					 TEXT("j@old/x", "r@old"));
	struct archive_shelving_item relic;
	struct error err = { 0 };

	scope.from = "old";
	scope.host = "a";
	assert_int_equal(relic_read(*state, &one, &scope, &relic, &err), 0);
	assert_string_equal(relic.owner, "j@a");
	assert_string_equal(relic.row.sender, "j@a");
	assert_string_equal(relic.row.resource, "x");
	assert_string_equal(relic.row.recipient, "r@a");
	one.host = "a";
	assert_int_equal(relic_read(*state, &one, &scope, &relic, &err),
			 ARCHIVE_IMPORT_ELSEWHERE);
	one = record(NULL, "r@b", TEXT("j@a/x", "r@b"));
	assert_int_equal(relic_read(*state, &one, &scope, &relic, &err),
			 ARCHIVE_IMPORT_ELSEWHERE);
}

static void
leaves_what_is_of_another_time(void **state)
{
	struct relic_scope scope = all;
	const struct spool_record one = record("a", NULL, TEXT("j@a", "r@b"));
	struct archive_shelving_item relic;
	struct error err = { 0 };

	scope.period.until = THEN;
	assert_int_equal(relic_read(*state, &one, &scope, &relic, &err),
			 ARCHIVE_IMPORT_ELSEWHERE);
	scope.period.until = THEN + 1;
	scope.period.since = THEN;
	assert_int_equal(relic_read(*state, &one, &scope, &relic, &err), 0);
	scope.period.since = THEN + 1;
	assert_int_equal(relic_read(*state, &one, &scope, &relic, &err),
			 ARCHIVE_IMPORT_ELSEWHERE);
}

static const struct {
	struct spool_record record;
	const char *why;
} bad[] = {
	{ { .fault = "it is broken" }, "it is broken" },
	{ { .stanza = "<message" }, "" },
	{ { .stanza = "<iq from='j@a' to='r@b' type='get' id='1'/>" },
	  "it is no message" },
	{ { .stanza = "<message to='r@b'/>" }, "it has no sender" },
	{ { .stanza = TEXT("x@a", "r@b") },
	  "it is neither from nor to its owner" },
	{ { .user = "", .stanza = TEXT("j@a", "r@b") }, "@a is no user" },
	{ { .user = "j/k", .stanza = TEXT("j@a", "r@b") },
	  "j/k@a is no user" },
	{ { .host = "z", .stanza = TEXT("j@z", "r@b") },
	  "messages of z are not kept here" },
	{ { .key = "", .stanza = TEXT("j@a", "r@b") },
	  "it has no id that an archive may have" },
	{ { .key = "a b", .stanza = TEXT("j@a", "r@b") },
	  "it has no id that an archive may have" },
	{ { .key = "\xff", .stanza = TEXT("j@a", "r@b") },
	  "it has no id that an archive may have" },
	{ { .stamp = 1, .stanza = TEXT("j@a", "r@b") },
	  "when it was sent is not known" },
	{ { .stamp = -THEN, .stanza = TEXT("j@a", "r@b") },
	  "when it was sent is not known" },
	{ { .stamp = NOW * 2, .stanza = TEXT("j@a", "r@b") },
	  "when it was sent is not known" },
};

/* What the case does not say is good. */
static struct spool_record
complete(const struct spool_record *given)
{
	struct spool_record one = record("a", NULL, given->stanza);

	one.fault = given->fault;
	if (given->user != NULL)
		one.user = given->user;
	if (given->host != NULL)
		one.host = given->host;
	if (given->key != NULL)
		one.key = given->key;
	if (given->stamp != 0)
		one.stamp = given->stamp;
	return one;
}

static void
says_why_it_takes_nothing(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const struct spool_record one = complete(&bad[i].record);
		struct archive_shelving_item relic;
		struct error err = { 0 };

		assert_int_equal(relic_read(*state, &one, &all, &relic,
					    &err), -1);
		if (*bad[i].why != '\0')
			assert_string_equal(err.text, bad[i].why);
		assert_true(*err.text != '\0');
	}
}

/* What has the longest id still has room for what is put behind it. */
static void
takes_ids_of_some_length(void **state)
{
	static char id[ARCHIVE_UID_MAX];
	struct spool_record one = record("a", NULL, TEXT("j@a", "r@b"));
	struct archive_shelving_item relic;
	struct error err = { 0 };

	one.key = id;
	memset(id, 'x', ARCHIVE_SHELVING_UID_MAX);
	assert_int_equal(relic_read(*state, &one, &all, &relic, &err), 0);
	id[strlen(id)] = 'x';
	assert_int_equal(relic_read(*state, &one, &all, &relic, &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(knows_whose_copy_it_is),
		BED_ARENA_TEST(keeps_what_was_said),
		BED_ARENA_TEST(gives_them_to_another_host),
		BED_ARENA_TEST(leaves_what_is_of_another_time),
		BED_ARENA_TEST(says_why_it_takes_nothing),
		BED_ARENA_TEST(takes_ids_of_some_length),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
