#include "components/archive/rules/clause.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/rules/pattern.h"
#include "components/archive/rules/ruling.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/groups.h"
#include "t/lib/bed.h"
#include "t/lib/clausebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define LIST CLAUSEBED_LIST
#define OMEMO "<encrypted xmlns='urn:xmpp:omemo:2'><payload>secret" \
	      "</payload></encrypted>"
#define OOB "<x xmlns='jabber:x:oob'><url>https://up.test/a.exe</url></x>"
#define HTML "<html xmlns='http://jabber.org/protocol/xhtml-im'><body " \
	     "xmlns='http://www.w3.org/1999/xhtml'>sec<b>ret</b></body></html>"

static struct clause *
make(const struct clause_settings *own, const struct groups *groups)
{
	const struct setting_titled titled = { "one", own };
	struct clause *clause;
	struct error err = { 0 };

	if (clause_new(&titled, groups, &clause, &err) < 0)
		fail_msg("%s", err.text);
	return clause;
}

static bool
fits(struct clause *clause, struct exhibit exhibit)
{
	struct error err = { 0 };
	bool is;

	if (clause_fits(clause, &exhibit, &is, &err) < 0)
		fail_msg("%s", err.text);
	return is;
}

static bool
once(const struct clause_settings *own, struct exhibit exhibit)
{
	struct clause *clause = make(own, NULL);
	bool is = fits(clause, exhibit);

	clause_free(&clause);
	assert_null(clause);
	return is;
}

static struct exhibit
sent(struct arena *arena, const char *from, const char *to)
{
	return clausebed_exhibit(arena, arena_printf(
		arena, "<message from='%s' to='%s' type='chat'><body>a"
		"</body></message>", from, to));
}

static void
is_about_all_without_conditions(void **state)
{
	const struct clause_settings own = clausebed_settings();

	assert_true(once(&own, clausebed_message(*state, "")));
	assert_true(once(&own, clausebed_exhibit(*state,
		"<presence from='r@a' to='j@a' type='subscribe'/>")));
}

static void
looks_at_who_sends_to_whom(void **state)
{
	struct clause_settings own = clausebed_settings();

	own.from = LIST("user r@a");
	assert_true(once(&own, sent(*state, "r@a/x", "j@a")));
	assert_false(once(&own, sent(*state, "j@a/x", "r@a")));
	own.to = LIST("outside", "!user n@far");
	assert_false(once(&own, sent(*state, "r@a/x", "j@a")));
	assert_true(once(&own, sent(*state, "r@a/x", "j@far")));
	assert_false(once(&own, sent(*state, "r@a/x", "n@far")));
}

static struct groups *
two_sides(void)
{
	static const char *const none[] = { NULL };
	const struct groups_settings first = { LIST("r@a", "both@a"), none };
	const struct groups_settings second = { LIST("j@a", "both@a"), none };
	const struct setting_titled titled[] = {
		{ "traders", &first }, { "analysts", &second },
		{ .title = NULL },
	};
	struct groups *groups;
	struct error err;

	assert_int_equal(groups_new(titled, &groups, &err), 0);
	return groups;
}

static const struct {
	const char *from, *to;
	bool is;
} walls[] = {
	{ "r@a/x", "j@a", true },
	{ "j@a", "r@a/x", true },
	{ "r@a", "n@a", false },
	{ "r@a/x", "r@a", false },
	{ "j@a", "t@far", true },
	{ "t@far", "r@a", true },
	{ "t@far", "n@far", false },
	{ "both@a", "j@a", false },
	{ "r@a", "both@a", false },
	{ "both@a", "t@far", true },
};

static void
is_a_wall_between_groups(void **state)
{
	struct clause_settings own = clausebed_settings();
	struct groups *groups = two_sides();
	struct clause *clause;

	own.between = LIST("group traders", "group analysts", "domain far");
	clause = make(&own, groups);
	for (size_t i = 0; i < ARRAY_LEN(walls); i++)
		if (fits(clause, sent(*state, walls[i].from, walls[i].to)) !=
		    walls[i].is)
			fail_msg("%s %s", walls[i].from, walls[i].to);
	clause_free(&clause);
	groups_unref(&groups);
}

