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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "shared/error.h"
#include "shared/str.h"
#include "t/bench/client.h"
#include "t/bench/latency.h"
#include "t/bench/meeting.h"
#include "t/bench/usage.h"

/* At one time on their way in. */
#define LOGINS_MAX 50
/* How long nothing may come while something is missing. */
#define PATIENCE_MS 60000

struct options {
	const char *host, *room;
	unsigned port, people, seconds, window;
	pid_t router, component;	/* 0: none */
};

enum phase {
	PHASE_LOGIN,
	PHASE_OPEN,		/* the first one enters */
	PHASE_CONFIGURE,
	PHASE_ENTER,		/* all others do */
	PHASE_TALK,		/* at full speed */
	PHASE_CONVERSE,		/* one at a time */
};

struct cost {
	double time, router, component, own;
};

struct load {
	struct options options;
	uv_loop_t loop;
	uv_timer_t patience;
	struct client *clients;
	struct client_login login;
	struct client_owner owner;
	unsigned begun, open;	/* clients */
	struct meeting *meeting;
	enum phase phase;
	struct cost since;	/* what was used up when the phase began */
	struct latency latency;
	unsigned long long stanzas, seen;	/* till the last look */
};

static void
give_up(const char *what)
{
	fprintf(stderr, "load: %s\n", what);
	exit(1);
}

static void
show(const char *name, double value)
{
	printf("%s %.6g\n", name, value);
	fflush(stdout);
}

static struct cost
cost_now(const struct load *load)
{
	const struct options *options = &load->options;

	return (struct cost){
		.time = usage_now(),
		.router = options->router != 0 ?
				  usage_of(options->router).cpu : 0,
		.component = options->component != 0 ?
				     usage_of(options->component).cpu : 0,
		.own = usage_of(getpid()).cpu,
	};
}

static void
show_cost(const struct load *load, const char *prefix)
{
	struct cost now = cost_now(load);
	const struct cost *since = &load->since;
	char name[64];
	const struct {
		const char *name;
		double value;
	} figures[] = {
		{ "seconds", now.time - since->time },
		{ "router_cpu", now.router - since->router },
		{ "component_cpu", now.component - since->component },
		{ "load_cpu", now.own - since->own },
	};

	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
		snprintf(name, sizeof(name), "%s_%s", prefix,
			 figures[i].name);
		show(name, figures[i].value);
	}
}

static void
show_latency(const struct load *load, const char *prefix)
{
	static const struct {
		const char *name;
		double share;
	} shares[] = {
		{ "p50", 0.5 }, { "p95", 0.95 }, { "p99", 0.99 }, { "max", 1 },
	};
	char name[64];

	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		snprintf(name, sizeof(name), "%s_%s_ms", prefix,
			 shares[i].name);
		show(name, latency_share(&load->latency, shares[i].share) *
				   1e3);
	}
}

static void
begin(struct load *load, enum phase phase)
{
	load->phase = phase;
	load->since = cost_now(load);
	load->latency = (struct latency){ 0 };
}

static void
send_str(struct load *load, unsigned person, struct str *out)
{
	client_send(&load->clients[person], out->data, out->len);
	str_clear(out);
}

static void
enter(struct load *load, unsigned first, unsigned end)
{
	struct str out = { 0 };

	for (unsigned i = first; i < end; i++) {
		meeting_enter(load->meeting, i, &out);
		send_str(load, i, &out);
	}
	str_fini(&out);
}

static void
configure(struct load *load)
{
	struct str out = { 0 };

	meeting_configure(load->meeting, &out);
	send_str(load, 0, &out);
	str_fini(&out);
}

/* Keeps so many messages under way until the time is over.  Returns whether
   all have arrived then. */
static bool
talk(struct load *load, unsigned window, unsigned seconds)
{
	double now = usage_now();
	struct str out = { 0 };
	unsigned person;

	while (now < load->since.time + seconds &&
	       meeting_missing(load->meeting) < window) {
		person = meeting_talk(load->meeting, now, &out);
		send_str(load, person, &out);
	}
	str_fini(&out);
	return meeting_missing(load->meeting) == 0;
}

static void
end_enter(struct load *load)
{
	show_cost(load, "enter");
	show("enter_presences",
	     (double)meeting_count(load->meeting).presences);
	if (load->options.seconds == 0) {
		uv_stop(&load->loop);
		return;
	}
	begin(load, PHASE_TALK);
	talk(load, load->options.window, load->options.seconds);
}

static void
end_talk(struct load *load)
{
	show_cost(load, "talk");
	show_latency(load, "talk");
	show("messages", (double)meeting_count(load->meeting).messages);
	show("deliveries", (double)meeting_count(load->meeting).deliveries);
	begin(load, PHASE_CONVERSE);
	talk(load, 1, 1);
}

