/*
 * A router that has nothing to do: it plays XEP-0114 to one component, which
 * it starts itself, sends a crowd into its rooms, has them talk and checks
 * and counts what comes back.
 *
 *	stub [-d domain] [-p port] [-r rooms] [-n people] [-s seconds]
 *	     [-w window] [-k] [-l] -- component arguments...
 *
 * -k kills the component when all are in and it has written what it wanted
 * to, and starts it again; -l has those leave at once who open a room.  Prints
 * "name value" lines.  Exits with 1 when anything was wrong.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/error.h"
#include "shared/str.h"
#include "t/bench/crowd.h"
#include "t/bench/usage.h"

#define READ_BYTES 262144
/* How long the component may be silent while something is missing. */
#define PATIENCE_MS 30000

struct options {
	const char *domain;
	unsigned port, rooms, people, seconds, window;
	bool kill, leave;
	char **argv;		/* the component */
};

struct stub {
	struct options options;
	int fd;
	pid_t pid;		/* of the component */
	struct str in, out;
	size_t sent;		/* of out */
	struct crowd *crowd;
	unsigned long long bytes;	/* that came */
};

static void
give_up(const char *what)
{
	fprintf(stderr, "stub: %s\n", what);
	exit(1);
}

static int
listen_on(unsigned port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr.sin_port = htons((in_port_t)port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(fd, 1) < 0)
		give_up(strerror(errno));
	return fd;
}

static pid_t
start(char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		give_up(strerror(errno));
	if (pid > 0)
		return pid;
	/* Whatever ends the stub ends it as well. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(argv[0], argv);
	fprintf(stderr, "stub: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Reads what is there.  Returns false when the component has gone. */
static bool
read_more(struct stub *stub)
{
	ssize_t n;

	n = recv(stub->fd, str_reserve(&stub->in, READ_BYTES), READ_BYTES, 0);
	if (n < 0 && errno == EAGAIN)
		return true;
	if (n <= 0)
		return false;
	stub->in.len += (size_t)n;
	stub->bytes += (unsigned long long)n;
	return true;
}

static void
write_more(struct stub *stub)
{
	size_t len = stub->out.len - stub->sent;
	ssize_t n = 0;

	if (len > 0)
		n = send(stub->fd, stub->out.data + stub->sent, len,
			 MSG_NOSIGNAL);
	stub->sent += n > 0 ? (size_t)n : 0;
	if (stub->sent == stub->out.len) {
		str_clear(&stub->out);
		stub->sent = 0;
	}
}

/* Waits until the component has something to say, or listens. */
static void
turn(struct stub *stub)
{
	struct pollfd fd = { .fd = stub->fd, .events = POLLIN };

	if (stub->out.len > 0)
		fd.events |= POLLOUT;
	if (poll(&fd, 1, PATIENCE_MS) == 0)
		give_up("the component says nothing");
	if ((fd.revents & POLLOUT) != 0)
		write_more(stub);
	if ((fd.revents & ~POLLOUT) != 0 && !read_more(stub))
		give_up("the component has gone");
}

static void
wait_for(struct stub *stub, const char *text)
{
	const char *at;

	while (stub->in.len == 0 ||
	       (at = strstr(stub->in.data, text)) == NULL)
		turn(stub);
	str_shift(&stub->in, (size_t)(at - stub->in.data) + strlen(text));
}

/* Takes any secret. */
static void
shake_hands(struct stub *stub)
{
	wait_for(stub, "<stream:stream");
	wait_for(stub, ">");
	str_addf(&stub->out,
		 "<?xml version='1.0'?><stream:stream "
		 "xmlns='jabber:component:accept' "
		 "xmlns:stream='http://etherx.jabber.org/streams' "
		 "from='%s' id='stub'>", stub->options.domain);
	wait_for(stub, "</handshake>");
	str_addz(&stub->out, "<handshake/>");
}

static void
check(struct stub *stub)
{
	long used = crowd_read(stub->crowd, stub->in.data, stub->in.len,
			       &stub->out);

	if (used < 0)
		exit(1);
	str_shift(&stub->in, (size_t)used);
}

static void
show(const char *name, double value)
{
	printf("%s %.6g\n", name, value);
	fflush(stdout);
}

static void
enter(struct stub *stub)
{
	struct usage before = usage_of(stub->pid), after;
	double start_time = usage_now();

	while (!crowd_is_in(stub->crowd) || !crowd_saw_all(stub->crowd)) {
		crowd_enter(stub->crowd, &stub->out);
		do {
			turn(stub);
			check(stub);
		} while (!crowd_is_in(stub->crowd) &&
			 stub->out.len > 0);
	}
	after = usage_of(stub->pid);
	show("enter_seconds", usage_now() - start_time);
	show("enter_cpu_seconds", after.cpu - before.cpu);
	show("rss_before_kb", before.rss_kb);
	show("rss_entered_kb", after.rss_kb);
	show("presences", (double)crowd_count(stub->crowd).presences);
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
		while (!over && stub->out.len < READ_BYTES &&
		       crowd_missing(stub->crowd) < window)
			crowd_talk(stub->crowd, &stub->out);
		turn(stub);
		check(stub);
		over = usage_now() >= end;
	}
	took = usage_now() - begin;
	after = usage_of(stub->pid);

	show("seconds", took);
	show("messages", (double)crowd_count(stub->crowd).messages);
	show("deliveries", (double)crowd_count(stub->crowd).deliveries);
	show("parsed", (double)crowd_count(stub->crowd).parsed);
	show("bytes", (double)stub->bytes);
	show("cpu_seconds", after.cpu - before.cpu);
	show("rss_kb", after.rss_kb);
}

