/*
 * A router whose users are away: it plays XEP-0114 and the shim's part of
 * components/router/PROTOCOL to one component, which it starts itself, gives
 * it messages to store, has users come and checks what they get.
 *
 *	shim [-d domain] [-h host] [-p port] [-u users] [-m messages]
 *	     [-s seconds] [-a users] [-c users] [-w window]
 *	     -- component arguments...
 *
 * -m says how many messages of each user are stored already.  So many users
 * (-c) come one after the other.  Then messages are stored at full speed, with
 * so many requests under way: first one for each user, so that the component
 * hears of each for the first time, then for a part of them (-a) in turn, each
 * for so many seconds at the most.  Prints "name value" lines.  Exits with 1
 * when anything was wrong.
 */
#include <limits.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "t/bench/figure.h"
#include "t/bench/latency.h"
#include "t/bench/link.h"
#include "t/bench/mail.h"
#include "t/bench/usage.h"

/* Of what is to be sent, at one time. */
#define WRITE_BYTES 262144

struct options {
	const char *domain, *host;
	unsigned port, users, messages, seconds, active, come, window;
	char **argv;		/* the component */
};

struct shim {
	struct options options;
	struct link link;
	pid_t pid;		/* of the component */
	struct mail *mail;
};

/* Waits until the component has said something, or listened. */
static void
turn(struct shim *shim)
{
	struct link *link = &shim->link;
	long used;

	link_turn(link);
	used = mail_read(shim->mail, link->in.data, link->in.len, &link->out);
	if (used < 0)
		exit(1);
	str_shift(&link->in, (size_t)used);
}

/* Spread over all users.  The first is not counted: what comes with it is the
   component's beginning. */
static void
come(struct shim *shim)
{
	const struct options *options = &shim->options;
	struct latency latency = { 0 };

	for (unsigned i = 0; i <= options->come; i++) {
		double begin = usage_now();

		mail_come(shim->mail,
			  (unsigned)((unsigned long long)i * options->users /
				     (options->come + 1)),
			  &shim->link.out);
		while (mail_due(shim->mail) > 0)
			turn(shim);
		if (i > 0)
			latency_add(&latency, usage_now() - begin);
		while (mail_remembered(shim->mail) > 0)
			turn(shim);
		mail_go(shim->mail, &shim->link.out);
	}
	latency_show(&latency, "come");
}

/* For so many users in turn, at most max messages. */
static void
store(struct shim *shim, const char *part, unsigned users,
      unsigned long long max)
{
	const struct options *options = &shim->options;
	struct link *link = &shim->link;
	struct usage before = usage_of(shim->pid), after;
	double begin = usage_now(), end = begin + options->seconds;
	unsigned long long sent = 0;

	do {
		while (usage_now() < end && link->out.len < WRITE_BYTES &&
		       mail_waiting(shim->mail) < options->window &&
		       sent < max)
			mail_store(shim->mail, (unsigned)(sent++ % users),
				   &link->out);
		turn(shim);
	} while (mail_waiting(shim->mail) > 0);
	after = usage_of(shim->pid);
	figure_show_part(part, "seconds", usage_now() - begin);
	figure_show_part(part, "cpu_seconds", after.cpu - before.cpu);
	figure_show_part(part, "count", (double)sent);
}

static void
read_options(struct options *options, int argc, char **argv)
{
	int opt;

	*options = (struct options){ .domain = "offline.example.net",
				     .host = "example.net", .port = 5347,
				     .users = 1000, .seconds = 5,
				     .active = 1000, .window = 1000 };
	while ((opt = getopt(argc, argv, "d:h:p:u:m:s:a:c:w:")) != -1) {
		if (opt == 'd')
			options->domain = optarg;
		else if (opt == 'h')
			options->host = optarg;
		else if (opt == 'p')
			options->port = figure_read(optarg);
		else if (opt == 'u')
			options->users = figure_read(optarg);
		else if (opt == 'm')
			options->messages = figure_read(optarg);
		else if (opt == 's')
			options->seconds = figure_read(optarg);
		else if (opt == 'a')
			options->active = figure_read(optarg);
		else if (opt == 'c')
			options->come = figure_read(optarg);
		else if (opt == 'w')
			options->window = figure_read(optarg);
		else
			exit(2);
	}
	options->argv = argv + optind;
	if (optind == argc)
		link_give_up("which component?");
	if (options->active == 0 || options->active > options->users)
		link_give_up("there are not so many users");
}

int
main(int argc, char **argv)
{
	struct shim shim = { 0 };
	const struct options *options = &shim.options;
	double begin = usage_now();

	read_options(&shim.options, argc, argv);
	shim.mail = mail_new(options->domain, options->host, options->users,
			     options->messages);
	shim.pid = link_serve(&shim.link, options->port, options->domain,
			      options->argv);
	figure_show("start_seconds", usage_now() - begin);
	mail_hello(shim.mail, &shim.link.out);
	if (options->come > 0)
		come(&shim);
	if (options->seconds > 0) {
		store(&shim, "first", options->users, options->users);
		store(&shim, "again", options->active, ULLONG_MAX);
	}
	figure_show("rss_kb", usage_of(shim.pid).rss_kb);
	link_end(&shim.link, shim.pid);
	mail_free(&shim.mail);
	return 0;
}
