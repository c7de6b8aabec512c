/*
 * A component that finds everything allowed and every copy well kept: it
 * answers each check, those it read together at once, and acknowledges each
 * tap, of components/router/PROTOCOL.
 *
 *	judge [-d domain] [-p port] [-s secret]
 *
 * Copies are acknowledged many at a time, as by a component that writes them
 * down many at a time.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "shared/error.h"
#include "t/bench/element.h"
#include "t/bench/figure.h"
#include "t/bench/link.h"

/* Taps that are acknowledged together, and how long one waits for more. */
#define TAPS_MAX 200
#define TAPS_MS 20

struct judge {
	struct link link;
	XML_Parser expat;
	unsigned taps;		/* not acknowledged */
	struct element tap;	/* the last one of them */
	struct str allowed;	/* empty in between */
};

/* Noted, as by shared/hook_allowed.h. */
static void
allow(struct judge *judge, const struct element *el)
{
	if (judge->allowed.len == 0)
		str_addf(&judge->allowed, "<message from='%s' to='%s'>"
			 "<allow xmlns='urn:x-annex:0'>", el->to, el->from);
	else
		str_addc(&judge->allowed, '\n');
	str_addz(&judge->allowed, el->id);
}

static void
tell_allowed(struct judge *judge)
{
	if (judge->allowed.len == 0)
		return;
	str_addf(&judge->link.out, "%s</allow></message>",
		 judge->allowed.data);
	str_clear(&judge->allowed);
}

static void
acknowledge(struct judge *judge)
{
	str_addf(&judge->link.out,
		 "<message from='%s' to='%s'>"
		 "<ack xmlns='urn:x-annex:0' seq='%s'/></message>",
		 judge->tap.to, judge->tap.from, judge->tap.seq);
	judge->taps = 0;
}

/* Whatever else is asked for, as a ping, is not there. */
static void
refuse(struct judge *judge, const struct element *el)
{
	str_addf(&judge->link.out,
		 "<iq type='error' id='%s' from='%s' to='%s'>"
		 "<error type='cancel'><service-unavailable "
		 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
		 el->id, el->to, el->from);
}

static void
hear(struct judge *judge, const struct element *el)
{
	bool asked = strcmp(el->name, "iq") == 0 &&
		     (strcmp(el->type, "get") == 0 ||
		      strcmp(el->type, "set") == 0);

	if (asked && strcmp(el->child, "check") == 0) {
		allow(judge, el);
	} else if (asked) {
		refuse(judge, el);
	} else if (strcmp(el->child, "tap") == 0) {
		judge->tap = *el;
		judge->taps++;
	} else if (strcmp(el->child, "hello") == 0) {
		fprintf(stderr, "judge: %s says hello\n", el->from);
	}
}

static void
hear_all(struct judge *judge)
{
	struct str *in = &judge->link.in;
	struct element el;
	size_t used = 0, len;

	while (used < in->len) {
		len = in->data[used] != '<' ? 1 :
		      element_end(in->data + used, in->len - used);
		if (len == 0)
			break;
		if (in->data[used] == '<') {
			if (element_read(judge->expat, in->data + used, len,
					 &el) < 0)
				link_give_up(in->data + used);
			hear(judge, &el);
		}
		used += len;
	}
	str_shift(in, used);
}

int
main(int argc, char **argv)
{
	const char *domain = "judge.example.net", *secret = "any";
	struct judge judge = { .expat = XML_ParserCreate("UTF-8") };
	unsigned port = 5347;
	int opt;

	ensure(judge.expat != NULL);
	while ((opt = getopt(argc, argv, "d:p:s:")) != -1) {
		if (opt == 'd')
			domain = optarg;
		else if (opt == 'p')
			port = figure_read(optarg);
		else if (opt == 's')
			secret = optarg;
		else
			return 2;
	}
	link_attach(&judge.link, port, domain, secret);
	for (;;) {
		hear_all(&judge);
		tell_allowed(&judge);
		if (judge.taps >= TAPS_MAX ||
		    (!link_wait(&judge.link, judge.taps > 0 ? TAPS_MS : -1) &&
		     judge.taps > 0))
			acknowledge(&judge);
	}
}
