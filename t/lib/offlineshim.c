#include "t/lib/offlineshim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "t/lib/offlinebed.h"

#define STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

const char *
offlineshim_store_text(struct offlinebed *bed, const char *jid, const char *id,
		       const char *sender)
{
	return arena_printf(bed->hooks->arena,
		"<iq type='set' id='%s' from='example' to='comp.example'>"
		"<store xmlns='urn:x-annex:0' id='%s' user='%s'>"
		"<forwarded xmlns='urn:xmpp:forward:0'><delay "
		"xmlns='urn:xmpp:delay' stamp='2026-11-29T12:00:00Z'/>"
		"<message xmlns='jabber:client' from='%s' to='%s' "
		"type='chat'><body>%s</body></message></forwarded></store>"
		"</iq>", id, id, jid, sender, jid, id);
}

const char *
offlineshim_store(struct offlinebed *bed, const char *jid, const char *id,
		  const char *sender)
{
	return offlinebed_receive(bed, offlineshim_store_text(bed, jid, id,
							      sender));
}

/* A message of the shim's with an element of that name. */
static const char *
tell(struct offlinebed *bed, const char *name, const char *attribute,
     const char *jid, const char *content)
{
	return offlinebed_receive(bed, arena_printf(
		bed->hooks->arena, "<message from='example' "
		"to='comp.example'><%s xmlns='urn:x-annex:0' %s='%s'>%s</%s>"
		"</message>", name, attribute, jid, content, name));
}

const char *
offlineshim_withdraw(struct offlinebed *bed, const char *jid, const char *ids)
{
	return tell(bed, "withdraw", "user", jid, ids);
}

const char *
offlineshim_online(struct offlinebed *bed, const char *session,
		   const char *presence)
{
	return tell(bed, "online", "jid", session, arena_printf(
		bed->hooks->arena, "<presence xmlns='jabber:client' "
		"from='%s'>%s</presence>", session, presence));
}

const char *
offlineshim_offline(struct offlinebed *bed, const char *session)
{
	return tell(bed, "offline", "jid", session, "");
}

const char *
offlineshim_delegate(struct offlinebed *bed, const char *session,
		     const char *type, const char *payload)
{
	return offlinebed_receive(bed, arena_printf(
		bed->hooks->arena, "<iq type='set' id='d' from='example' "
		"to='comp.example'><delegated xmlns='urn:x-annex:0'>"
		"<forwarded xmlns='urn:xmpp:forward:0'>"
		"<iq xmlns='jabber:client' type='%s' id='q' from='%s' "
		"to='%.*s'>%s</iq></forwarded></delegated></iq>", type,
		session, (int)strcspn(session, "/"), session, payload));
}

const char *
offlineshim_ask(struct offlinebed *bed, const char *session, const char *type,
		const char *content)
{
	return offlineshim_delegate(bed, session, type, arena_printf(
		bed->hooks->arena, "<offline "
		"xmlns='http://jabber.org/protocol/offline'>%s</offline>",
		content));
}

const char *
offlineshim_id(struct offlinebed *bed, const char *sent)
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

static const char *
answer(struct offlinebed *bed, const char *sent, const char *type,
       const char *content)
{
	return offlinebed_receive(bed, arena_printf(
		bed->hooks->arena, "<iq type='%s' id='%s' from='example' "
		"to='comp.example'>%s</iq>", type,
		offlineshim_id(bed, sent), content));
}

const char *
offlineshim_done(struct offlinebed *bed, const char *sent)
{
	return answer(bed, sent, "result", "");
}

const char *
offlineshim_fail(struct offlinebed *bed, const char *sent,
		 const char *condition)
{
	return answer(bed, sent, "error", arena_printf(
		bed->hooks->arena, "<error type='cancel'><%s xmlns='" STANZAS
		"'/></error>", condition));
}

size_t
offlineshim_times(const char *sent, const char *text)
{
	size_t n = 0;

	for (; (sent = strstr(sent, text)) != NULL; sent += strlen(text))
		n++;
	return n;
}
