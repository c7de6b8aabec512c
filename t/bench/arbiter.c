/*
 * A policy server that allows everything, each time after so long.
 *
 *	arbiter [-p port] [-m milliseconds]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <uv.h>

#include "shared/error.h"
#include "shared/str.h"
#include "t/bench/figure.h"

#define BACKLOG 128
#define READ_BYTES 65536
#define LENGTH "content-length:"

static char answer[] =
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	"Content-Length: 19\r\n\r\n{\"verdict\":\"allow\"}";

struct arbiter {
	uv_loop_t loop;
	uv_tcp_t listener;
	unsigned ms;
};

/* It asks one thing at a time. */
struct guest {
	uv_tcp_t tcp;
	uv_timer_t timer;
	uv_write_t write;
	struct arbiter *arbiter;
	struct str in;
	char room[READ_BYTES];
};

static void
on_timer_closed(uv_handle_t *timer)
{
	struct guest *guest = timer->data;

	str_fini(&guest->in);
	free(guest);
}

static void
on_closed(uv_handle_t *tcp)
{
	struct guest *guest = tcp->data;

	uv_close((uv_handle_t *)&guest->timer, on_timer_closed);
}

/* The bytes of the first request; 0 when it is not whole yet. */
static size_t
request_len(const struct str *in)
{
	const char *end = in->len == 0 ? NULL : strstr(in->data, "\r\n\r\n");
	const char *line = in->data;
	size_t head, body = 0;

	if (end == NULL)
		return 0;
	for (; line < end; line = strstr(line, "\r\n") + 2)
		if (strncasecmp(line, LENGTH, strlen(LENGTH)) == 0)
			body = strtoul(line + strlen(LENGTH), NULL, 10);
	head = (size_t)(end - in->data) + 4;
	return in->len < head + body ? 0 : head + body;
}

static void
on_written(uv_write_t *write, int status)
{
	(void)write;
	(void)status;
}

static void
on_timer(uv_timer_t *timer)
{
	struct guest *guest = timer->data;
	uv_buf_t buf = uv_buf_init(answer, sizeof(answer) - 1);

	uv_write(&guest->write, (uv_stream_t *)&guest->tcp, &buf, 1,
		 on_written);
}

static void
take_room(uv_handle_t *tcp, size_t suggested, uv_buf_t *buf)
{
	struct guest *guest = tcp->data;

	(void)suggested;
	*buf = uv_buf_init(guest->room, READ_BYTES);
}

static void
on_read(uv_stream_t *tcp, ssize_t len, const uv_buf_t *buf)
{
	struct guest *guest = tcp->data;
	size_t used;

	if (len < 0) {
		uv_close((uv_handle_t *)tcp, on_closed);
		return;
	}
	str_add(&guest->in, buf->base, (size_t)len);
	used = request_len(&guest->in);
	if (used == 0)
		return;
	str_shift(&guest->in, used);
	uv_update_time(tcp->loop);
	uv_timer_start(&guest->timer, on_timer, guest->arbiter->ms, 0);
}

static void
on_guest(uv_stream_t *listener, int status)
{
	struct arbiter *arbiter = listener->data;
	struct guest *guest = calloc(1, sizeof(*guest));

	ensure(status == 0 && guest != NULL);
	guest->arbiter = arbiter;
	uv_tcp_init(&arbiter->loop, &guest->tcp);
	uv_timer_init(&arbiter->loop, &guest->timer);
	guest->tcp.data = guest->timer.data = guest;
	ensure(uv_accept(listener, (uv_stream_t *)&guest->tcp) == 0);
	uv_tcp_nodelay(&guest->tcp, 1);
	uv_read_start((uv_stream_t *)&guest->tcp, take_room, on_read);
}

static void
serve(struct arbiter *arbiter, unsigned port)
{
	struct sockaddr_in here;

	ensure(uv_loop_init(&arbiter->loop) == 0);
	uv_ip4_addr("127.0.0.1", (int)port, &here);
	uv_tcp_init(&arbiter->loop, &arbiter->listener);
	arbiter->listener.data = arbiter;
	if (uv_tcp_bind(&arbiter->listener, (struct sockaddr *)&here, 0) < 0 ||
	    uv_listen((uv_stream_t *)&arbiter->listener, BACKLOG,
		      on_guest) < 0) {
		fprintf(stderr, "arbiter: port %u is taken\n", port);
		exit(1);
	}
	fprintf(stderr, "arbiter: listening\n");
	uv_run(&arbiter->loop, UV_RUN_DEFAULT);
}

int
main(int argc, char **argv)
{
	struct arbiter arbiter = { .ms = 5 };
	unsigned port = 8080;
	int opt;

	while ((opt = getopt(argc, argv, "p:m:")) != -1) {
		if (opt == 'p')
			port = figure_read(optarg);
		else if (opt == 'm')
			arbiter.ms = figure_read(optarg);
		else
			return 2;
	}
	serve(&arbiter, port);
}
