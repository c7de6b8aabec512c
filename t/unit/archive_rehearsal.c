#include "components/archive/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archive.h"
#include "components/archive/policy/policy.h"
#include "shared/archive_search.h"
#include "shared/arena.h"
#include "shared/groups.h"
#include "shared/hook.h"
#include "shared/metric.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"
#include "t/lib/callbed.h"
#include "t/lib/clausebed.h"

#define NOW 1795953600000000	/* 2026-11-29T12:00:00Z */
#define SECOND 1000000
#define TRY(bed, ...) CALLBED_COMMAND(bed, "policy", "what=test", __VA_ARGS__)
#define OOB "<x xmlns='jabber:x:oob'><url>https://up.test/a.exe</url></x>"

static const char *const none[] = { NULL };
static const char *const secret[] = { "secret", NULL };
static const char *const slow[] = { "(aa+)+$", NULL };
static const char *const programs[] = { "*.exe", NULL };
static const char *const outside[] = { "outside", NULL };
static const char *const file[] = { "file", NULL };
static const char *const first_rules[] = { "signed", "words", "slow",
					   "often", NULL };
static const char *const second_rules[] = { "programs", NULL };

static struct clause_settings rules[5];
static struct setting_titled rule[6], policy[3], group[1];
static struct policy_settings policies[2];
static struct archive_settings settings;
static struct archive archive = { .settings = &settings };

static void
set_rules(void)
{
	static const char *const names[] = { "signed", "words", "slow",
					     "often", "programs" };

	for (size_t i = 0; i < 5; i++) {
		rules[i] = clausebed_settings();
		rule[i] = (struct setting_titled){ names[i], &rules[i] };
	}
	rules[0].to = outside;
	rules[0].verdict = "append";
	rules[0].text = "x";
	rules[1].words = secret;
	rules[2].patterns = slow;
	rules[3].rate = 2;
	rules[3].verdict = "hold";
	rules[4].files = programs;
}

static void
set_policies(void)
{
	static const char *const names[] = { "first", "second" };

	for (size_t i = 0; i < 2; i++) {
		policies[i] = (struct policy_settings){
			.concern = { none, "both", none },
			.rules = first_rules, .servers = none, .timeout = 1,
			.in_flight = 1, .on_failure = "closed",
			.notice = "", .probe = "", .ca = "", .cert = "",
			.key = "",
		};
		policy[i] = (struct setting_titled){ names[i], &policies[i] };
	}
	policies[1].rules = second_rules;
	policies[1].concern.kinds = file;
	settings.group = group;
	settings.rule = rule;
	settings.policy = policy;
}

static int
new_bed(void **state)
{
	static const struct hook_use use = { .uses = HOOK_CHECK };
	static const char *const hosts[] = { "a", "b", NULL };
	const struct hook_settings own = { hosts, 65536 };
	struct callbed *bed = callbed_new(
		*(const enum database_kind *)*state, archive_commands,
		&archive);

	bed->component.settings = archive_settings_table;
	bed->component.settings_size = sizeof(settings);
	bed->runtime.domain = "archive.a";
	bed->runtime.metrics = metrics_new();
	bed->runtime.hook = hook_new(&bed->runtime, &use, &own);
	set_rules();
	set_policies();
	*state = bed;
	return 0;
}

static int
free_bed(void **state)
{
	struct callbed *bed = *state;
	struct metrics *metrics = bed->runtime.metrics;

	hook_free(&bed->runtime.hook);
	callbed_free(&bed);
	metrics_free(&metrics);
	return 0;
}

static struct archive_row
row(int64_t secs, const char *uid, const char *to, const char *body)
{
	int64_t stamp = NOW + secs * SECOND;

	return (struct archive_row){
		.mark = { .serial = serial_first_of(stamp), .stamp = stamp,
			  .uid = uid, .ways = ARCHIVE_SENT },
		.type = ARCHIVE_CHAT, .sender = "r@a", .recipient = to,
		.resource = "o", .to_resource = "", .body = body,
	};
}

