#include "components/archive/policy/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/archivist.h"
#include "components/archive/policy/policy.h"
#include "components/archive/rules/clause.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "t/lib/clausebed.h"
#include "t/lib/tapbed.h"
#include "t/lib/website.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Each is about the word that is its verdict's; what none is about is left to a
   server. */
static const struct {
	const char *const verdict[2], *text;
} kinds[] = {
	{ { "allow" }, "" }, { { "block" }, "" }, { { "hold" }, "" },
	{ { "replace" }, "x" }, { { "append" }, "x" },
};

static const char *const names[] = { "r0", "r1", "r2", "r3", "r4", "slow",
				     NULL };
static const char *const slow[] = { "(aa+)+$", NULL };
static const char *const nobody[] = { NULL };
static struct clause_settings rules[6];
static struct setting_titled sections[7], policies[2];
static struct policy_settings own;
static struct website *site;
static char url[64];
static const char *servers[] = { url, NULL };

static void
set_rules(void)
{
	for (size_t i = 0; i < ARRAY_LEN(sections) - 1; i++) {
		rules[i] = clausebed_settings();
		sections[i] = (struct setting_titled){ names[i], &rules[i] };
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		rules[i].words = kinds[i].verdict;
		rules[i].verdict = kinds[i].verdict[0];
		rules[i].text = kinds[i].text;
	}
	rules[5].patterns = slow;
}

static void
take_settings(struct tapbed *bed)
{
	policies[0] = (struct setting_titled){ "strict", &own };
	bed->settings.rule = sections;
	bed->settings.policy = policies;
	archivist_reload(bed->archive, &bed->settings);
}

static int
set_up(void **state)
{
	if (tapbed_setup(state) != 0)
		return -1;
	site = website_new(&(struct website_plan){ NULL, NULL });
	website_answers(site, 200, "{\"verdict\": \"allow\"}");
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/",
		 website_port(site));
	set_rules();
	own = (struct policy_settings){
		.concern = { nobody, "both", nobody },
		.rules = names, .servers = servers, .timeout = 60,
		.in_flight = 10, .on_failure = "spool", .notice = "",
		.probe = "", .ca = "", .cert = "", .key = "",
	};
	take_settings(*state);
	return 0;
}

static int
tear_down(void **state)
{
	int ret = tapbed_teardown(state);

	website_free(&site);
	return ret;
}

static void
check_at(struct tapbed *bed, const char *id, const char *point,
	 const char *addresses, const char *children)
{
	hookbed_receive(bed->hooks, arena_printf(
		bed->hooks->arena, "<iq xmlns='jabber:component:accept' "
		"type='set' id='%s' from='example' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='%s' point='%s' profile='strict'>"
		"<forwarded xmlns='urn:xmpp:forward:0'><message "
		"xmlns='jabber:client' %s type='chat'>%s</message>"
		"</forwarded></check></iq>", id, id, point, addresses,
		children));
}

static void
check(struct tapbed *bed, const char *id, const char *children)
{
	check_at(bed, id, "send", "from='r@example/o' to='j@far'", children);
}

/* Runs until there are so many of that detail, of all so many. */
static void
expect(struct tapbed *bed, unsigned all, unsigned count, const char *detail)
{
	tapbed_wait(bed, "SELECT count(*) FROM archive_event", all);
	tapbed_wait(bed, arena_printf(
		bed->hooks->arena, "SELECT count(*) FROM archive_event e "
		"JOIN archive_address s ON s.id = e.sender "
		"JOIN archive_address r ON r.id = e.recipient WHERE "
		"kind = 12 AND uid LIKE '%% verdict %%' AND "
		"s.jid = 'r@example' AND resource = 'o' AND r.jid = 'j@far' "
		"AND detail LIKE '%s'", detail), count);
}

#define DETAIL(verdict, more) "{\"verdict\":\"" verdict "\",\"policy\":" \
	"\"strict\"" more ",\"of\":\"message\"}"

