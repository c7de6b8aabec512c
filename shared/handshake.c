#include "shared/handshake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/error.h"
#include "shared/str.h"

/* More than one, so that another thread that snatches the one we let go does
   no harm. */
#define HELD_MAX 4

/* What libstrophe reads at a time. */
#define SLICE_BYTES 4096

/* Any port will do: nothing is ever sent there. */
#define NOWHERE_PORT 9

enum handshake_state {
	HANDSHAKE_IDLE,		/* libstrophe holds nothing */
	HANDSHAKE_OPEN,		/* negotiating */
	HANDSHAKE_DONE,		/* <handshake/> came */
	HANDSHAKE_FAILED,	/* libstrophe gave up */
};

struct handshake {
	enum handshake_state state;
	int held[HELD_MAX];	/* low descriptors, or -1 */
	xmpp_ctx_t *ctx;
	xmpp_conn_t *conn;
	int inner;		/* libstrophe's descriptor: it closes it */
	int outer;		/* our end of the pair */
};

static void
hold_low_descriptors(struct handshake *hs)
{
	int any = eventfd(0, EFD_CLOEXEC);

	for (size_t i = 0; i < HELD_MAX && any >= 0; i++) {
		if (hs->held[i] >= 0)
			continue;
		hs->held[i] = fcntl(any, F_DUPFD_CLOEXEC, 3);
		if (hs->held[i] >= FD_SETSIZE) {
			close(hs->held[i]);
			hs->held[i] = -1;
		}
	}
	if (any >= 0)
		close(any);
}

static bool
let_one_go(struct handshake *hs)
{
	for (size_t i = 0; i < HELD_MAX; i++) {
		if (hs->held[i] < 0)
			continue;
		close(hs->held[i]);
		hs->held[i] = -1;
		return true;
	}
	return false;
}

struct handshake *
handshake_new(void)
{
	struct handshake *hs = calloc(1, sizeof(*hs));

	ensure(hs != NULL);
	for (size_t i = 0; i < HELD_MAX; i++)
		hs->held[i] = -1;
	hs->inner = hs->outer = -1;
	hold_low_descriptors(hs);
	xmpp_initialize();
	return hs;
}

void
handshake_free(struct handshake **handshake)
{
	struct handshake *hs = *handshake;

	if (hs == NULL)
		return;
	handshake_end(hs);
	while (let_one_go(hs))
		;
	free(hs);
	*handshake = NULL;
}

/* Idle, open, and then one of its two results. */
static void
set_state(struct handshake *hs, enum handshake_state state)
{
	ensure(state == HANDSHAKE_IDLE ||
	       hs->state == (state == HANDSHAKE_OPEN ? HANDSHAKE_IDLE :
						       HANDSHAKE_OPEN));
	hs->state = state;
}

void
handshake_end(struct handshake *hs)
{
	if (hs->conn != NULL)
		xmpp_conn_release(hs->conn);
	if (hs->ctx != NULL)
		xmpp_ctx_free(hs->ctx);
	if (hs->outer >= 0)
		close(hs->outer);
	hs->conn = NULL;
	hs->ctx = NULL;
	hs->inner = hs->outer = -1;
	set_state(hs, HANDSHAKE_IDLE);
	hold_low_descriptors(hs);
}

bool
handshake_is_done(const struct handshake *hs)
{
	return hs->state == HANDSHAKE_DONE;
}

static void
on_event(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
	 xmpp_stream_error_t *stream_error, void *ctx)
{
	struct handshake *hs = ctx;

	(void)conn, (void)error, (void)stream_error;
	if (hs->state != HANDSHAKE_OPEN)
		return;
	set_state(hs, event == XMPP_CONN_CONNECT ? HANDSHAKE_DONE :
						   HANDSHAKE_FAILED);
}

static int
refuse_socket(xmpp_conn_t *conn, void *socket)
{
	(void)conn, (void)socket;
	return -1;
}

/* Puts a datagram socket in the place of the one libstrophe is about to
   connect: connecting that one succeeds at once and sends nothing. */