static void
looks_at_all_whom_it_is_for(void **state)
{
	const struct exhibit_addressee second = { "j@far", true, NULL };
	const struct exhibit_addressee first = { "n@a", false, &second };
	struct clause_settings own = clausebed_settings();
	struct exhibit exhibit = sent(*state, "r@a", "m.a");

	own.to = LIST("outside");
	assert_false(once(&own, exhibit));
	exhibit.addressees = &first;
	assert_true(once(&own, exhibit));
	own.verdict = "allow";
	assert_false(once(&own, exhibit));
	own.to = LIST("outside", "domain a", "domain m.a");
	assert_true(once(&own, exhibit));
	own = clausebed_settings();
	own.between = LIST("user r@a", "user n@a");
	assert_true(once(&own, exhibit));
	own.between = LIST("user r@a", "user x@a");
	assert_false(once(&own, exhibit));
}

static void
gives_up_over_too_many(void **state)
{
	struct clause_settings own = clausebed_settings();
	struct clause *clause = make(&own, NULL);
	struct exhibit exhibit = sent(*state, "r@a", "m.a");
	struct error err = { 0 };
	bool is;

	exhibit.crowded = true;
	assert_int_equal(clause_fits(clause, &exhibit, &is, &err), -1);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
	clause_free(&clause);
}

static void
looks_at_what_it_is(void **state)
{
	struct clause_settings own = clausebed_settings();
	struct exhibit plain = clausebed_message(*state, "<body>a</body>");
	struct exhibit hidden = clausebed_message(*state, OMEMO);

	own.kinds = LIST("subscription", "file");
	assert_false(once(&own, plain));
	assert_true(once(&own, clausebed_message(*state, OOB)));
	own = clausebed_settings();
	own.encrypted = "yes";
	assert_false(once(&own, plain));
	assert_true(once(&own, hidden));
	own.encrypted = "no";
	assert_true(once(&own, plain));
	assert_false(once(&own, hidden));
}

static const struct {
	const char *children;
	bool is;
} texts[] = {
	{ "<body>a secret</body>", true },
	{ "<body>none</body><body xml:lang='de'>Secret</body>", true },
	{ "<body>none</body><subject>secret</subject>", true },
	{ "<body>none</body>" HTML, true },
	{ "<body>sec</body><subject>ret</subject>", false },
	{ "<body>none</body>" OMEMO, false },
	{ "<body>secret</body>" OMEMO, true },
	{ "<body>sec\xc2\xadret</body>", true },
	{ "<body>\xef\xbc\xb3\xef\xbc\xa5\xef\xbc\xa3ret</body>", true },
	{ "<body>s\xd0\xb5" "cret</body>", false },
	{ "<x xmlns='jabber:x:conference' reason='secret'/>", true },
	{ "<body>Stra\xc3\x9f" "e</body>", true },
	{ "<body>STRASSE</body>", true },
};

static void
looks_for_words(void **state)
{
	struct clause_settings own = clausebed_settings();

	own.words = LIST("other", "secr\xc2\xad" "et", "stra\xc3\x9f" "e");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (once(&own, clausebed_message(*state,
						 texts[i].children)) !=
		    texts[i].is)
			fail_msg("%s", texts[i].children);
}

static void
looks_for_patterns(void **state)
{
	struct clause_settings own = clausebed_settings();

	own.patterns = LIST("x+y", "\\bse.ret\\b");
	assert_true(once(&own, clausebed_message(*state,
						 "<body>secret</body>")));
	assert_true(once(&own, clausebed_message(*state,
						 "<body>xxy</body>")));
	assert_false(once(&own, clausebed_message(*state,
						  "<body>Secret</body>")));
	assert_true(once(&own, clausebed_message(*state,
		"<body>se\xe2\x80\x8b\xef\xbd\x83ret</body>")));
	own.patterns = LIST("\\x{200b}");
	assert_true(once(&own, clausebed_message(*state,
		"<body>se\xe2\x80\x8b" "cret</body>")));
	own.patterns = LIST("x+y");
	own.words = LIST("word");
	assert_false(once(&own, clausebed_message(*state,
						  "<body>xxy</body>")));
	assert_true(once(&own, clausebed_message(*state,
						 "<body>xy word</body>")));
}