static void
says_which_rule_ruled_what(void **state)
{
	struct tapbed *bed = *state;

	check(bed, "1", "<body>allow</body>");
	check(bed, "2", "<body>append</body>");
	check(bed, "3", "<body>block</body>");
	check(bed, "4", "<body>hold</body>");
	check(bed, "5", "<body>replace</body>");
	expect(bed, 3, 1, DETAIL("block", ",\"rule\":\"r1\""));
	expect(bed, 3, 1, DETAIL("hold", ",\"rule\":\"r2\""));
	expect(bed, 3, 1, DETAIL("modify", ",\"rule\":\"r3\""));
	assert_int_equal(tapbed_metric(bed, "annex_archive_events_total"
				       "{outcome=\"kept\"}"), 3);
}

/* One host's module asks as it is sent, the other one's as it comes; and a room
   of the router sends it to each inside. */
static void
says_it_each_time(void **state)
{
	static const char *const ways[] = {
		"from='r@far/o' to='j@example'",
		"from='r@far/o' to='k@example'",
	};
	struct tapbed *bed = *state;

	check(bed, "1", "<body>replace</body>");
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		check_at(bed, "1", "receive", ways[i], "<body>block</body>");
	expect(bed, 3, 1, DETAIL("modify", ",\"rule\":\"r3\""));
	tapbed_wait(bed, "SELECT count(*) FROM archive_event WHERE kind = 12 "
		    "AND uid LIKE '1 verdict %' AND detail LIKE "
		    "'%block%'", 2);
}

/* As when an answer was lost with the link, or what replaced it is judged. */
static void
says_the_same_once_and_more_again(void **state)
{
	struct tapbed *bed = *state;

	check(bed, "1", "<body>replace</body>");
	check(bed, "1", "<body>replace</body>");
	check(bed, "1", "<body>replace it</body>");
	check(bed, "1", "<body>block</body>");
	/* In order, so that all before it are there by then. */
	check(bed, "2", "<body>hold</body>");
	expect(bed, 4, 1, DETAIL("hold", ",\"rule\":\"r2\""));
	expect(bed, 4, 2, DETAIL("modify", ",\"rule\":\"r3\""));
	expect(bed, 4, 1, DETAIL("block", ",\"rule\":\"r1\""));
}

static void
says_why_a_rule_could_not(void **state)
{
	struct tapbed *bed = *state;

	check(bed, "1", "<body>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"
	      "</body>");
	expect(bed, 1, 1, DETAIL("hold", ",\"rule\":\"slow\",\"why\":\"rule "
				 "%\""));
}

static void
says_what_servers_ruled(void **state)
{
	static const struct {
		const char *answer, *told;
	} servers_say[] = {
		{ "{\"verdict\":\"allow\"}", ">0</allow>" },
		{ "{\"verdict\":\"block\"}", "type='result' id='1'" },
		{ "{\"verdict\":\"modify\",\"append\":\"y\"}",
		  "type='result' id='2'" },
	};
	struct tapbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(servers_say); i++) {
		website_answers(site, 200, servers_say[i].answer);
		check(bed, arena_printf(bed->hooks->arena, "%zu", i),
		      "<body>x</body>");
		tapbed_wait_sent(bed, servers_say[i].told);
		expect(bed, (unsigned)i, i > 0, i < 2 ? DETAIL("block", "") :
		       DETAIL("modify", ""));
	}
}

static void
keeps_stanzas_where_that_is_wanted(void **state)
{
	struct tapbed *bed = *state;

	own.keep_stanza = true;
	take_settings(bed);
	check(bed, "1", "<body>block</body>");
	expect(bed, 1, 1, "%\"stanza\":\"<message %<body>block</body>"
	       "</message>\"}");
}

static void
cuts_long_ones(void **state)
{
	struct tapbed *bed = *state;
	char body[VERDICT_STANZA_MAX + 1] = "block ";

	for (size_t i = strlen(body); i + 1 < sizeof(body); i += 2)
		memcpy(body + i, "\xc3\xa4", 3);
	own.keep_stanza = true;
	take_settings(bed);
	check(bed, "1", arena_printf(bed->hooks->arena, "<body>%s</body>",
				     body));
	expect(bed, 1, 1, "%\"stanza\":\"<message %\xc3\xa4\",\"cut\":true}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(says_which_rule_ruled_what),
		TEST(says_it_each_time),
		TEST(says_the_same_once_and_more_again),
		TEST(says_why_a_rule_could_not),
		TEST(says_what_servers_ruled),
		TEST(keeps_stanzas_where_that_is_wanted),
		TEST(cuts_long_ones),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_verdict", tests,
					   tapbed_folder, database_teardown);
}
