/*
 * A router whose users write to each other: it plays XEP-0114 and the shim's
 * part of components/router/PROTOCOL to one component, which it starts itself,
 * hands it a copy of each message and counts what it acknowledges.
 *
 *	tap [-d domain] [-h host] [-p port] [-u users] [-s seconds]
 *	    [-c copies] [-w window] -- component arguments...
 *
 * Copies are sent at full speed, as many as the window lets, for so many
 * seconds or until there are so many.  Once all are acknowledged it prints
 * figures, and stays until its input ends, as a router does while a component
 * works.  Prints "name value" lines.  Exits with 1 when anything was wrong.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "t/bench/copies.h"
#include "t/bench/figure.h"
#include "t/bench/link.h"
#include "t/bench/usage.h"

/* Of what is to be sent, at one time. */
#define WRITE_BYTES 262144
/* How often it looks whether its input has ended. */
#define LOOK_MS 20

struct options {
	const char *domain, *host;
	unsigned port, users, seconds, count, window;
	char **argv;		/* the component */
};

struct tap {
	struct options options;
	struct link link;
	pid_t pid;		/* of the component */
	struct copies *copies;
};

static void
hear(struct tap *tap)
{
	struct link *link = &tap->link;
	long used = copies_read(tap->copies, link->in.data, link->in.len,
				&link->out);

	if (used < 0)
		exit(1);
	str_shift(&link->in, (size_t)used);
}

static bool
is_over(const struct tap *tap, double begin)
{
	const struct options *options = &tap->options;

	return options->count > 0 ?
	       copies_sent(tap->copies) >= options->count :
	       usage_now() >= begin + options->seconds;
}

static void
send_some(struct tap *tap, double begin)
{
	struct str *out = &tap->link.out;

	while (out->len < WRITE_BYTES && !is_over(tap, begin) &&
	       copies_waiting(tap->copies) < tap->options.window)
		copies_add(tap->copies, out);
}

static void
send_all(struct tap *tap)
{
	struct usage before = usage_of(tap->pid), after;
	double begin = usage_now();

	do {
		send_some(tap, begin);
		link_turn(&tap->link);
		hear(tap);
	} while (!is_over(tap, begin) || copies_waiting(tap->copies) > 0);
	after = usage_of(tap->pid);
	figure_show("pid", tap->pid);
	figure_show("count", (double)copies_sent(tap->copies));
	figure_show("cpu_seconds", after.cpu - before.cpu);
	figure_show("rss_kb", after.rss_kb);
	figure_show("seconds", usage_now() - begin);
}

static void
stay(struct tap *tap)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	struct usage before = usage_of(tap->pid);

	while (poll(&input, 1, 0) == 0) {
		link_wait(&tap->link, LOOK_MS);
		hear(tap);
	}
	figure_show("later_cpu_seconds",
		    usage_of(tap->pid).cpu - before.cpu);
}

static void
read_options(struct options *options, int argc, char **argv)
{
	int opt;

	*options = (struct options){ .domain = "archive.example.net",
				     .host = "example.net", .port = 5347,
				     .users = 1000, .seconds = 5,
				     .window = 1000 };
	while ((opt = getopt(argc, argv, "d:h:p:u:s:c:w:")) != -1) {
		if (opt == 'd')
			options->domain = optarg;
		else if (opt == 'h')
			options->host = optarg;
		else if (opt == 'p')
			options->port = figure_read(optarg);
		else if (opt == 'u')
			options->users = figure_read(optarg);
		else if (opt == 's')
			options->seconds = figure_read(optarg);
		else if (opt == 'c')
			options->count = figure_read(optarg);
		else if (opt == 'w')
			options->window = figure_read(optarg);
		else
			exit(2);
	}
	options->argv = argv + optind;
	if (optind == argc)
		link_give_up("which component?");
}

int
main(int argc, char **argv)
{
	struct tap tap = { 0 };
	const struct options *options = &tap.options;

	read_options(&tap.options, argc, argv);
	tap.copies = copies_new(options->domain, options->host,
				options->users);
	tap.pid = link_serve(&tap.link, options->port, options->domain,
			     options->argv);
	copies_hello(tap.copies, options->window, &tap.link.out);
	send_all(&tap);
	stay(&tap);
	link_end(&tap.link, tap.pid);
	copies_free(&tap.copies);
	return 0;
}
