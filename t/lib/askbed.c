#include "t/lib/askbed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "components/archive/archivist.h"
#include "shared/arena.h"
#include "t/lib/clausebed.h"
#include "t/lib/hookbed.h"
#include "t/lib/website.h"

#define TURNS 1000		/* of 10 ms */

static const char *const nobody[] = { NULL };

void
askbed_take_settings(struct askbed *bed)
{
	bed->titled[0] = (struct setting_titled){ "strict", &bed->own };
	bed->taps->settings.policy = bed->titled;
	archivist_reload(bed->taps->archive, &bed->taps->settings);
}

int
askbed_setup(void **state)
{
	struct askbed *bed = calloc(1, sizeof(*bed));
	void *taps = NULL;

	assert_non_null(bed);
	if (tapbed_setup(&taps) != 0)
		return -1;
	bed->taps = taps;
	for (size_t i = 0; i < ASKBED_SITES; i++) {
		bed->sites[i] = website_new(&(struct website_plan){ NULL,
								    NULL });
		website_answers(bed->sites[i], 200,
				"{\"verdict\": \"allow\"}");
		str_addf(&bed->urls[i], "http://127.0.0.1:%u/",
			 website_port(bed->sites[i]));
		bed->servers[i] = bed->urls[i].data;
	}
	bed->own = (struct policy_settings){
		.concern = { nobody, "both", nobody },
		.rules = nobody, .servers = bed->servers,
		.timeout = 60, .in_flight = 10,
		.on_failure = "closed", .notice = "Later.", .probe = "",
		.ca = "", .cert = "", .key = "",
	};
	askbed_take_settings(bed);
	*state = bed;
	return 0;
}

int
askbed_teardown(void **state)
{
	struct askbed *bed = *state;
	void *taps = bed->taps;
	int ret = tapbed_teardown(&taps);

	for (size_t i = 0; i < ASKBED_SITES; i++) {
		website_free(&bed->sites[i]);
		str_fini(&bed->urls[i]);
	}
	free(bed);
	return ret;
}

void
askbed_take(struct askbed *bed, const char *text)
{
	hookbed_take(bed->taps->hooks, arena_new(),
		     hookbed_xml(bed->taps->hooks, text));
}

void
askbed_check_of(struct askbed *bed, const char *host, const char *profile,
		const char *id, const char *children)
{
	askbed_take(bed, arena_printf(
		bed->taps->hooks->arena, "<iq xmlns='jabber:component:accept' "
		"type='set' id='%s' from='%s' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='x%s' point='send' profile='%s'>"
		"<forwarded xmlns='urn:xmpp:forward:0'><message "
		"xmlns='jabber:client' from='r@example/o' to='j@example' "
		"type='chat'>%s</message></forwarded></check></iq>", id, host,
		id, profile, children));
}

void
askbed_check_by(struct askbed *bed, const char *profile, const char *id,
		const char *children)
{
	askbed_check_of(bed, "example", profile, id, children);
}

void
askbed_check(struct askbed *bed, const char *id, const char *children)
{
	askbed_check_by(bed, "strict", id, children);
}

void
askbed_check_coming(struct askbed *bed, const char *id, const char *addresses,
		    const char *children)
{
	askbed_take(bed, arena_printf(
		bed->taps->hooks->arena, "<iq xmlns='jabber:component:accept' "
		"type='set' id='%s' from='example' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='x%s' point='receive' "
		"profile='strict'><forwarded xmlns='urn:xmpp:forward:0'>"
		"<message xmlns='jabber:client' %s id='%s'>%s</message>"
		"</forwarded></check></iq>", id, id, addresses, id, children));
}

void
askbed_check_received(struct askbed *bed, const char *id, const char *resource,
		      const char *children)
{
	askbed_check_coming(bed, id, arena_printf(
		bed->taps->hooks->arena, "from='g@gate/%s' to='j@example' "
		"type='chat'", resource), children);
}

void
askbed_check_entering(struct askbed *bed, const char *id, const char *from)
{
	askbed_check_coming(bed, id, arena_printf(
		bed->taps->hooks->arena, "from='%s' to='hall@rooms.example' "
		"type='groupchat'", from), "<body>a</body>");
}

void
askbed_expect(struct askbed *bed, const char *wanted)
{
	struct router *router = bed->taps->hooks->runtime.router;

	for (int i = 0; i < TURNS && *fake_router_sent(router) == '\0'; i++)
		tapbed_turn(bed->taps);
	assert_string_equal(tapbed_sent(bed->taps), wanted);
}

void
askbed_expect_requests(struct askbed *bed, size_t site, unsigned wanted)
{
	struct website *asked = bed->sites[site];

	for (int i = 0; i < TURNS && website_requests(asked) < wanted; i++)
		tapbed_turn(bed->taps);
	assert_int_equal(website_requests(asked), wanted);
}

long long
askbed_outcomes(struct askbed *bed, const char *which)
{
	return tapbed_metric(bed->taps, arena_printf(
		bed->taps->hooks->arena, "annex_archive_verdicts_total"
		"{outcome=\"%s\"}", which));
}

void
askbed_take_rules(struct askbed *bed)
{
	static const char *const names[] = { "no", "later", "sign", "slow",
					     NULL };
	static const char *const secret[] = { "secret", NULL };
	static const char *const later[] = { "later", NULL };
	static const char *const slow[] = { "(aa+)+$", NULL };
	static struct clause_settings rules[4];
	static struct setting_titled sections[5];

	for (size_t i = 0; i < 4; i++) {
		rules[i] = clausebed_settings();
		sections[i] = (struct setting_titled){ names[i], &rules[i] };
	}
	rules[0].words = secret;
	rules[0].notice = "Not that.";
	rules[1].words = later;
	rules[1].verdict = "hold";
	rules[2].verdict = "append";
	rules[2].text = "b";
	rules[3].patterns = slow;
	bed->taps->settings.rule = sections;
	bed->own.rules = names;
	askbed_take_settings(bed);
	tapbed_sent(bed->taps);
}

void
askbed_check_unclear(struct askbed *bed, const char *cut, const char *odd)
{
	struct arena *arena = bed->taps->hooks->arena;
	static const char form[] =
		"<iq xmlns='jabber:component:accept' type='set' id='%s' "
		"from='example' to='comp.example'><check "
		"xmlns='urn:x-annex:0' id='x1' point='send' "
		"profile='strict' %s><forwarded xmlns='urn:xmpp:forward:0'>"
		"<%s xmlns='jabber:client' from='r@example/o' "
		"to='j@example/b' type='%s' id='i1'><a xmlns='urn:a'/>"
		"<b xmlns='urn:b'/></%s></forwarded></check></iq>";

	askbed_take(bed, arena_printf(arena, form, cut, "cut='true'",
				      "message", "chat", "message"));
	askbed_take(bed, arena_printf(arena, form, odd, "", "iq", "set",
				      "iq"));
}
