/*
 * A router that has nothing to do: it plays XEP-0114 to one component, which
 * it starts itself, sends a crowd into its rooms, has them talk and checks
 * and counts what comes back.
 *
 *	stub [-d domain] [-p port] [-r rooms] [-n people] [-s seconds]
 *	     [-w window] [-f] [-k] [-l] -- component arguments...
 *
 * -f has it play a shim that does fanouts as well (components/router/PROTOCOL).
 * -k kills the component when all are in and it has written what it wanted to,
 * and starts it again; -l has those leave at once who open a room.  Prints
 * "name value" lines.  Exits with 1 when anything was wrong.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "t/bench/crowd.h"
#include "t/bench/figure.h"
#include "t/bench/link.h"
#include "t/bench/spread.h"
#include "t/bench/usage.h"

/* Of what is to be sent, at one time. */
#define WRITE_BYTES 262144

struct options {
	const char *domain;
	unsigned port, rooms, people, seconds, window;
	bool fanout, kill, leave;
	char **argv;		/* the component */
};

struct stub {
	struct options options;
	struct link link;
	pid_t pid;		/* of the component */
	struct crowd *crowd;
};

/* Waits until the component has said something, or listened. */
static void
turn(struct stub *stub)
{
	struct link *link = &stub->link;
	long used;

	link_turn(link);
	used = crowd_read(stub->crowd, link->in.data, link->in.len,
			  &link->out);
	if (used < 0)
		exit(1);
	str_shift(&link->in, (size_t)used);
}

static void
enter(struct stub *stub)
{
	struct usage before = usage_of(stub->pid), after;
	double start_time = usage_now();

	while (!crowd_is_in(stub->crowd) || !crowd_saw_all(stub->crowd)) {
		crowd_enter(stub->crowd, &stub->link.out);
		do {
			turn(stub);
		} while (!crowd_is_in(stub->crowd) &&
			 stub->link.out.len > 0);
	}
	after = usage_of(stub->pid);
	figure_show("enter_seconds", usage_now() - start_time);
	figure_show("enter_cpu_seconds", after.cpu - before.cpu);
	figure_show("rss_before_kb", before.rss_kb);
	figure_show("rss_entered_kb", after.rss_kb);
	figure_show("presences", (double)crowd_count(stub->crowd).presences);
}

/* At full speed, as many under way as the window allows. */
static void
talk(struct stub *stub)
{
	unsigned long long window = (unsigned long long)
					    stub->options.window *
				    stub->options.people;
	struct usage before = usage_of(stub->pid), after;
	double begin = usage_now(), end = begin + stub->options.seconds, took;
	bool over = false;

	while (!over || crowd_missing(stub->crowd) > 0) {
		while (!over && stub->link.out.len < WRITE_BYTES &&
		       crowd_missing(stub->crowd) < window)
			crowd_talk(stub->crowd, &stub->link.out);
		turn(stub);
		over = usage_now() >= end;
	}
	took = usage_now() - begin;
	after = usage_of(stub->pid);

	figure_show("seconds", took);
	figure_show("messages", (double)crowd_count(stub->crowd).messages);
	figure_show("deliveries", (double)crowd_count(stub->crowd).deliveries);
	figure_show("fanouts", (double)crowd_count(stub->crowd).fanouts);
	figure_show("parsed", (double)crowd_count(stub->crowd).parsed);
	figure_show("bytes", (double)stub->link.bytes);
	figure_show("cpu_seconds", after.cpu - before.cpu);
	figure_show("rss_kb", after.rss_kb);
}

static void
leave(struct stub *stub)
{
	while (!crowd_is_out(stub->crowd)) {
		turn(stub);
	}
	figure_show("history", (double)crowd_count(stub->crowd).history);
	figure_show("rss_left_kb", usage_of(stub->pid).rss_kb);
}

/* Returns the seconds it took. */
static double
start(struct stub *stub)
{
	double begin = usage_now();

	stub->pid = link_serve(&stub->link, stub->options.port,
			       stub->options.domain, stub->options.argv);
	if (stub->options.fanout)
		spread_greet(&stub->link.out, stub->options.domain);
	return usage_now() - begin;
}

/* Waits until the component has had nothing to do for a second. */
static void
rest(struct stub *stub)
{
	double used = -1, now;

	while ((now = usage_of(stub->pid).cpu) > used) {
		used = now;
		while (link_wait(&stub->link, 1000))
			continue;
	}
}

/* Whoever was in a room is asked after the restart whether he still is. */
static void
revive(struct stub *stub)
{
	unsigned long long all = (unsigned long long)stub->options.rooms *
				 stub->options.people;
	double killed;

	rest(stub);
	link_kill(&stub->link, stub->pid);
	killed = usage_now();
	start(stub);
	while (crowd_count(stub->crowd).asked < all)
		turn(stub);
	figure_show("restore_seconds", usage_now() - killed);
	figure_show("restore_cpu_seconds", usage_of(stub->pid).cpu);
}

static void
read_options(struct options *options, int argc, char **argv)
{
	int opt;

	*options = (struct options){ .domain = "muc.example", .port = 5347,
				     .rooms = 1, .people = 100,
				     .seconds = 5, .window = 256 };
	while ((opt = getopt(argc, argv, "d:p:r:n:s:w:fkl")) != -1) {
		if (opt == 'd')
			options->domain = optarg;
		else if (opt == 'p')
			options->port = figure_read(optarg);
		else if (opt == 'r')
			options->rooms = figure_read(optarg);
		else if (opt == 'n')
			options->people = figure_read(optarg);
		else if (opt == 's')
			options->seconds = figure_read(optarg);
		else if (opt == 'w')
			options->window = figure_read(optarg);
		else if (opt == 'f')
			options->fanout = true;
		else if (opt == 'k')
			options->kill = true;
		else if (opt == 'l')
			options->leave = true;
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
	struct stub stub = { 0 };

	read_options(&stub.options, argc, argv);
	stub.crowd = crowd_new(stub.options.domain, stub.options.rooms,
			       stub.options.people);
	if (stub.options.leave)
		crowd_visit(stub.crowd);
	figure_show("start_seconds", start(&stub));
	enter(&stub);
	if (stub.options.kill)
		revive(&stub);
	if (stub.options.seconds > 0)
		talk(&stub);
	if (stub.options.leave)
		leave(&stub);
	link_end(&stub.link, stub.pid);
	crowd_free(&stub.crowd);
	return 0;
}
