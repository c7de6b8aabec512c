#include "t/bench/spread.h"

#include <string.h>

#include "shared/ns.h"

#define CREDIT 64
#define STANZA_BYTES 524288

#define FANOUT "<fanout xmlns='" NS_ANNEX "'><to>"
#define LIST_END "</to>"
#define FORWARDED "<forwarded xmlns='" NS_FORWARD "'>"
#define FORWARDED_END "</forwarded>"
#define CLIENT " xmlns='" NS_CLIENT "'"
#define IQ "<iq id='"
/* Of what stands before the list. */
#define START_BYTES 300

#define LEN(literal) (sizeof(literal) - 1)

/* A part of the request. */
struct part {
	const char *at;
	size_t len;
};

static const char *
host_of(const char *domain)
{
	return strchr(domain, '.') + 1;
}

void
spread_greet(struct str *out, const char *domain)
{
	str_addf(out, "<message from='%s' to='%s'><hello xmlns='" NS_ANNEX "' "
		      "version='0' epoch='1' hooks='fanout' credit='%d' "
		      "stanza-bytes='%d'/></message>",
		 host_of(domain), domain, CREDIT, STANZA_BYTES);
}

static struct part
find(const char *text, size_t len, const char *what)
{
	struct part found = { memmem(text, len, what, strlen(what)),
			      strlen(what) };

	return found;
}

bool
spread_is(const char *text, size_t len)
{
	return len >= LEN(IQ) && memcmp(text, IQ, LEN(IQ)) == 0 &&
	       find(text, len < START_BYTES ? len : START_BYTES,
		    FANOUT).at != NULL;
}

/* One stanza for one address, which takes the namespace's place. */
static int
copy_one(struct part stanza, struct part to, struct str *out)
{
	struct part ns = find(stanza.at, stanza.len, CLIENT);
	const char *end = stanza.at + stanza.len, *rest;

	if (ns.at == NULL)
		return -1;
	rest = ns.at + ns.len;
	str_add(out, stanza.at, (size_t)(ns.at - stanza.at));
	str_addz(out, " to='");
	str_add(out, to.at, to.len);
	str_addc(out, '\'');
	str_add(out, rest, (size_t)(end - rest));
	return 0;
}

/* All stanzas, which stand between text and end, for one address. */
static int
copy_all(const char *text, const char *end, struct part to, struct str *out)
{
	struct part stanza, close;
	int count = 0;

	while ((size_t)(end - text) > LEN(FORWARDED) &&
	       memcmp(text, FORWARDED, LEN(FORWARDED)) == 0) {
		stanza.at = text + LEN(FORWARDED);
		close = find(stanza.at, (size_t)(end - stanza.at),
			     FORWARDED_END);
		if (close.at == NULL)
			return -1;
		stanza.len = (size_t)(close.at - stanza.at);
		if (copy_one(stanza, to, out) < 0)
			return -1;
		text = close.at + close.len;
		count++;
	}
	return count > 0 ? 0 : -1;
}

int
spread_copy(const char *text, size_t len, struct str *out)
{
	const char *end = text + len, *at = find(text, len, FANOUT).at;
	struct part list_end, to;

	if (at == NULL)
		return -1;
	at += LEN(FANOUT);
	list_end = find(at, (size_t)(end - at), LIST_END);
	if (list_end.at == NULL)
		return -1;
	do {
		const char *feed = memchr(at, '\n',
					  (size_t)(list_end.at - at));

		to.at = at;
		to.len = (size_t)((feed != NULL ? feed : list_end.at) - at);
		if (to.len == 0 || copy_all(list_end.at + list_end.len, end,
					    to, out) < 0)
			return -1;
		at += to.len + 1;
	} while (at < list_end.at);
	return 0;
}

void
spread_answer(const char *text, size_t len, const char *domain,
	      struct str *out)
{
	const char *id = text + LEN(IQ);
	const char *quote = memchr(id, '\'', len - LEN(IQ));

	str_addf(out, "<iq type='result' id='%.*s' from='%s' to='%s'/>",
		 (int)(quote - id), id, host_of(domain), domain);
}
