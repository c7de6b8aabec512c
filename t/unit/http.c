#include "shared/http.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared/error.h"
#include "shared/str.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static uv_loop_t loop;
static struct http *http;
static unsigned asked;

static unsigned
on_hello(void *ctx, struct str *body, const char **content_type)
{
	(void)content_type;
	asked++;
	str_addz(body, ctx);
	return 200;
}

static unsigned
on_large(void *ctx, struct str *body, const char **content_type)
{
	(void)ctx;
	*content_type = "application/x-large";
	for (int i = 0; i < 1000000; i++)
		str_addc(body, 'x');
	return 200;
}

static unsigned
on_empty(void *ctx, struct str *body, const char **content_type)
{
	(void)ctx;
	(void)body;
	(void)content_type;
	return 503;
}

static int
setup(void **state)
{
	struct error err = { 0 };

	(void)state;
	asked = 0;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(http_new(&loop, "127.0.0.1:0", &http, &err), 0);
	http_route(http, "/hello", on_hello, (void *)"hello");
	http_route(http, "/large", on_large, NULL);
	http_route(http, "/empty", on_empty, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	http_free(&http);
	assert_null(http);
	http_free(&http);
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

static int
dial(void)
{
	struct sockaddr_in name = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)http_port(http)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)),
			 0);
	return fd;
}

/* Turns the loop until that many bytes, or the end, have come. */
static void
receive(int fd, struct str *text, size_t len)
{
	time_t until = time(NULL) + 10;
	ssize_t n = -1;

	while (text->len < len && n != 0 && time(NULL) < until) {
		char *room = str_reserve(text, 65536);

		uv_run(&loop, UV_RUN_NOWAIT);
		n = recv(fd, room, 65536, MSG_DONTWAIT);
		if (n > 0)
			text->len += (size_t)n;
	}
	str_addz(text, "");
}

static void
ask(const char *request, struct str *text)
{
	int fd = dial();

	str_clear(text);
	assert_int_equal(send(fd, request, strlen(request), 0),
			 (ssize_t)strlen(request));
	receive(fd, text, SIZE_MAX);
	close(fd);
}

#define END " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static const struct {
	const char *request;
	const char *status;
	const char *has;	/* besides */
	const char *end;
} cases[] = {
	{ "GET /hello" END, "HTTP/1.1 200 ",
	  "Content-Type: text/plain; charset=utf-8\r\n", "\r\n\r\nhello" },
	{ "GET /hello?a=b" END, "HTTP/1.1 200 ", "", "\r\n\r\nhello" },
	{ "HEAD /hello" END, "HTTP/1.1 200 ", "Content-Length: 5\r\n",
	  "\r\n\r\n" },
	{ "GET /empty" END, "HTTP/1.1 503 ", "Content-Length: 0\r\n",
	  "\r\n\r\n" },
	{ "GET /" END, "HTTP/1.1 404 ", "", "\r\n\r\nnot found\n" },
	{ "GET /hello/" END, "HTTP/1.1 404 ", "", "\r\n\r\nnot found\n" },
	{ "GET /hell" END, "HTTP/1.1 404 ", "", "\r\n\r\nnot found\n" },
	{ "OPTIONS /hello" END, "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n",
	  "only GET and HEAD\n" },
	{ "POST /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
	  "Content-Length: 3\r\n\r\nabc", "HTTP/1.1 405 ",
	  "Allow: GET, HEAD\r\n", "only GET and HEAD\n" },
	{ "GET /large" END, "HTTP/1.1 200 ",
	  "Content-Type: application/x-large\r\n", "xxxxxxxxxxxx" },
};

static void
answers(void **state)
{
	struct str text = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t end = strlen(cases[i].end);

		ask(cases[i].request, &text);
		assert_memory_equal(text.data, cases[i].status,
				    strlen(cases[i].status));
		assert_non_null(strstr(text.data, cases[i].has));
		assert_true(text.len > end);
		assert_string_equal(text.data + text.len - end, cases[i].end);
	}
	assert_int_equal(asked, 3);
	assert_true(text.len > 1000000);
	str_fini(&text);
}

static void
one_connection_asks_again(void **state)
{
	static const char request[] =
		"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
	struct str text = { 0 };
	int fd = dial();

	(void)state;
	for (int i = 0; i < 3; i++) {
		str_clear(&text);
		assert_true(send(fd, request, strlen(request), 0) > 0);
		while (text.len < 5 ||
		       strcmp(text.data + text.len - 5, "hello") != 0)
			receive(fd, &text, text.len + 1);
	}
	assert_int_equal(asked, 3);
	close(fd);
	str_fini(&text);
}

