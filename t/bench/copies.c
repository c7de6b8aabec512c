#include "t/bench/copies.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/clock.h"
#include "shared/error.h"
#include "t/bench/element.h"

/* Of a hundred characters with the number, of eight. */
#define BODY_REST " is what people write to each other, as long as most " \
	"messages are &amp; with nothing new in them"

struct copies {
	const char *component, *host;
	unsigned users;
	unsigned long long sent, acked;
	XML_Parser expat;
};

struct copies *
copies_new(const char *component, const char *host, unsigned users)
{
	struct copies *copies = calloc(1, sizeof(*copies));

	ensure(copies != NULL && users > 1);
	copies->component = component;
	copies->host = host;
	copies->users = users;
	copies->expat = XML_ParserCreate("UTF-8");
	ensure(copies->expat != NULL);
	return copies;
}

void
copies_free(struct copies **copies)
{
	XML_ParserFree((*copies)->expat);
	free(*copies);
	*copies = NULL;
}

void
copies_hello(struct copies *copies, unsigned window, struct str *out)
{
	str_addf(out,
		 "<message from='%s' to='%s'><hello xmlns='urn:x-annex:0' "
		 "version='1' epoch='bench' router='bench' hooks='tap' "
		 "fail='open' window='%u' window-bytes='16777216' "
		 "credit='64' stanza-bytes='524288'/></message>",
		 copies->host, copies->component, window);
}

/* Numbers that follow each other lead to such as do not (splitmix64). */
static uint64_t
scatter(uint64_t n)
{
	n *= UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

/* An id like those that most programs make, of 36 characters. */
static void
add_uuid(struct str *out, uint64_t number)
{
	uint64_t a = scatter(2 * number + 1), b = scatter(2 * number + 2);

	str_addf(out, "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-a%03" PRIx64
		 "-%012" PRIx64, a >> 32, a & 0xffff, a >> 16 & 0xfff,
		 b >> 52, b & UINT64_C(0xffffffffffff));
}

static void
add_message(const struct copies *copies, struct str *out)
{
	uint64_t number = copies->sent, pair = scatter(number);
	uint64_t from = pair % copies->users;
	uint64_t to = (from + 1 + (pair >> 32) % (copies->users - 1)) %
		      copies->users;

	str_addf(out,
		 "<message xmlns='jabber:client' "
		 "from='u%07" PRIu64 "@%s/laptop.Qm3xTz7' "
		 "to='u%07" PRIu64 "@%s/mobile.Bn8yRk2' type='chat' id='",
		 from, copies->host, to, copies->host);
	add_uuid(out, ~number);
	str_addf(out, "'><body>%08" PRIu64 BODY_REST "</body></message>",
		 number % 100000000);
}

void
copies_add(struct copies *copies, struct str *out)
{
	char stamp[CLOCK_TEXT_SIZE];

	copies->sent++;
	str_addf(out,
		 "<message from='%s' to='%s'>"
		 "<tap xmlns='urn:x-annex:0' seq='%llu' id='",
		 copies->host, copies->component, copies->sent);
	add_uuid(out, copies->sent);
	str_addf(out, "' dir='both' origin='local'>"
		 "<forwarded xmlns='urn:xmpp:forward:0'>"
		 "<delay xmlns='urn:xmpp:delay' stamp='%s'/>",
		 clock_print(clock_now(), stamp));
	add_message(copies, out);
	str_addz(out, "</forwarded></tap></message>");
}

unsigned long long
copies_sent(const struct copies *copies)
{
	return copies->sent;
}

unsigned long long
copies_waiting(const struct copies *copies)
{
	return copies->sent - copies->acked;
}

static int
complain(const char *what, const char *text, size_t len)
{
	fprintf(stderr, "tap: %s: %.*s\n", what,
		(int)(len < 2000 ? len : 2000), text);
	return -1;
}

static int
read_ack(struct copies *copies, const struct element *el)
{
	char *end;
	unsigned long long seq = strtoull(el->seq, &end, 10);

	if (end == el->seq || *end != '\0' || seq < copies->acked ||
	    seq > copies->sent)
		return -1;
	copies->acked = seq;
	return 0;
}

/* Whatever it asks, as a ping, is answered. */
static int
read_stanza(struct copies *copies, const struct element *el, struct str *out)
{
	if (strcmp(el->child, "ack") == 0)
		return read_ack(copies, el);
	if (strcmp(el->name, "iq") != 0 || strcmp(el->type, "error") == 0)
		return -1;
	str_addf(out, "<iq type='result' id='%s' from='%s' to='%s'/>",
		 el->id, el->to, el->from);
	return 0;
}

long
copies_read(struct copies *copies, const char *text, size_t len,
	    struct str *out)
{
	struct element el;
	size_t used = 0, size;

	for (;;) {
		while (used < len && text[used] == ' ')
			used++;
		size = element_end(text + used, len - used);
		if (size == 0)
			return (long)used;
		if (element_read(copies->expat, text + used, size, &el) < 0)
			return complain("not well-formed", text + used, size);
		if (read_stanza(copies, &el, out) < 0)
			return complain("wrong", text + used, size);
		used += size;
	}
}