static void
write_some(struct callbed *bed)
{
	struct archive_row rows[] = {
		row(0, "u1", "j@b", "a secret"), row(1, "u2", "j@far", "two"),
		row(2, "u3", "j@b", "three"), row(3, "u4", "j@b", "four"),
		row(4, "u5", "j@far", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaab"),
		row(5, "u6", "j@b", "file"),
	};

	rows[5].rest = OOB;
	archivebed_write(bed->db, rows, 6);
}

static void
counts_by_rule_and_verdict(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	assert_string_equal(TRY(bed, NULL),
			    "first|signed|append|2|||||\n"
			    "first|words|block|1|||||\n"
			    "first|slow|block|0|||||\n"
			    "first|slow|failed|1|||||\n"
			    "first|often|hold|2|||||\n"
			    "first||open|2|||||\n"
			    "second|programs|block|1|||||\n"
			    "second||open|0|||||\n"
			    "second||unconcerned|5|||||\n"
			    "Messages that were tried: 6.\n");
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "archive_message"), 6);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
				      "audit_entry WHERE action = 'policy'"),
			 1);
}

static void
shows_messages(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	assert_string_equal(
		TRY(bed, "policy=first", "show=2", "until="
		     "2026-11-29T12:00:02Z"),
		"first|words|block||2026-11-29T12:00:00Z|r@a/o|j@b|a secret|"
		"u1\n"
		"first|signed|append||2026-11-29T12:00:01Z|r@a/o|j@far|two|"
		"u2\n"
		"first|signed|append|1|||||\nfirst|words|block|1|||||\n"
		"first|slow|block|0|||||\nfirst|often|hold|0|||||\n"
		"first||open|1|||||\nMessages that were tried: 2.\n");
	assert_non_null(strstr(
		TRY(bed, "rule=slow", "show=5"),
		"first|slow|failed||2026-11-29T12:00:04Z|r@a/o|j@far|aaaaa"));
	assert_null(strstr(TRY(bed, "rule=slow", "show=5"), "u1"));
	assert_null(strstr(TRY(bed, "rule=words", "show=0"), "u1"));
}

/* Each counts from the beginning. */
static void
changes_nothing_for_the_next_time(void **state)
{
	struct callbed *bed = *state;
	const char *first;

	write_some(bed);
	first = TRY(bed, NULL);
	assert_string_equal(TRY(bed, NULL), first);
}

static void
reads_all_parts(void **state)
{
	enum { MANY = ARCHIVE_SEARCH_ROWS + 100 };
	static struct archive_row rows[MANY];
	struct callbed *bed = *state;

	for (int i = 0; i < MANY; i++)
		rows[i] = row(i, arena_printf(bed->arena, "u%d", i), "j@b",
			      i % 2 == 0 ? "a secret" : "none");
	archivebed_write(bed->db, rows, MANY);
	rules[3].rate = MANY;
	assert_non_null(strstr(TRY(bed, "policy=first"),
			       "first|words|block|300|||||\n"));
	assert_non_null(strstr(TRY(bed, "policy=first"),
			       "first||open|300|||||\n"));
}

static void
passes_over_what_cannot_be_read(void **state)
{
	struct callbed *bed = *state;

	write_some(bed);
	database_do(bed->db, "UPDATE archive_message SET rest = '<x' "
		    "WHERE uid = 'u6'");
	assert_non_null(strstr(TRY(bed, NULL),
			       "Messages that were tried: 5.\n"
			       "Messages that cannot be read: 1.\n"));
}

static void
refuses_what_is_not_there(void **state)
{
	struct callbed *bed = *state;

	assert_string_equal(TRY(bed, "policy=third"), "error: there is no "
			    "policy \"third\"\n");
	assert_non_null(strstr(TRY(bed, "config=/nonexistent"),
			       "error: /nonexistent"));
	assert_non_null(strstr(TRY(bed, "since=x"), "error: since"));
	settings.policy = policy + 2;
	assert_string_equal(TRY(bed, NULL), "error: there is no policy\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, free_bed)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(counts_by_rule_and_verdict),
		TEST(shows_messages),
		TEST(changes_nothing_for_the_next_time),
		TEST(reads_all_parts),
		TEST(passes_over_what_cannot_be_read),
		TEST(refuses_what_is_not_there),
	};

	return archivebed_run("archive_rehearsal", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
