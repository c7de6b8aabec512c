#include "shared/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/error.h"

/* How long data may stay unacknowledged before the link counts as dead.
   Linux counts a closed window as well, so it is also how long a router may
   stop reading. */
#define USER_TIMEOUT_MS 60000

struct dial {
	uv_loop_t *loop;
	uv_getaddrinfo_t lookup;
	uv_timer_t timer;
	uv_poll_t *poll;	/* of fd */
	int fd;			/* being connected, or -1 */
	struct addrinfo *found;
	const struct addrinfo *next;
	bool loopback_only;
	unsigned timeout_ms;
	char address[NI_MAXHOST];	/* of fd */
	struct error why;	/* the newest failure */
	char host[256];
	unsigned port;

	bool looking_up, timer_open;	/* what keeps this from being freed */
	dial_fn *fn;		/* NULL once called or freed */
	void *ctx;
};

static void try_next(struct dial *dial);

bool
dial_is_loopback(const struct sockaddr *addr)
{
	const struct in6_addr *ip6;
	in_addr_t ip4;

	if (addr->sa_family == AF_INET) {
		ip4 = ((const struct sockaddr_in *)(const void *)addr)
			      ->sin_addr.s_addr;
		return ntohl(ip4) >> 24 == 127;
	}
	if (addr->sa_family != AF_INET6)
		return false;
	ip6 = &((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr;
	if (IN6_IS_ADDR_V4MAPPED(ip6))
		return ip6->s6_addr[12] == 127;
	return IN6_IS_ADDR_LOOPBACK(ip6);
}

static void
release(struct dial *dial)
{
	if (dial->looking_up || dial->timer_open)
		return;
	if (dial->found != NULL)
		uv_freeaddrinfo(dial->found);
	free(dial);
}

static void
on_timer_closed(uv_handle_t *handle)
{
	struct dial *dial = handle->data;

	dial->timer_open = false;
	release(dial);
}

static void
on_poll_closed(uv_handle_t *handle)
{
	free(handle);
}

/* Stops watching the socket and returns it. */
static int
take_socket(struct dial *dial)
{
	int fd = dial->fd;

	if (dial->poll != NULL)
		uv_close((uv_handle_t *)dial->poll, on_poll_closed);
	dial->poll = NULL;
	dial->fd = -1;
	uv_timer_stop(&dial->timer);
	return fd;
}

static void
drop_socket(struct dial *dial)
{
	int fd = take_socket(dial);

	if (fd >= 0)
		close(fd);
}

void
dial_free(struct dial **dial_)
{
	struct dial *dial = *dial_;

	if (dial == NULL)
		return;
	*dial_ = NULL;
	dial->fn = NULL;
	drop_socket(dial);
	if (dial->looking_up)
		uv_cancel((uv_req_t *)&dial->lookup);
	uv_close((uv_handle_t *)&dial->timer, on_timer_closed);
}

static void
report(struct dial *dial, int fd, const char *text)
{
	dial_fn *fn = dial->fn;

	dial->fn = NULL;
	fn(dial->ctx, fd, text);
}

static void
blame_address(struct dial *dial, const char *reason)
{
	error_set(&dial->why, ERROR_REMOTE_SERVER_NOT_FOUND,
		  "%s port %u (%s): %s", dial->host, dial->port,
		  dial->address, reason);
}

static void
blame_name(struct dial *dial, const char *reason)
{
	error_set(&dial->why, ERROR_REMOTE_SERVER_NOT_FOUND,
		  "%s cannot be resolved: %s", dial->host, reason);
}

static void
on_writable(uv_poll_t *poll, int status, int events)
{
	struct dial *dial = poll->data;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)status, (void)events;
	if (getsockopt(dial->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error == 0) {
		report(dial, take_socket(dial), dial->address);
		return;
	}
	blame_address(dial, strerror(error));
	drop_socket(dial);
	try_next(dial);
}

static void
on_timeout(uv_timer_t *timer)
{
	struct dial *dial = timer->data;

	if (dial->fd >= 0) {
		blame_address(dial, strerror(ETIMEDOUT));
		drop_socket(dial);
	}
	try_next(dial);
}

static void
set_options(int fd)
{
	int on = 1;
	unsigned timeout_ms = USER_TIMEOUT_MS;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms,
		   sizeof(timeout_ms));
}

static int
begin_to_connect(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	set_options(fd);
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) < 0 &&
	    errno != EINPROGRESS) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static void
watch_socket(struct dial *dial, int fd)
{
	dial->fd = fd;
	dial->poll = calloc(1, sizeof(*dial->poll));
	ensure(dial->poll != NULL);
	ensure(uv_poll_init(dial->loop, dial->poll, fd) == 0);
	dial->poll->data = dial;
	uv_poll_start(dial->poll, UV_WRITABLE, on_writable);
	uv_timer_start(&dial->timer, on_timeout, dial->timeout_ms, 0);
}

static bool
may_use(struct dial *dial, const struct addrinfo *ai)
{
	if (getnameinfo(ai->ai_addr, ai->ai_addrlen, dial->address,
			sizeof(dial->address), NULL, 0, NI_NUMERICHOST) != 0)
		return false;
	if (!dial->loopback_only || dial_is_loopback(ai->ai_addr))
		return true;
	blame_address(dial, "the link is clear text, which goes to loopback "
			    "addresses only unless insecure is set");
	return false;
}

static void
try_next(struct dial *dial)
{
	while (dial->next != NULL) {
		const struct addrinfo *ai = dial->next;
		int fd;

		dial->next = ai->ai_next;
		if (!may_use(dial, ai))
			continue;
		fd = begin_to_connect(ai);
		if (fd >= 0) {
			watch_socket(dial, fd);
			return;
		}
		blame_address(dial, strerror(errno));
	}
	report(dial, -1, dial->why.text);
}

static void
on_found(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
	struct dial *dial = lookup->data;

	dial->looking_up = false;
	dial->found = found;
	if (dial->fn == NULL) {
		release(dial);
		return;
	}
	dial->next = found;
	blame_name(dial, status < 0 ? uv_strerror(status) : "no address");
	try_next(dial);
}

static void
begin_lookup(struct dial *dial)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICSERV };
	char service[12];
	int ret;

	snprintf(service, sizeof(service), "%u", dial->port);
	ret = uv_getaddrinfo(dial->loop, &dial->lookup, on_found, dial->host,
			     service, &hints);
	if (ret == 0) {
		dial->looking_up = true;
		return;
	}
	/* A name that cannot even be asked for: say so from the loop. */
	blame_name(dial, uv_strerror(ret));
	uv_timer_start(&dial->timer, on_timeout, 0, 0);
}

struct dial *
dial_new(uv_loop_t *loop, const struct dial_target *target, dial_fn *fn,
	 void *ctx)
{
	struct dial *dial = calloc(1, sizeof(*dial));

	ensure(dial != NULL);
	dial->loop = loop;
	dial->fd = -1;
	snprintf(dial->host, sizeof(dial->host), "%s", target->host);
	dial->port = target->port;
	dial->loopback_only = target->loopback_only;
	dial->timeout_ms = target->timeout_ms;
	dial->fn = fn;
	dial->ctx = ctx;
	dial->lookup.data = dial;
	uv_timer_init(loop, &dial->timer);
	dial->timer.data = dial;
	dial->timer_open = true;
	begin_lookup(dial);
	return dial;
}