static void
looks_at_files_and_links(void **state)
{
	struct clause_settings own = clausebed_settings();
	struct exhibit with = clausebed_message(*state, OOB);

	own.files = LIST("*.exe");
	assert_true(once(&own, with));
	assert_false(once(&own, clausebed_message(*state, "<body>a</body>")));
	own.links = LIST("*.example");
	assert_false(once(&own, with));
	own.links = LIST("up.test");
	assert_true(once(&own, with));
	own.files = LIST("*.png");
	assert_false(once(&own, with));
}

static void
counts_what_it_is_about(void **state)
{
	struct clause_settings own = clausebed_settings();
	struct exhibit about = clausebed_message(*state, "<body>x</body>");
	struct exhibit again = about;
	struct clause *clause;

	again.again = true;
	own.words = LIST("x");
	own.rate = 2;
	clause = make(&own, NULL);
	for (int i = 0; i < 5; i++) {
		assert_false(fits(clause, clausebed_message(
			*state, "<body>y</body>")));
		assert_false(fits(clause, again));
	}
	assert_false(fits(clause, about));
	assert_false(fits(clause, about));
	assert_true(fits(clause, about));
	assert_false(fits(clause, again));
	about.stamp += 30 * 1000000;
	assert_false(fits(clause, about));
	assert_true(fits(clause, about));
	about.sender = "j@a";
	assert_false(fits(clause, about));
	clause_free(&clause);
}

/* As it comes for one of those who are inside, or who use a service here. */
static bool
comes(struct clause *clause, struct arena *arena, const char *addresses,
      bool outside)
{
	struct exhibit exhibit = clausebed_exhibit(arena, arena_printf(
		arena, "<message %s><body>x</body></message>", addresses));

	exhibit.arrives = true;
	exhibit.sender_outside = outside;
	return fits(clause, exhibit);
}

static void
counts_what_is_passed_on_for_each(void **state)
{
	struct clause_settings own = clausebed_settings();
	struct clause *clause;
	bool outside;

	own.rate = 2;
	clause = make(&own, NULL);
	for (int n = 0; n < 5; n++) {
		assert_false(comes(clause, *state, arena_printf(
			*state, "type='groupchat' from='hall@far/romeo' "
			"to='j%d@a/b'", n), true));
		assert_false(comes(clause, *state, arena_printf(
			*state, "type='groupchat' from='hall@far/r%d' "
			"to='j@a/b'", n), true));
		assert_false(comes(clause, *state, arena_printf(
			*state, "type='chat' from='hall@rooms.a/r%d' "
			"to='j@a/b'", n), false));
	}
	for (int n = 0; n < 2; n++) {
		outside = n == 0;
		assert_false(comes(clause, *state, "type='groupchat' "
				   "from='hall@b/r' to='k@a/b'", outside));
	}
	assert_true(comes(clause, *state, "type='groupchat' "
			  "from='hall@b/r' to='k@a/c'", true));
	/* Resources of one who is no room are one. */
	assert_false(comes(clause, *state, "type='chat' from='n@b/1' "
			   "to='k@a/b'", true));
	assert_false(comes(clause, *state, "type='chat' from='n@b/2' "
			   "to='l@a/b'", true));
	assert_true(comes(clause, *state, "type='chat' from='n@b/3' "
			  "to='m@a/b'", true));
	clause_free(&clause);
}

static void
appends_only_where_that_can_be(void **state)
{
	struct clause_settings own = clausebed_settings();

	own.verdict = "append";
	own.text = "x";
	assert_true(once(&own, clausebed_message(*state, "<body>a</body>")));
	assert_false(once(&own, clausebed_message(*state, "")));
	assert_false(once(&own, clausebed_message(
		*state, "<body>a</body>" OMEMO)));
}

static void
says_what_is_ruled(void **state)
{
	struct clause_settings own = clausebed_settings();
	struct clause *clause;

	(void)state;
	own.notice = "No.";
	own.condition = "not-allowed";
	own.silent = true;
	clause = make(&own, NULL);
	assert_string_equal(clause_name(clause), "one");
	assert_int_equal(clause_ruling(clause)->kind, RULING_BLOCK);
	assert_int_equal(clause_ruling(clause)->condition,
			 ERROR_NOT_ALLOWED);
	assert_string_equal(clause_ruling(clause)->notice, "No.");
	assert_true(clause_ruling(clause)->silent);
	assert_false(clause_goes_on(clause));
	clause_free(&clause);
	own.verdict = "append";
	own.text = "x";
	clause = make(&own, NULL);
	assert_int_equal(clause_ruling(clause)->kind, RULING_MODIFY);
	assert_string_equal(clause_ruling(clause)->append, "x");
	assert_true(clause_goes_on(clause));
	assert_string_equal(clause_verdict(clause), "append");
	clause_free(&clause);
}