static void
leave(struct stub *stub)
{
	while (!crowd_is_out(stub->crowd)) {
		turn(stub);
		check(stub);
	}
	show("history", (double)crowd_count(stub->crowd).history);
	show("rss_left_kb", usage_of(stub->pid).rss_kb);
}

/* Returns the seconds it took. */
static double
attach(struct stub *stub)
{
	int listener = listen_on(stub->options.port), on = 1;
	struct pollfd fd = { .fd = listener, .events = POLLIN };
	double begin = usage_now();

	stub->pid = start(stub->options.argv);
	if (poll(&fd, 1, PATIENCE_MS) != 1)
		give_up("the component does not connect");
	stub->fd = accept4(listener, NULL, NULL,
			   SOCK_CLOEXEC | SOCK_NONBLOCK);
	close(listener);
	setsockopt(stub->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	shake_hands(stub);
	return usage_now() - begin;
}

/* Waits until the component has had nothing to do for a second. */
static void
rest(struct stub *stub)
{
	struct pollfd fd = { .fd = stub->fd, .events = POLLIN };
	double used = -1, now;

	while ((now = usage_of(stub->pid).cpu) > used) {
		used = now;
		while (poll(&fd, 1, 1000) > 0) {
			turn(stub);
			check(stub);
		}
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
	kill(stub->pid, SIGKILL);
	killed = usage_now();
	close(stub->fd);
	waitpid(stub->pid, NULL, 0);
	str_clear(&stub->in);
	str_clear(&stub->out);
	stub->sent = 0;
	attach(stub);
	while (crowd_count(stub->crowd).asked < all) {
		turn(stub);
		check(stub);
	}
	show("restore_seconds", usage_now() - killed);
}

/* Lets the component take its leave, which nobody listens to. */
static void
stop(struct stub *stub)
{
	struct pollfd fd = { .fd = stub->fd, .events = POLLIN };
	int status;

	kill(stub->pid, SIGTERM);
	while (poll(&fd, 1, PATIENCE_MS) == 1 && read_more(stub)) {
		if (stub->in.len > 15 &&
		    strcmp(stub->in.data + stub->in.len - 16,
			   "</stream:stream>") == 0)
			break;
		str_clear(&stub->in);
	}
	close(stub->fd);
	waitpid(stub->pid, &status, 0);
	crowd_free(&stub->crowd);
	str_fini(&stub->in);
	str_fini(&stub->out);
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

	*options = (struct options){ .domain = "muc.example", .port = 5347,
				     .rooms = 1, .people = 100,
				     .seconds = 5, .window = 256 };
	while ((opt = getopt(argc, argv, "d:p:r:n:s:w:kl")) != -1) {
		if (opt == 'd')
			options->domain = optarg;
		else if (opt == 'p')
			options->port = number(optarg);
		else if (opt == 'r')
			options->rooms = number(optarg);
		else if (opt == 'n')
			options->people = number(optarg);
		else if (opt == 's')
			options->seconds = number(optarg);
		else if (opt == 'w')
			options->window = number(optarg);
		else if (opt == 'k')
			options->kill = true;
		else if (opt == 'l')
			options->leave = true;
		else
			exit(2);
	}
	options->argv = argv + optind;
	if (optind == argc)
		give_up("which component?");
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
	show("start_seconds", attach(&stub));
	enter(&stub);
	if (stub.options.kill)
		revive(&stub);
	if (stub.options.seconds > 0)
		talk(&stub);
	if (stub.options.leave)
		leave(&stub);
	stop(&stub);
	return 0;
}
