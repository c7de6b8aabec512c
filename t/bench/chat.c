/*
 * People at a router's client port who write to each other, two and two; what
 * arrives is checked and counted.
 *
 *	chat [-h host] [-p port] [-n people] [-s seconds] [-w window]
 *	     [-m rate] [-R router's pid] [-C component's pid]
 *
 * They write at full speed, with so many messages under way in all, and then
 * for a second one message at a time; or so many a second, which are measured
 * from when each was due.  Prints "name value" lines.  Exits with 1 when
 * anything was wrong.
 */
#include <stdbool.h>

#include "shared/str.h"
#include "t/bench/cost.h"
#include "t/bench/figure.h"
#include "t/bench/latency.h"
#include "t/bench/pace.h"
#include "t/bench/pairs.h"
#include "t/bench/plan.h"
#include "t/bench/sessions.h"
#include "t/bench/usage.h"

enum phase {
	PHASE_LOGIN,
	PHASE_TALK,		/* at full speed */
	PHASE_CONVERSE,		/* one at a time */
	PHASE_PACE,		/* so many a second */
};

struct chat {
	struct plan plan;
	struct sessions *sessions;
	struct pairs *pairs;
	enum phase phase;
	struct pace pace;
	struct cost since;	/* what was used up when the phase began */
	struct latency latency;
	struct str out;		/* empty in between */
};

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
	chat->since = plan_cost(&chat->plan);
	chat->latency = (struct latency){ 0 };
}

static void
end_talk(struct chat *chat)
{
	struct cost now = plan_cost(&chat->plan);

	cost_show(&chat->since, &now, "talk");
	latency_show(&chat->latency, "talk");
	figure_show("deliveries", (double)pairs_sent(chat->pairs));
	begin(chat, PHASE_CONVERSE);
	write_more(chat, 1, 1);
}

static void
on_tick(void *ctx)
{
	struct chat *chat = ctx;
	unsigned person;
	double due;

	while (pace_next(&chat->pace, usage_now(), &due)) {
		person = pairs_write(chat->pairs, due, &chat->out);
		sessions_send(chat->sessions, person, &chat->out);
	}
}

static void
end_pace(struct chat *chat)
{
	struct cost now = plan_cost(&chat->plan);

	cost_show(&chat->since, &now, "pace");
	latency_show(&chat->latency, "pace");
	figure_show("deliveries", (double)pairs_sent(chat->pairs));
	sessions_end(chat->sessions);
}

static void
on_open(void *ctx)
{
	struct chat *chat = ctx;

	if (chat->plan.rate > 0) {
		begin(chat, PHASE_PACE);
		pace_begin(&chat->pace, usage_now(), chat->plan.rate,
			   chat->plan.seconds);
		sessions_tick(chat->sessions, on_tick);
		return;
	}
	begin(chat, PHASE_TALK);
	write_more(chat, chat->plan.window, chat->plan.seconds);
}

static const char *
on_stanza(unsigned person, const char *jid, const struct element *el,
	  void *ctx)
{
	struct chat *chat = ctx;
	const struct plan *plan = &chat->plan;
	const char *wrong = pairs_read(chat->pairs, person, jid, el,
				       usage_now(), &chat->latency);

	if (wrong != NULL)
		return wrong;
	if (chat->phase == PHASE_TALK &&
	    write_more(chat, plan->window, plan->seconds)) {
		end_talk(chat);
	} else if (chat->phase == PHASE_CONVERSE && write_more(chat, 1, 1)) {
		latency_show(&chat->latency, "quiet");
		sessions_end(chat->sessions);
	} else if (chat->phase == PHASE_PACE && pace_is_over(&chat->pace) &&
		   pairs_missing(chat->pairs) == 0) {
		end_pace(chat);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	struct chat chat = { 0 };
	const struct sessions_owner owner = { .open = on_open,
					      .stanza = on_stanza,
					      .ctx = &chat };

	chat.plan = plan_read(argc, argv);
	chat.pairs = pairs_new(chat.plan.host, chat.plan.people);
	chat.sessions = sessions_new(chat.plan.host, chat.plan.port,
				     chat.plan.people, &owner);
	sessions_run(chat.sessions);
	sessions_free(&chat.sessions);
	pairs_free(&chat.pairs);
	str_fini(&chat.out);
	return 0;
}