/* A head that never ends costs a bounded amount of memory. */
static void
endless_heads_are_cut(void **state)
{
	struct str request = { 0 }, text = { 0 };

	(void)state;
	str_addz(&request, "GET /hello HTTP/1.1\r\nHost: a\r\n");
	for (int i = 0; i < 2000; i++)
		str_addf(&request, "X-%d: aaaaaaaaaaaaaaaaaaaaaa\r\n", i);
	str_addz(&request, "\r\n");
	ask(request.data, &text);
	assert_int_equal(asked, 0);
	if (text.len > 0)
		assert_memory_equal(text.data, "HTTP/1.1 4", 10);
	str_fini(&request);
	str_fini(&text);
}

static void
many_connections_are_refused_not_fatal(void **state)
{
	struct str text = { 0 };
	int fds[100];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = dial();
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	while (text.len == 0)
		ask("GET /hello" END, &text);
	assert_memory_equal(text.data, "HTTP/1.1 200 ", 13);
	str_fini(&text);
}

/* Whoever is there already, from the same address too, and says nothing keeps
   nobody waiting: ask() gives up long before such a connection ends. */
static void
silent_connections_keep_nobody_out(void **state)
{
	struct str text = { 0 };
	int fds[300];
	char c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = dial();
		if (i == ARRAY_LEN(fds) / 2)
			uv_run(&loop, UV_RUN_NOWAIT);
	}
	ask("GET /hello" END, &text);
	assert_memory_equal(text.data, "HTTP/1.1 200 ", 13);
	/* The first has gone, the last is there. */
	assert_int_equal(recv(fds[0], &c, 1, MSG_DONTWAIT), 0);
	assert_int_equal(recv(fds[299], &c, 1, MSG_DONTWAIT), -1);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	str_fini(&text);
}

static const struct {
	const char *listen;
	const char *reason;
} refused[] = {
	{ "", "write ADDRESS:PORT or [ADDRESS]:PORT" },
	{ "127.0.0.1", "write ADDRESS:PORT or [ADDRESS]:PORT" },
	{ ":80", "write ADDRESS:PORT or [ADDRESS]:PORT" },
	{ "127.0.0.1:", "write ADDRESS:PORT or [ADDRESS]:PORT" },
	{ "::1:80", "write ADDRESS:PORT or [ADDRESS]:PORT" },
	{ "[]:80", "write ADDRESS:PORT or [ADDRESS]:PORT" },
	{ "127.0.0.1:65536", "65536 is not a port" },
	{ "127.0.0.1:-1", "-1 is not a port" },
	{ "127.0.0.1:http", "http is not a port" },
};

static void
bad_addresses_are_refused(void **state)
{
	struct http *other = NULL;
	struct error err = { 0 };
	char taken[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		assert_int_equal(http_new(&loop, refused[i].listen, &other,
					  &err), -1);
		assert_string_equal(err.text, refused[i].reason);
		err.text[0] = '\0';
		assert_int_equal(http_check(refused[i].listen, &err), -1);
		assert_string_equal(err.text, refused[i].reason);
	}
	assert_int_equal(http_check("127.0.0.1:80", &err), 0);
	assert_int_equal(http_check("[::1]:80", &err), 0);
	/* What getaddrinfo() says of it differs. */
	assert_int_equal(http_new(&loop, "localhost:80", &other, &err), -1);
	assert_memory_equal(err.text, "localhost: ", 11);

	snprintf(taken, sizeof(taken), "127.0.0.1:%u", http_port(http));
	assert_int_equal(http_new(&loop, taken, &other, &err), -1);
	assert_string_equal(err.text, "Address already in use");
	assert_null(other);
}

static void
ipv6_listens(void **state)
{
	struct http *other = NULL;
	struct error err = { 0 };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 name = {
		.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};

	(void)state;
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		close(fd);
		skip();
	}
	close(fd);
	assert_int_equal(http_new(&loop, "[::1]:0", &other, &err), 0);
	assert_true(http_port(other) > 0);
	http_free(&other);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(answers),
		TEST(one_connection_asks_again),
		TEST(endless_heads_are_cut),
		TEST(many_connections_are_refused_not_fatal),
		TEST(silent_connections_keep_nobody_out),
		TEST(bad_addresses_are_refused),
		TEST(ipv6_listens),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
