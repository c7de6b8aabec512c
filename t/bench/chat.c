/*
 * People at a router's client port who write to each other, two and two; what
 * arrives is checked and counted.
 *
 *	chat [-h host] [-p port] [-n people] [-s seconds] [-w window]
 *	     [-R router's pid] [-C component's pid]
 *
 * They write at full speed, with so many messages under way in all, and then
 * for a second one message at a time.  Prints "name value" lines.  Exits with
 * 1 when anything was wrong.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "shared/str.h"
#include "t/bench/cost.h"
#include "t/bench/figure.h"
#include "t/bench/latency.h"
#include "t/bench/pairs.h"
#include "t/bench/sessions.h"
#include "t/bench/usage.h"

struct options {
	const char *host;
	unsigned port, people, seconds, window;
	pid_t router, component;	/* 0: none */
};

enum phase {
	PHASE_LOGIN,
	PHASE_TALK,		/* at full speed */
	PHASE_CONVERSE,		/* one at a time */
};

struct chat {
	struct options options;
	struct sessions *sessions;
	struct pairs *pairs;
	enum phase phase;
	struct cost since;	/* what was used up when the phase began */
	struct latency latency;
	struct str out;		/* empty in between */
};

static struct cost
cost(const struct chat *chat)
{
	return cost_now(chat->options.router, chat->options.component);
}

/* Keeps so many messages under way until the time is over.  Returns whether
   all have arrived then. */
static bool
write_more(struct chat *chat, unsigned window, unsigned seconds)
{
	double now = usage_now();
	unsigned person;

	while (now < chat->since.time + seconds &&
	       pairs_missing(chat->pairs) < window) {
		person = pairs_write(chat->pairs, now, &chat->out);
		sessions_send(chat->sessions, person, &chat->out);
	}
	return pairs_missing(chat->pairs) == 0;
}

static void
begin(struct chat *chat, enum phase phase)
{
	chat->phase = phase;
	chat->since = cost(chat);
	chat->latency = (struct latency){ 0 };
}

static void
end_talk(struct chat *chat)
{
	struct cost now = cost(chat);

	cost_show(&chat->since, &now, "talk");
	latency_show(&chat->latency, "talk");
	figure_show("deliveries", (double)pairs_sent(chat->pairs));
	begin(chat, PHASE_CONVERSE);
	write_more(chat, 1, 1);
}

static void
on_open(void *ctx)
{
	struct chat *chat = ctx;

	begin(chat, PHASE_TALK);
	write_more(chat, chat->options.window, chat->options.seconds);
}

static const char *
on_stanza(unsigned person, const char *jid, const struct element *el,
	  void *ctx)
{
	struct chat *chat = ctx;
	const struct options *options = &chat->options;
	const char *wrong = pairs_read(chat->pairs, person, jid, el,
				       usage_now(), &chat->latency);

	if (wrong != NULL)
		return wrong;
	if (chat->phase == PHASE_TALK &&
	    write_more(chat, options->window, options->seconds)) {
		end_talk(chat);
	} else if (chat->phase == PHASE_CONVERSE && write_more(chat, 1, 1)) {
		latency_show(&chat->latency, "quiet");
		sessions_end(chat->sessions);
	}
	return NULL;
}

static void
read_options(struct options *options, int argc, char **argv)
{
	int opt;

	*options = (struct options){ .host = "example.net", .port = 5222,
				     .people = 100, .seconds = 5,
				     .window = 64 };
	while ((opt = getopt(argc, argv, "h:p:n:s:w:R:C:")) != -1) {
		if (opt == 'h')
			options->host = optarg;
		else if (opt == 'p')
			options->port = figure_read(optarg);
		else if (opt == 'n')
			options->people = figure_read(optarg);
		else if (opt == 's')
			options->seconds = figure_read(optarg);
		else if (opt == 'w')
			options->window = figure_read(optarg);
		else if (opt == 'R')
			options->router = (pid_t)figure_read(optarg);
		else if (opt == 'C')
			options->component = (pid_t)figure_read(optarg);
		else
			exit(2);
	}
}

int
main(int argc, char **argv)
{
	struct chat chat = { 0 };
	const struct sessions_owner owner = { .open = on_open,
					      .stanza = on_stanza,
					      .ctx = &chat };

	read_options(&chat.options, argc, argv);
	chat.pairs = pairs_new(chat.options.host, chat.options.people);
	chat.sessions = sessions_new(chat.options.host, chat.options.port,
				     chat.options.people, &owner);
	sessions_run(chat.sessions);
	sessions_free(&chat.sessions);
	pairs_free(&chat.pairs);
	str_fini(&chat.out);
	return 0;
}
