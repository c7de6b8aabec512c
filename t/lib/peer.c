#include "t/lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define LONG_BYTES 10000
/* Nothing happens: turn anyway after this. */
#define TURN_MS 1

/* On peer->port, or on any when that is 0. */
static void
listen_on(struct peer *peer, const char *address)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int on = 1;

	assert_int_equal(inet_pton(AF_INET, address, &addr.sin_addr), 1);
	addr.sin_port = htons((uint16_t)peer->port);
	peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(peer->listener >= 0);
	setsockopt(peer->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(
		bind(peer->listener, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(listen(peer->listener, 8), 0);
	assert_int_equal(
		getsockname(peer->listener, (struct sockaddr *)&addr, &len),
		0);
	peer->port = ntohs(addr.sin_port);
}

void
peer_init(struct peer *peer, uv_loop_t *loop)
{
	*peer = (struct peer){ .loop = loop, .fd = -1 };
	listen_on(peer, "127.0.0.1");
}

void
peer_move(struct peer *peer, const char *address)
{
	close(peer->listener);
	listen_on(peer, address);
	peer_hang_up(peer);
}

void
peer_fini(struct peer *peer)
{
	peer_hang_up(peer);
	close(peer->listener);
	str_fini(&peer->got);
}

static void
read_some(struct peer *peer)
{
	char bytes[65536];
	ssize_t n;

	if (peer->fd < 0 || peer->deaf || peer->ended)
		return;
	n = recv(peer->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n > 0) {
		str_add(&peer->got, bytes, (size_t)n);
		peer->total += (unsigned long long)n;
	} else if (n == 0 || errno != EAGAIN) {
		peer->ended = true;
	}
}

void
peer_turn(struct peer *peer)
{
	bool reads = peer->fd >= 0 && !peer->deaf && !peer->ended;
	struct pollfd fds[] = {
		{ .fd = uv_backend_fd(peer->loop), .events = POLLIN },
		{ .fd = peer->listener, .events = POLLIN },
		{ .fd = reads ? peer->fd : -1, .events = POLLIN },
	};
	int timeout;

	uv_run(peer->loop, UV_RUN_NOWAIT);
	/* What that made it write leaves with the next turn. */
	uv_run(peer->loop, UV_RUN_NOWAIT);
	timeout = uv_backend_timeout(peer->loop);
	poll(fds, 3, timeout < 0 || timeout > TURN_MS ? TURN_MS : timeout);
	read_some(peer);
}

static uint64_t
now_ms(void)
{
	return uv_hrtime() / 1000000;
}

void
peer_turn_for(struct peer *peer, unsigned ms)
{
	uint64_t end = now_ms() + ms;

	while (now_ms() < end)
		peer_turn(peer);
}

void
peer_wait(struct peer *peer, const int *flag, int was)
{
	uint64_t end = now_ms() + PATIENCE_MS;

	while (*flag == was) {
		if (now_ms() > end)
			fail_msg("waited in vain; last heard: %s",
				 peer->got.data ? peer->got.data : "");
		peer_turn(peer);
	}
}

void
peer_accept(struct peer *peer)
{
	struct pollfd fd = { .fd = peer->listener, .events = POLLIN };
	uint64_t end = now_ms() + PATIENCE_MS;
	int on = 1;

	peer_hang_up(peer);
	while (poll(&fd, 1, 0) == 0) {
		if (now_ms() > end)
			fail_msg("nobody connects");
		peer_turn(peer);
	}
	peer->fd = accept4(peer->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(peer->fd >= 0);
	setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	peer->ended = peer->deaf = false;
	peer->total = 0;
	str_clear(&peer->got);
}

void
peer_open(struct peer *peer)
{
	peer_accept(peer);
	peer_expect(peer, "<stream:stream");
	peer_expect(peer, ">");
	peer_send(peer, PEER_HEADER);
	peer_expect(peer, PEER_DIGEST "</handshake>");
	peer_send(peer, "<handshake/>");
}

void
peer_expect(struct peer *peer, const char *text)
{
	uint64_t end = now_ms() + PATIENCE_MS;
	const char *at;

	while (peer->got.data == NULL ||
	       (at = strstr(peer->got.data, text)) == NULL) {
		if (peer->ended || now_ms() > end)
			fail_msg("expected: %s\ngot: %s%s", text,
				 peer->got.data ? peer->got.data : "",
				 peer->ended ? " (the end)" : "");
		peer_turn(peer);
	}
	str_shift(&peer->got,
		  (size_t)(at - peer->got.data) + strlen(text));
}

void
peer_expect_end(struct peer *peer)
{
	uint64_t end = now_ms() + PATIENCE_MS;

	while (!peer->ended) {
		if (now_ms() > end)
			fail_msg("the connection is still open");
		peer_turn(peer);
	}
}

size_t
peer_try_send(struct peer *peer, const char *text, size_t len)
{
	ssize_t n = send(peer->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	return n < 0 ? 0 : (size_t)n;
}

void
peer_send(struct peer *peer, const char *text)
{
	size_t len = strlen(text);
	uint64_t end = now_ms() + PATIENCE_MS;

	while (len > 0) {
		size_t n = peer_try_send(peer, text, len);

		text += n;
		len -= n;
		if (n == 0)
			peer_turn(peer);
		if (now_ms() > end)
			fail_msg("nobody reads");
	}
}

void
peer_send_long(struct peer *peer, const char *head, const char *tail)
{
	struct str text = { 0 };

	str_addz(&text, head);
	for (int i = 0; i < LONG_BYTES; i++)
		str_addc(&text, 'x');
	str_addz(&text, tail);
	peer_send(peer, text.data);
	str_fini(&text);
}

void
peer_hang_up(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
}

void
peer_reset(struct peer *peer)
{
	struct linger hard = { .l_onoff = 1 };

	setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	peer_hang_up(peer);
}

void
peer_expect_id(struct peer *peer, char id[PEER_ID_SIZE])
{
	peer_expect(peer, "type='get' id='");
	while (peer->got.len < PEER_ID_SIZE - 1)
		peer_turn(peer);
	snprintf(id, PEER_ID_SIZE, "%s", peer->got.data);
}

void
peer_answer(struct peer *peer, const char *from, const char *type,
	    const char *id)
{
	struct str text = { 0 };

	str_addf(&text, "<iq from='%s' to='muc.example' type='%s' id='%s'/>",
		 from, type, id);
	peer_send(peer, text.data);
	str_fini(&text);
}

int
peer_count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}
