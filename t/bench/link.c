#include "t/bench/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strophe.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/error.h"

#define READ_BYTES 262144

void
link_give_up(const char *what)
{
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
	exit(1);
}

static struct sockaddr_in
loopback(unsigned port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr.sin_port = htons((in_port_t)port);
	return addr;
}

static int
listen_on(unsigned port)
{
	struct sockaddr_in addr = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(fd, 1) < 0)
		link_give_up(strerror(errno));
	return fd;
}

pid_t
link_start(char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		link_give_up(strerror(errno));
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Reads what is there.  Returns false when the other side has gone. */
static bool
read_more(struct link *link)
{
	ssize_t n;

	n = recv(link->fd, str_reserve(&link->in, READ_BYTES), READ_BYTES, 0);
	if (n < 0 && errno == EAGAIN)
		return true;
	if (n <= 0)
		return false;
	link->in.len += (size_t)n;
	link->in.data[link->in.len] = '\0';
	link->bytes += (unsigned long long)n;
	return true;
}

static void
write_more(struct link *link)
{
	size_t len = link->out.len - link->sent;
	ssize_t n = 0;

	if (len > 0)
		n = send(link->fd, link->out.data + link->sent, len,
			 MSG_NOSIGNAL);
	link->sent += n > 0 ? (size_t)n : 0;
	if (link->sent == link->out.len) {
		str_clear(&link->out);
		link->sent = 0;
	}
}

bool
link_wait(struct link *link, int ms)
{
	struct pollfd fd = { .fd = link->fd, .events = POLLIN };

	if (link->out.len > 0)
		fd.events |= POLLOUT;
	if (poll(&fd, 1, ms) == 0)
		return false;
	if ((fd.revents & POLLOUT) != 0)
		write_more(link);
	if ((fd.revents & ~POLLOUT) != 0 && !read_more(link))
		link_give_up("the other side has gone");
	return true;
}

void
link_turn(struct link *link)
{
	if (!link_wait(link, LINK_PATIENCE_MS))
		link_give_up("the other side says nothing");
}

/* Takes all up to that text. */
static void
wait_for(struct link *link, const char *text)
{
	const char *at;

	while (link->in.len == 0 ||
	       (at = strstr(link->in.data, text)) == NULL)
		link_turn(link);
	str_shift(&link->in, (size_t)(at - link->in.data) + strlen(text));
}

static void
greet(struct link *link, const char *attr, const char *domain)
{
	str_addf(&link->out,
		 "<?xml version='1.0'?><stream:stream "
		 "xmlns='jabber:component:accept' "
		 "xmlns:stream='http://etherx.jabber.org/streams' "
		 "%s='%s' id='bench'>", attr, domain);
}

pid_t
link_serve(struct link *link, unsigned port, const char *domain, char **argv)
{
	int listener = listen_on(port), on = 1;
	struct pollfd fd = { .fd = listener, .events = POLLIN };
	pid_t pid = link_start(argv);

	if (poll(&fd, 1, LINK_PATIENCE_MS) != 1)
		link_give_up("the component does not connect");
	link->fd = accept4(listener, NULL, NULL,
			   SOCK_CLOEXEC | SOCK_NONBLOCK);
	close(listener);
	setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	wait_for(link, "<stream:stream");
	wait_for(link, ">");
	greet(link, "from", domain);
	wait_for(link, "</handshake>");
	str_addz(&link->out, "<handshake/>");
	return pid;
}

/* The id of the router's stream, before its first '>'. */
static void
read_id(struct link *link, struct str *id_r)
{
	const char *at, *end;

	wait_for(link, "<stream:stream");
	while (strchr(link->in.data, '>') == NULL)
		link_turn(link);
	at = strstr(link->in.data, " id=");
	end = at != NULL ? strchr(at + 5, at[4]) : NULL;
	if (end == NULL)
		link_give_up("the router's stream has no id");
	str_add(id_r, at + 5, (size_t)(end - at - 5));
	wait_for(link, ">");
}

void
link_attach(struct link *link, unsigned port, const char *domain,
	    const char *secret)
{
	struct sockaddr_in addr = loopback(port);
	xmpp_ctx_t *ctx = xmpp_ctx_new(NULL, NULL);
	struct str text = { 0 };
	char *digest;
	int on = 1;

	link->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (link->fd < 0 ||
	    connect(link->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		link_give_up(strerror(errno));
	setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	greet(link, "to", domain);
	read_id(link, &text);
	str_addz(&text, secret);
	digest = xmpp_sha1(ctx, (const unsigned char *)text.data, text.len);
	ensure(digest != NULL);
	str_addf(&link->out, "<handshake>%s</handshake>", digest);
	wait_for(link, "<handshake");
	wait_for(link, ">");
	xmpp_free(ctx, digest);
	xmpp_ctx_free(ctx);
	str_fini(&text);
}

static void
drop(struct link *link)
{
	close(link->fd);
	str_fini(&link->in);
	str_fini(&link->out);
	*link = (struct link){ .bytes = link->bytes };
}

void
link_kill(struct link *link, pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	drop(link);
}

void
link_end(struct link *link, pid_t pid)
{
	static const char end[] = "</stream:stream>";
	struct pollfd fd = { .fd = link->fd, .events = POLLIN };
	size_t len = sizeof(end) - 1;

	kill(pid, SIGTERM);
	while (poll(&fd, 1, LINK_PATIENCE_MS) == 1 && read_more(link)) {
		if (link->in.len >= len &&
		    strcmp(link->in.data + link->in.len - len, end) == 0)
			break;
		str_clear(&link->in);
	}
	drop(link);
	waitpid(pid, NULL, 0);
}
