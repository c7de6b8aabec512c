#include "t/lib/clausebed.h"

#include <string.h>

#include "components/archive/rules/pattern.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "t/lib/bed.h"

#define NOW 1795953600000000	/* 2026-11-29T12:00:00Z */

static const char *const none[] = { NULL };

struct clause_settings
clausebed_settings(void)
{
	return (struct clause_settings){
		.from = none, .to = none, .between = none, .kinds = none,
		.encrypted = "any", .words = none, .patterns = none,
		.files = none, .links = none, .rate_period = 60,
		.verdict = "block", .condition = "policy-violation",
		.notice = "", .text = "",
	};
}

static bool
is_far(const struct jid *jid)
{
	return strcmp(jid->domain, "far") == 0;
}

struct exhibit
clausebed_exhibit(struct arena *arena, const char *text)
{
	struct stanza *stanza = arena_alloc(arena, sizeof(*stanza));
	struct error err;

	ensure(stanza_parse(arena, bed_xml(arena, NS_CLIENT, text), stanza,
			    &err) == 0);
	return (struct exhibit){
		.arena = arena, .stanza = stanza, .stamp = NOW,
		.sender = stanza->from->bare, .recipient = stanza->to->bare,
		.sender_outside = is_far(stanza->from),
		.recipient_outside = is_far(stanza->to),
		.until_ns = pattern_clock_ns() + PATTERN_TIME_NS,
	};
}

struct exhibit
clausebed_message(struct arena *arena, const char *children)
{
	return clausebed_exhibit(arena, arena_printf(
		arena, "<message from='r@a/o' to='j@a' type='chat'>%s"
		"</message>", children));
}
