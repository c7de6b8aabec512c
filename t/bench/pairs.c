#include "t/bench/pairs.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/error.h"
#include "t/bench/element.h"
#include "t/bench/latency.h"
#include "t/bench/speech.h"
#include "t/bench/transcript.h"

struct pairs {
	char domain[128];
	unsigned count;		/* of pairs */
	struct transcript **transcripts;	/* one of each pair */
	unsigned long long sent, arrived;
};

struct pairs *
pairs_new(const char *domain, unsigned people)
{
	struct pairs *pairs = calloc(1, sizeof(*pairs));

	ensure(pairs != NULL && people > 0 && people % 2 == 0);
	snprintf(pairs->domain, sizeof(pairs->domain), "%s", domain);
	pairs->count = people / 2;
	pairs->transcripts = calloc(pairs->count,
				    sizeof(struct transcript *));
	ensure(pairs->transcripts != NULL);
	for (unsigned i = 0; i < pairs->count; i++)
		pairs->transcripts[i] = transcript_new(1, 1);
	return pairs;
}

void
pairs_free(struct pairs **pairs_)
{
	struct pairs *pairs = *pairs_;

	for (unsigned i = 0; i < pairs->count; i++)
		transcript_free(&pairs->transcripts[i]);
	free(pairs->transcripts);
	free(pairs);
	*pairs_ = NULL;
}

static void
print_jid(const struct pairs *pairs, unsigned person, char jid[192])
{
	snprintf(jid, 192, "u%07u@%s/r", person, pairs->domain);
}

unsigned
pairs_write(struct pairs *pairs, double now, struct str *out)
{
	unsigned pair = (unsigned)(pairs->sent++ % pairs->count);
	unsigned number = transcript_say(pairs->transcripts[pair], 0, now);
	char to[192];

	print_jid(pairs, pair * 2 + 1, to);
	speech_print(out, NULL, to, "chat", number);
	return pair * 2;
}

unsigned long long
pairs_sent(const struct pairs *pairs)
{
	return pairs->sent;
}

unsigned long long
pairs_missing(const struct pairs *pairs)
{
	return pairs->sent - pairs->arrived;
}

const char *
pairs_read(struct pairs *pairs, unsigned person, const char *jid,
	   const struct element *el, double now, struct latency *latency)
{
	long number = speech_read(el);
	const char *wrong;
	char partner[192];
	double delay;

	if (strcmp(el->name, "message") != 0)
		/* The router's own affairs, as one's own presence. */
		return strcmp(el->type, "error") == 0 ? "an error" : NULL;
	if (person % 2 == 0 || strcmp(el->type, "chat") != 0)
		return "an unexpected message";
	print_jid(pairs, person - 1, partner);
	if (strcmp(el->from, partner) != 0 || strcmp(el->to, jid) != 0)
		return "from or for somebody else";
	if (number < 0)
		return "not what was sent";
	wrong = transcript_hear(pairs->transcripts[person / 2], 0,
				(unsigned)number, now, &delay);
	if (wrong != NULL)
		return wrong;
	pairs->arrived++;
	latency_add(latency, delay);
	return NULL;
}