static int
tame_socket(xmpp_conn_t *conn, void *socket_)
{
	int fd = *(int *)socket_, family = AF_INET, tame, ret;
	socklen_t len = sizeof(family);

	(void)conn;
	if (fd >= FD_SETSIZE ||
	    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) < 0)
		return -1;
	tame = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (tame < 0)
		return -1;
	ret = dup3(tame, fd, O_CLOEXEC);
	close(tame);
	return ret < 0 ? -1 : 0;
}

/* The callback has no argument of ours, and nobody else is told of the
   descriptor. */
static _Thread_local int learned_fd;

static int
learn_socket(xmpp_conn_t *conn, void *socket_)
{
	if (tame_socket(conn, socket_) < 0)
		return -1;
	learned_fd = *(int *)socket_;
	return 0;
}

/* Component mode of 0.12 dereferences the stream management state, which
   only xmpp_connect_client() allocates: let that one begin, and fail. */
static void
make_sm_state(struct handshake *hs)
{
	xmpp_conn_set_sockopt_callback(hs->conn, refuse_socket);
	xmpp_connect_client(hs->conn, "127.0.0.1", NOWHERE_PORT, on_event,
			    hs);
}

/* A host may have but one of the address families. */
static int
begin_to_connect(struct handshake *hs)
{
	static const char *const hosts[] = { "127.0.0.1", "::1" };

	xmpp_conn_set_sockopt_callback(hs->conn, learn_socket);
	do {
		for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
			if (xmpp_connect_component(hs->conn, hosts[i],
						   NOWHERE_PORT, on_event,
						   hs) != XMPP_EOK)
				continue;
			hs->inner = learned_fd;
			return 0;
		}
	} while (let_one_go(hs));
	return -1;
}

static int
open_connection(struct handshake *hs, const char *domain, const char *secret)
{
	int pair[2];

	hs->ctx = xmpp_ctx_new(NULL, NULL);
	hs->conn = hs->ctx == NULL ? NULL : xmpp_conn_new(hs->ctx);
	ensure(hs->conn != NULL);
	xmpp_conn_set_jid(hs->conn, domain);
	xmpp_conn_set_pass(hs->conn, secret);
	make_sm_state(hs);

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		       pair) < 0)
		return -1;
	hs->outer = pair[0];
	let_one_go(hs);
	if (begin_to_connect(hs) < 0 ||
	    dup3(pair[1], hs->inner, O_CLOEXEC) < 0) {
		close(pair[1]);
		return -1;
	}
	close(pair[1]);
	return 0;
}

static void
collect(struct handshake *hs, struct str *out)
{
	ssize_t n;

	do {
		char *room = str_reserve(out, SLICE_BYTES);

		n = recv(hs->outer, room, SLICE_BYTES, 0);
		if (n > 0)
			out->len += (size_t)n;
	} while (n > 0);
	out->data[out->len] = '\0';
}

/* One round reads, the next writes what reading led to. */
static void
run(struct handshake *hs, struct str *out)
{
	xmpp_run_once(hs->ctx, 0);
	xmpp_run_once(hs->ctx, 0);
	collect(hs, out);
}

int
handshake_begin(struct handshake *hs, const char *domain, const char *secret,
		struct str *out, struct error *err)
{
	handshake_end(hs);
	set_state(hs, HANDSHAKE_OPEN);
	if (open_connection(hs, domain, secret) < 0) {
		handshake_end(hs);
		return error_set(err, ERROR_RESOURCE_CONSTRAINT,
				 "no descriptor below %d for libstrophe",
				 FD_SETSIZE);
	}
	run(hs, out);
	return 0;
}

int
handshake_feed(struct handshake *hs, const char *bytes, size_t len,
	       struct str *out, struct error *err)
{
	while (len > 0 && hs->state == HANDSHAKE_OPEN) {
		size_t n = len < SLICE_BYTES ? len : SLICE_BYTES;
		ssize_t sent = send(hs->outer, bytes, n, MSG_NOSIGNAL);

		if (sent <= 0)
			break;
		bytes += sent;
		len -= (size_t)sent;
		run(hs, out);
	}
	if (hs->state == HANDSHAKE_FAILED || len > 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "the router's stream could not be opened");
	return 0;
}
