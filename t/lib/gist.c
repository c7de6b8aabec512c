#include "t/lib/gist.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "t/lib/mucbed.h"

#define ROOM "r@muc.example/"

static void
add_stanza(struct str *out, const char *text, const char *end)
{
	struct str stanza = { 0 };
	const char *nick;

	str_add(&stanza, text, (size_t)(end - text));
	str_addc(out, ' ');
	if (strncmp(text, "<message", 8) == 0) {
		str_addz(out, strstr(stanza.data, "<subject") ?
			 "subject" : "message");
	} else {
		nick = strstr(text, ROOM) + sizeof(ROOM) - 1;
		str_add(out, nick, strcspn(nick, "'"));
		str_addz(out, strstr(stanza.data, " jid='") ? "!" : "");
		str_addz(out, strstr(stanza.data, "'110'") ? "*" : "");
	}
	str_fini(&stanza);
}

static bool
is_listed(const char *request, const char *end, const char *jid)
{
	const char *list = strstr(request, "<to>");
	const char *list_end = strstr(request, "</to>");
	size_t len = strlen(jid);

	if (list == NULL || list > end)
		return false;
	for (const char *at = strstr(list, jid); at != NULL && at < list_end;
	     at = strstr(at + 1, jid))
		if ((at[-1] == '>' || at[-1] == '\n') &&
		    (at[len] == '\n' || at + len == list_end))
			return true;
	return false;
}

static void
add_forwarded(struct str *out, const char *at, const char *end)
{
	static const char tag[] = "<forwarded xmlns='" NS_FORWARD "'>";

	for (at = strstr(at, tag); at != NULL && at < end;
	     at = strstr(at + 1, tag))
		add_stanza(out, at + sizeof(tag) - 1,
			   strstr(at, "</forwarded>"));
}

/* The list in a request has several lines. */
const char *
gist_of(struct mucbed *bed, const char *sent, const char *jid)
{
	const char *to = arena_printf(bed->arena, " to='%s'", jid);
	const char *copy, *end;
	struct str out = { 0 };

	for (const char *at = sent; *at != '\0'; at = end + 1) {
		const char *found = strstr(at, to);

		end = strchr(strstr(at, ">\n"), '\n');
		if (strncmp(at, "<iq ", 4) != 0 && found != NULL && found < end)
			add_stanza(&out, at, end);
		else if (is_listed(at, end, jid))
			add_forwarded(&out, at, end);
	}
	copy = arena_strdup(bed->arena, out.data ? out.data : "");
	str_fini(&out);
	return copy;
}

unsigned
gist_requests(const char *sent, const char *jid)
{
	const char *end;
	unsigned n = 0;

	for (const char *at = sent; *at != '\0'; at = end + 1) {
		end = strchr(strstr(at, ">\n"), '\n');
		if (strncmp(at, "<iq ", 4) == 0)
			n += is_listed(at, end, jid);
	}
	return n;
}