/* Something has come: is it time for what follows? */
static void
go_on(struct load *load)
{
	struct options *options = &load->options;

	if (load->phase == PHASE_OPEN && meeting_is_open(load->meeting)) {
		load->phase = PHASE_CONFIGURE;
		configure(load);
	} else if (load->phase == PHASE_CONFIGURE &&
		   meeting_is_configured(load->meeting)) {
		begin(load, PHASE_ENTER);
		enter(load, 1, options->people);
	} else if (load->phase == PHASE_ENTER &&
		   meeting_is_full(load->meeting)) {
		end_enter(load);
	} else if (load->phase == PHASE_TALK &&
		   talk(load, options->window, options->seconds)) {
		end_talk(load);
	} else if (load->phase == PHASE_CONVERSE && talk(load, 1, 1)) {
		show_latency(load, "quiet");
		uv_stop(&load->loop);
	}
}

static void
log_in(struct load *load)
{
	while (load->begun < load->options.people &&
	       load->begun - load->open < LOGINS_MAX) {
		client_start(&load->clients[load->begun], &load->loop,
			     &load->login, load->begun, &load->owner);
		load->begun++;
	}
}

static void
on_open(struct client *client, void *ctx)
{
	struct load *load = ctx;

	(void)client;
	load->open++;
	if (load->open < load->options.people) {
		log_in(load);
		return;
	}
	show_cost(load, "login");
	load->phase = PHASE_OPEN;
	enter(load, 0, 1);
}

static void
on_stanza(struct client *client, const struct element *el, const char *text,
	  size_t len, void *ctx)
{
	struct load *load = ctx;
	const char *wrong;

	load->stanzas++;
	wrong = meeting_read(load->meeting,
			     (unsigned)(client - load->clients), client->jid,
			     el, usage_now(), &load->latency);
	if (wrong != NULL) {
		fprintf(stderr, "%s got: %.*s\n", client->jid,
			(int)(len < 2000 ? len : 2000), text);
		give_up(wrong);
	}
	go_on(load);
}

static void
on_failed(struct client *client, const char *why, void *ctx)
{
	(void)ctx;
	fprintf(stderr, "%s, in state %d: ", client->jid, client->state);
	give_up(why);
}

static void
on_patience(uv_timer_t *timer)
{
	struct load *load = timer->data;

	if (load->seen == load->stanzas + load->open) {
		fprintf(stderr, "%u of %u are there, phase %d, "
				"%u messages are missing\n",
			load->open, load->options.people, load->phase,
			meeting_missing(load->meeting));
		give_up("nothing comes any more");
	}
	load->seen = load->stanzas + load->open;
}

static void
run(struct load *load)
{
	uv_loop_init(&load->loop);
	uv_timer_init(&load->loop, &load->patience);
	load->patience.data = load;
	uv_timer_start(&load->patience, on_patience, PATIENCE_MS,
		       PATIENCE_MS);
	load->owner = (struct client_owner){ .open = on_open,
					     .stanza = on_stanza,
					     .failed = on_failed,
					     .ctx = load };
	load->login = (struct client_login){
		.domain = load->options.host, .port = load->options.port,
		.expat = XML_ParserCreate("UTF-8"),
	};
	load->clients = calloc(load->options.people, sizeof(*load->clients));
	ensure(load->clients != NULL && load->login.expat != NULL);
	begin(load, PHASE_LOGIN);
	log_in(load);
	uv_run(&load->loop, UV_RUN_DEFAULT);
}

static void
finish(struct load *load)
{
	for (unsigned i = 0; i < load->begun; i++)
		client_stop(&load->clients[i]);
	uv_close((uv_handle_t *)&load->patience, NULL);
	uv_run(&load->loop, UV_RUN_DEFAULT);
	ensure(uv_loop_close(&load->loop) == 0);
	XML_ParserFree(load->login.expat);
	free(load->clients);
	meeting_free(&load->meeting);
}

static unsigned
number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end != '\0' || value > 100000000)
		give_up("not a number");
	return (unsigned)value;
}

static void
read_options(struct options *options, int argc, char **argv)
{
	int opt;

	*options = (struct options){ .host = "example.net", .port = 5222,
				     .room = "room@rooms.example.net",
				     .people = 100, .seconds = 5,
				     .window = 64 };
	while ((opt = getopt(argc, argv, "h:p:r:n:s:w:R:C:")) != -1) {
		if (opt == 'h')
			options->host = optarg;
		else if (opt == 'p')
			options->port = number(optarg);
		else if (opt == 'r')
			options->room = optarg;
		else if (opt == 'n')
			options->people = number(optarg);
		else if (opt == 's')
			options->seconds = number(optarg);
		else if (opt == 'w')
			options->window = number(optarg);
		else if (opt == 'R')
			options->router = (pid_t)number(optarg);
		else if (opt == 'C')
			options->component = (pid_t)number(optarg);
		else
			exit(2);
	}
	if (options->people == 0 || options->window == 0)
		give_up("nobody, or nothing, is no load");
}

/* As many connections as the system allows. */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
main(int argc, char **argv)
{
	struct load load = { 0 };

	read_options(&load.options, argc, argv);
	raise_limit();
	load.meeting = meeting_new(load.options.room, load.options.people);
	run(&load);
	finish(&load);
	return 0;
}
