#include "components/archive/rules/rulebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/rules/ruling.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "t/lib/bed.h"
#include "t/lib/clausebed.h"

#define LIST CLAUSEBED_LIST
#define SLOW "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"

/* Rules that are about what has a letter in it, each with its verdict. */
static struct rulebook *
make(const char *const *names)
{
	static struct clause_settings all[6];
	static struct setting_titled titled[7];
	static const struct {
		const char *name, *pattern, *verdict, *text;
	} rules[] = {
		{ "allow", "w", "allow", "" }, { "block", "x", "block", "" },
		{ "hold", "y", "hold", "" }, { "one", "z", "append", "1" },
		{ "two", "", "append", "2" }, { "slow", "(a+)+$", "hold", "" },
	};
	static const char *patterns[6][2];
	struct rulebook *rulebook;
	struct error err = { 0 };

	for (size_t i = 0; i < 6; i++) {
		patterns[i][0] = rules[i].pattern;
		all[i] = clausebed_settings();
		all[i].patterns = patterns[i];
		all[i].verdict = rules[i].verdict;
		all[i].text = rules[i].text;
		titled[i] = (struct setting_titled){ rules[i].name, &all[i] };
	}
	if (rulebook_new(names, titled, NULL, &rulebook, &err) < 0)
		fail_msg("%s", err.text);
	return rulebook;
}

static const struct {
	const char *body;
	int kind;		/* -1: it is left open */
	const char *append;
	const char *fit;	/* by the numbers of the rules */
} cases[] = {
	{ "a", -1, "2", "1" },
	{ "z", -1, "1\n2", "01" },
	{ "x", RULING_BLOCK, "2", "12" },
	{ "zx", RULING_BLOCK, "1\n2", "012" },
	{ "wx", RULING_BLOCK, "2", "12" },
	{ "w", RULING_ALLOW, "2", "13" },
};

static struct exhibit
said(struct arena *arena, const char *body)
{
	return clausebed_message(arena, arena_printf(
		arena, "<body>%s</body>", body));
}

static void
note(void *ctx, size_t i)
{
	char **end = ctx;

	*(*end)++ = (char)('0' + i);
}

static void
follows_the_first_that_decides(void **state)
{
	struct rulebook *rulebook = make(LIST("one", "two", "block",
					      "allow"));
	struct error err = { 0 };

	assert_int_equal(rulebook_count(rulebook), 4);
	assert_string_equal(clause_name(rulebook_clause(rulebook, 2)),
			    "block");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char fit[8] = "", *end = fit;
		struct exhibit exhibit = said(*state, cases[i].body);
		struct rulebook_finding finding = {
			.on_fit = note, .ctx = &end,
		};

		assert_int_equal(rulebook_judge(rulebook, &exhibit, &finding,
						&err), 0);
		assert_int_equal(finding.ruling == NULL ? -1 :
				 (int)finding.ruling->kind, cases[i].kind);
		assert_string_equal(finding.append, cases[i].append);
		assert_string_equal(fit, cases[i].fit);
	}
	rulebook_free(&rulebook);
	assert_null(rulebook);
}

static void
leaves_open_what_no_rule_is_about(void **state)
{
	struct rulebook *rulebook = make(LIST("block", "hold"));
	struct exhibit exhibit = said(*state, "a");
	struct rulebook_finding finding = { 0 };
	struct error err;

	assert_int_equal(rulebook_judge(rulebook, &exhibit, &finding, &err),
			 0);
	assert_null(finding.ruling);
	assert_null(finding.append);
	rulebook_free(&rulebook);
}

static void
says_which_rule_cannot_be_followed(void **state)
{
	struct rulebook *rulebook = make(LIST("two", "slow", "block"));
	struct exhibit exhibit = said(*state, SLOW);
	struct rulebook_finding finding = { 0 };
	struct error err = { 0 };

	assert_int_equal(rulebook_judge(rulebook, &exhibit, &finding, &err),
			 -1);
	assert_non_null(strstr(err.text, "rule \"slow\": "));
	assert_int_equal(finding.at, 1);
	assert_null(finding.ruling);
	rulebook_free(&rulebook);
}

static void
assert_refused(const char *const *names, const struct setting_titled *rules,
	       const char *why)
{
	struct rulebook *rulebook;
	struct error err = { 0 };

	assert_int_equal(rulebook_new(names, rules, NULL, &rulebook, &err),
			 -1);
	assert_null(rulebook);
	assert_non_null(strstr(err.text, why));
}

static void
refuses_what_is_not_there_or_makes_no_sense(void **state)
{
	struct clause_settings own = clausebed_settings();
	const struct setting_titled rules[] = {
		{ "odd", &own }, { .title = NULL },
	};

	(void)state;
	own.verdict = "append";
	assert_refused(LIST("other"), rules, "there is no rule \"other\"");
	assert_refused(LIST("odd"), rules, "\"odd\": text: there is none");
}

/* A hundred lists of a thousand people, and a message to a thousand others. */
static void
gives_up_what_is_for_too_many(void **state)
{
	static struct clause_settings own;
	static struct setting_titled titled[101];
	static const char *names[101], *lines[1001];
	static struct exhibit_addressee many[1000];
	struct exhibit exhibit = said(*state, "a");
	struct rulebook_finding finding = { 0 };
	struct rulebook *rulebook;
	struct error err = { 0 };

	own = clausebed_settings();
	own.to = lines;
	for (size_t i = 0; i < 1000; i++) {
		lines[i] = arena_printf(*state, "user u%zu@a", i);
		many[i] = (struct exhibit_addressee){
			.bare = arena_printf(*state, "v%zu@a", i),
			.next = exhibit.addressees,
		};
		exhibit.addressees = &many[i];
	}
	for (size_t i = 0; i < 100; i++) {
		names[i] = arena_printf(*state, "r%zu", i);
		titled[i] = (struct setting_titled){ names[i], &own };
	}
	assert_int_equal(rulebook_new(names, titled, NULL, &rulebook, &err),
			 0);
	assert_int_equal(rulebook_judge(rulebook, &exhibit, &finding, &err),
			 -1);
	assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
	rulebook_free(&rulebook);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(follows_the_first_that_decides),
		BED_ARENA_TEST(leaves_open_what_no_rule_is_about),
		BED_ARENA_TEST(says_which_rule_cannot_be_followed),
		BED_ARENA_TEST(gives_up_what_is_for_too_many),
		cmocka_unit_test(refuses_what_is_not_there_or_makes_no_sense),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_rulebook", tests, NULL,
					   NULL);
}
