#include "t/lib/tapshim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/hook.h"
#include "shared/str.h"
#include "t/lib/tapbed.h"

#define STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define STANZA_BYTES 500000	/* more than hookbed's hosts take */
#define LATE_ROUNDS 6000	/* of 10 ms */

void
tapshim_greet(struct tapbed *bed)
{
	struct hook_host *host;

	hookbed_receive(bed->hooks, "<message from='example' "
			"to='comp.example'><hello xmlns='urn:x-annex:0' "
			"version='1' epoch='e1' "
			"hooks='tap deliver delegate'/></message>");
	host = (struct hook_host *)hook_find(bed->hooks->runtime.hook,
					     "example");
	host->stanza_bytes = STANZA_BYTES;
}

void
tapshim_ask(struct tapbed *bed, const char *session, const char *id,
	    const char *type, const char *payload)
{
	struct arena *arena = arena_new();

	hookbed_take(bed->hooks, arena, hookbed_xml(
		bed->hooks, arena_printf(
			bed->hooks->arena, "<iq "
			"xmlns='jabber:component:accept' type='set' id='d%s' "
			"from='example' to='comp.example'><delegated "
			"xmlns='urn:x-annex:0'><forwarded "
			"xmlns='urn:xmpp:forward:0'><iq "
			"xmlns='jabber:client' type='%s' id='%s' from='%s' "
			"to='%.*s'>%s</iq></forwarded></delegated></iq>", id,
			type, id, session, (int)strcspn(session, "/"), session,
			payload)));
}

void
tapshim_query(struct tapbed *bed, const char *content)
{
	tapshim_ask(bed, "j@example/b", "q", "set", arena_printf(
			    bed->hooks->arena, "<query "
			    "xmlns='urn:xmpp:mam:2'>%s</query>", content));
}

const char *
tapshim_await(struct tapbed *bed, const char *text)
{
	struct router *router = bed->hooks->runtime.router;

	for (int i = 0; i < LATE_ROUNDS; i++) {
		if (strstr(fake_router_sent(router), text) != NULL)
			return tapbed_sent(bed);
		database_run(bed->db, 10);
	}
	fail_msg("no \"%s\" in \"%s\"", text, fake_router_sent(router));
	return NULL;
}

static const char *
first_id(struct tapbed *bed, const char *sent)
{
	for (const char *at = strstr(sent, "<iq "); at != NULL;
	     at = strstr(at + 1, "<iq ")) {
		const char *tag = arena_dup(bed->hooks->arena, at,
					    strcspn(at, ">"));
		const char *id = strstr(tag, " id='");

		if (strstr(tag, " type='set'") != NULL && id != NULL)
			return arena_dup(bed->hooks->arena, id + 5,
					 strcspn(id + 5, "'"));
	}
	fail_msg("no request in \"%s\"", sent);
	return NULL;
}

static void
answer(struct tapbed *bed, const char *sent, const char *type,
       const char *content)
{
	struct arena *arena = arena_new();

	hookbed_take(bed->hooks, arena, hookbed_xml(
		bed->hooks, arena_printf(
			bed->hooks->arena, "<iq "
			"xmlns='jabber:component:accept' type='%s' id='%s' "
			"from='example' to='comp.example'>%s</iq>", type,
			first_id(bed, sent), content)));
}

void
tapshim_done(struct tapbed *bed, const char *sent)
{
	answer(bed, sent, "result", "");
}

void
tapshim_fail(struct tapbed *bed, const char *sent, const char *condition)
{
	answer(bed, sent, "error", arena_printf(
		bed->hooks->arena, "<error type='cancel'><%s xmlns='" STANZAS
		"'/></error>", condition));
}

const char *
tapshim_take(struct tapbed *bed, const char *text)
{
	struct router *router = bed->hooks->runtime.router;
	struct str all = { 0 };
	const char *sent, *copy;

	for (int i = 0; i < LATE_ROUNDS; i++) {
		sent = tapbed_sent(bed);
		str_addz(&all, sent);
		if (strstr(sent, text) != NULL)
			break;
		if (strstr(sent, "<deliver ") != NULL)
			tapshim_done(bed, sent);
		if (*fake_router_sent(router) == '\0')
			database_run(bed->db, 10);
	}
	copy = arena_dup(bed->hooks->arena, all.data, all.len);
	str_fini(&all);
	if (strstr(copy, text) == NULL)
		fail_msg("no \"%s\" in \"%s\"", text, copy);
	return copy;
}

void
tapshim_fill(struct tapbed *bed, unsigned count)
{
	struct arena *arena = bed->hooks->arena;

	for (unsigned i = 1; i <= count; i++)
		tapbed_tap(bed, i, arena_printf(arena, "x%u", i),
			   arena_printf(arena, "no %u", i));
}