static void
gives_up_what_takes_too_long(void **state)
{
	struct clause_settings own = clausebed_settings();
	struct exhibit exhibit = clausebed_message(*state, "<body>aaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab</body>");
	struct clause *clause;
	struct error err = { 0 };
	bool is;

	own.patterns = LIST("(a+)+$");
	clause = make(&own, NULL);
	assert_int_equal(clause_fits(clause, &exhibit, &is, &err), -1);
	assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
	clause_free(&clause);
}

/* A list of a thousand hosts, and a long one. */
static void
gives_up_links_that_take_too_long(void **state)
{
	static const char *globs[1001];
	static char host[2001];
	struct clause_settings own = clausebed_settings();
	const struct offer *offers;
	struct exhibit exhibit;
	struct clause *clause;
	struct error err = { 0 };
	bool is;

	for (size_t i = 0; i < ARRAY_LEN(globs) - 1; i++)
		globs[i] = "*.b.test";
	memset(host, 'a', sizeof(host) - 1);
	own.links = globs;
	clause = make(&own, NULL);
	exhibit = clausebed_message(*state, arena_printf(
		*state, "<body>http://%s</body>", host));
	assert_int_equal(exhibit_offers(&exhibit, &offers, &err), 0);
	exhibit.until_ns = pattern_clock_ns();
	assert_int_equal(clause_fits(clause, &exhibit, &is, &err), -1);
	assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
	clause_free(&clause);
}

static void
assert_refused(const struct clause_settings *own, const char *why)
{
	const struct setting_titled titled = { "one", own };
	struct clause *clause;
	struct error err = { 0 };

	assert_int_equal(clause_new(&titled, NULL, &clause, &err), -1);
	assert_null(clause);
	if (strstr(err.text, why) == NULL)
		fail_msg("%s", err.text);
}

#define REFUSES(member, value, why) do { \
	struct clause_settings own = clausebed_settings(); \
	own.member = value; \
	assert_refused(&own, why); \
} while (0)

static void
refuses_what_makes_no_sense(void **state)
{
	(void)state;
	REFUSES(from, LIST("group x"), "from: \"group x\": there is no");
	REFUSES(to, LIST("x"), "to: \"x\": it is none of");
	REFUSES(between, LIST("outside"), "between: there is but one");
	REFUSES(between, LIST("outside", "!user r@a"), "between: a side");
	REFUSES(kinds, LIST("x"), "kinds: x is none of");
	REFUSES(words, LIST("a", " "), "words: one is empty");
	REFUSES(words, LIST("a\xc2\xad", "\xc2\xad"), "words: one is empty");
	REFUSES(patterns, LIST("a", "("), "patterns: \"(\": at character");
	REFUSES(files, LIST(""), "files: one is empty");
	REFUSES(links, LIST("!"), "links: one is empty");
	REFUSES(condition, "no-such", "condition: there is no");
	REFUSES(verdict, "append", "text: there is none");
	REFUSES(verdict, "replace", "text: there is none");
	REFUSES(text, "x", "text: it is for");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(is_about_all_without_conditions),
		BED_ARENA_TEST(looks_at_who_sends_to_whom),
		BED_ARENA_TEST(is_a_wall_between_groups),
		BED_ARENA_TEST(looks_at_all_whom_it_is_for),
		BED_ARENA_TEST(gives_up_over_too_many),
		BED_ARENA_TEST(looks_at_what_it_is),
		BED_ARENA_TEST(looks_for_words),
		BED_ARENA_TEST(looks_for_patterns),
		BED_ARENA_TEST(looks_at_files_and_links),
		BED_ARENA_TEST(counts_what_it_is_about),
		BED_ARENA_TEST(counts_what_is_passed_on_for_each),
		BED_ARENA_TEST(appends_only_where_that_can_be),
		cmocka_unit_test(says_what_is_ruled),
		BED_ARENA_TEST(gives_up_what_takes_too_long),
		BED_ARENA_TEST(gives_up_links_that_take_too_long),
		cmocka_unit_test(refuses_what_makes_no_sense),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_clause", tests, NULL,
					   NULL);
}
