/*
 * People at a router's client port, in one room: they enter and talk, and
 * what each of them gets is checked and counted.
 *
 *	load [-h host] [-p port] [-r room] [-n people] [-s seconds]
 *	     [-w window] [-R router's pid] [-C component's pid]
 *
 * They talk at full speed, with so many messages under way, and then for a
 * second one message at a time, which shows how long one takes.  Prints "name
 * value" lines.  Exits with 1 when anything was wrong.
 */
#include <stdbool.h>

#include "shared/str.h"
#include "t/bench/cost.h"
#include "t/bench/figure.h"
#include "t/bench/latency.h"
#include "t/bench/meeting.h"
#include "t/bench/plan.h"
#include "t/bench/sessions.h"
#include "t/bench/usage.h"

enum phase {
	PHASE_LOGIN,
	PHASE_OPEN,		/* the first one enters */
	PHASE_CONFIGURE,
	PHASE_ENTER,		/* all others do */
	PHASE_TALK,		/* at full speed */
	PHASE_CONVERSE,		/* one at a time */
};

struct load {
	struct plan plan;
	struct sessions *sessions;
	struct meeting *meeting;
	enum phase phase;
	struct cost since;	/* what was used up when the phase began */
	struct latency latency;
	struct str out;		/* empty in between */
};

static void
begin(struct load *load, enum phase phase)
{
	load->phase = phase;
	load->since = plan_cost(&load->plan);
	load->latency = (struct latency){ 0 };
}

static void
end(const struct load *load, const char *part)
{
	struct cost now = plan_cost(&load->plan);

	cost_show(&load->since, &now, part);
}

static void
enter(struct load *load, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++) {
		meeting_enter(load->meeting, i, &load->out);
		sessions_send(load->sessions, i, &load->out);
	}
}

static void
configure(struct load *load)
{
	load->phase = PHASE_CONFIGURE;
	meeting_configure(load->meeting, &load->out);
	sessions_send(load->sessions, 0, &load->out);
}

/* Keeps so many messages under way until the time is over.  Returns whether
   all have arrived then. */
static bool
talk(struct load *load, unsigned window, unsigned seconds)
{
	double now = usage_now();
	unsigned person;

	while (now < load->since.time + seconds &&
	       meeting_missing(load->meeting) < window) {
		person = meeting_talk(load->meeting, now, &load->out);
		sessions_send(load->sessions, person, &load->out);
	}
	return meeting_missing(load->meeting) == 0;
}

static void
end_enter(struct load *load)
{
	end(load, "enter");
	figure_show("presences",
		    (double)meeting_count(load->meeting).presences);
	if (load->plan.seconds == 0) {
		sessions_end(load->sessions);
		return;
	}
	begin(load, PHASE_TALK);
	talk(load, load->plan.window, load->plan.seconds);
}

static void
end_talk(struct load *load)
{
	struct meeting_count count = meeting_count(load->meeting);

	end(load, "talk");
	latency_show(&load->latency, "talk");
	figure_show("messages", (double)count.messages);
	figure_show("deliveries", (double)count.deliveries);
	begin(load, PHASE_CONVERSE);
	talk(load, 1, 1);
}

static void
end_converse(struct load *load)
{
	latency_show(&load->latency, "quiet");
	sessions_end(load->sessions);
}

/* Something has come: is it time for what follows? */
static void
go_on(struct load *load)
{
	const struct plan *plan = &load->plan;

	switch (load->phase) {
	case PHASE_LOGIN:
		break;
	case PHASE_OPEN:
		if (meeting_is_open(load->meeting))
			configure(load);
		break;
	case PHASE_CONFIGURE:
		if (meeting_is_configured(load->meeting)) {
			begin(load, PHASE_ENTER);
			enter(load, 1, plan->people - 1);
		}
		break;
	case PHASE_ENTER:
		if (meeting_is_full(load->meeting))
			end_enter(load);
		break;
	case PHASE_TALK:
		if (talk(load, plan->window, plan->seconds))
			end_talk(load);
		break;
	case PHASE_CONVERSE:
		if (talk(load, 1, 1))
			end_converse(load);
		break;
	}
}

static void
on_open(void *ctx)
{
	struct load *load = ctx;

	end(load, "login");
	load->phase = PHASE_OPEN;
	enter(load, 0, 0);
}

static const char *
on_stanza(unsigned person, const char *jid, const struct element *el,
	  void *ctx)
{
	struct load *load = ctx;
	const char *wrong = meeting_read(load->meeting, person, jid, el,
					 usage_now(), &load->latency);

	if (wrong == NULL)
		go_on(load);
	return wrong;
}

int
main(int argc, char **argv)
{
	struct load load = { 0 };
	const struct sessions_owner owner = { .open = on_open,
					      .stanza = on_stanza,
					      .ctx = &load };

	load.plan = plan_read(argc, argv);
	load.meeting = meeting_new(load.plan.room, load.plan.people);
	load.sessions = sessions_new(load.plan.host, load.plan.port,
				     load.plan.people, &owner);
	begin(&load, PHASE_LOGIN);
	sessions_run(load.sessions);
	sessions_free(&load.sessions);
	meeting_free(&load.meeting);
	str_fini(&load.out);
	return 0;
}
