#include "shared/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "shared/error.h"
#include "shared/log.h"
#include "shared/str.h"

/* Whoever asks is a monitor or a load balancer: a few are enough, and nobody
   gets much memory for a request. */
#define CONNECTIONS_MAX 64U
/* Of more the oldest goes, so that silent ones keep nobody out.  There is room
   above for those that come in one turn of the loop. */
#define CONNECTIONS_KEPT 32U
#define CONNECTION_SECS 15U
#define CONNECTION_BYTES ((size_t)16 * 1024)

#define TEXT "text/plain; charset=utf-8"

#define HOST_BYTES 64
#define PORT_BYTES 8

struct route {
	const char *path;
	http_fn *fn;
	void *ctx;
	struct route *next;
};

/* A connection that was accepted. */
struct guest {
	int fd;
	bool goes;		/* its socket was shut down */
	struct guest *prev, *next;
};

struct http {
	struct MHD_Daemon *daemon;
	struct guest *guests;	/* the oldest first */
	unsigned stay;		/* how many of them do */
	struct route *routes;
	unsigned port;
	uv_poll_t poll;		/* on libmicrohttpd's epoll descriptor */
	uv_timer_t timer;	/* what libmicrohttpd waits for by itself */
	unsigned handles;	/* not yet closed */
};

static void run(struct http *http);

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	run(poll->data);
}

static void
on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static unsigned
count_connections(const struct http *http)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(
		http->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	ensure(info != NULL);
	return info->num_connections;
}

static void
run(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;
	unsigned before;

	/* At its limit of connections libmicrohttpd stops listening; it begins
	   again only when run after some have gone, for which nothing would
	   wake us. */
	do {
		before = count_connections(http);
		MHD_run(http->daemon);
	} while (count_connections(http) < before);
	/* libuv before 1.48 would run a timer of nought again and again. */
	if (MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES)
		uv_timer_start(&http->timer, on_timer,
			       wait_ms > 0 ? wait_ms : 1, 0);
	else
		uv_timer_stop(&http->timer);
}

static const struct route *
route_find(const struct http *http, const char *path)
{
	const struct route *route;

	LL_FOREACH(http->routes, route)
		if (strcmp(route->path, path) == 0)
			return route;
	return NULL;
}

/* Takes the text over; it may be empty. */
static enum MHD_Result
respond(struct MHD_Connection *connection, unsigned status, struct str *text,
	const char *content_type)
{
	struct MHD_Response *response;
	enum MHD_Result ret;

	str_addz(text, "");
	response = MHD_create_response_from_buffer(text->len, text->data,
						   MHD_RESPMEM_MUST_FREE);
	if (response == NULL) {
		str_fini(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				content_type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
				"no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
					"GET, HEAD");
	ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result
respond_simply(struct MHD_Connection *connection, unsigned status,
	       const char *message)
{
	struct str text = { 0 };

	str_addz(&text, message);
	return respond(connection, status, &text, TEXT);
}

/* Called when the head was read, for each part of a body, and at its end. */
static enum MHD_Result
on_request(void *ctx, struct MHD_Connection *connection, const char *path,
	   const char *method, const char *version, const char *upload,
	   size_t *upload_len, void **seen)
{
	const char *content_type = TEXT;
	const struct route *route = route_find(ctx, path);
	struct str text = { 0 };
	unsigned status;

	(void)version;
	(void)upload;
	if (route == NULL)
		return respond_simply(connection, MHD_HTTP_NOT_FOUND,
				      "not found\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return respond_simply(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
				      "only GET and HEAD\n");
	/* An answer before the end would close the connection. */
	if (*seen == NULL || *upload_len > 0) {
		*seen = ctx;
		*upload_len = 0;
		return MHD_YES;
	}
	status = route->fn(route->ctx, &text, &content_type);
	return respond(connection, status, &text, content_type);
}

/* libmicrohttpd owns the socket, and closes it when it sees its end. */
static void
send_oldest_away(struct http *http)
{
	struct guest *guest = http->guests;

	while (guest->goes)
		guest = guest->next;
	shutdown(guest->fd, SHUT_RDWR);
	guest->goes = true;
	http->stay--;
}

static struct guest *
guest_new(struct http *http, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct guest *guest;

	ensure(info != NULL);
	ensure((guest = calloc(1, sizeof(*guest))) != NULL);
	guest->fd = info->connect_fd;
	DL_APPEND(http->guests, guest);
	if (++http->stay > CONNECTIONS_KEPT)
		send_oldest_away(http);
	return guest;
}

static void
guest_free(struct http *http, struct guest *guest)
{
	DL_DELETE(http->guests, guest);
	if (!guest->goes)
		http->stay--;
	free(guest);
}

static void
on_connection(void *ctx, struct MHD_Connection *connection, void **guest,
	      enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*guest = guest_new(ctx, connection);
	else
		guest_free(ctx, *guest);
}

__attribute__((format(printf, 2, 0)))
static void
on_log(void *ctx, const char *fmt, va_list ap)
{
	char text[256];

	(void)ctx;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\r\n")] = '\0';
	log_debug("http: %s", text);
}

/* Splits "ADDRESS:PORT" or "[ADDRESS]:PORT". */
static int
split(const char *listen, char host_r[HOST_BYTES], char port_r[PORT_BYTES],
      struct error *err)
{
	const char *colon = strrchr(listen, ':');
	size_t host_len = colon != NULL ? (size_t)(colon - listen) : 0;

	if (host_len >= 2 && listen[0] == '[' && colon[-1] == ']') {
		listen++;
		host_len -= 2;
	} else if (memchr(listen, ':', host_len) != NULL) {
		host_len = 0;
	}
	if (host_len == 0 || host_len >= HOST_BYTES ||
	    strlen(colon + 1) == 0 || strlen(colon + 1) >= PORT_BYTES)
		return error_set(err, ERROR_BAD_REQUEST, "write ADDRESS:PORT "
				 "or [ADDRESS]:PORT");
	memcpy(host_r, listen, host_len);
	host_r[host_len] = '\0';
	memcpy(port_r, colon + 1, strlen(colon + 1) + 1);
	return 0;
}

static int
resolve(const char *listen, struct addrinfo **info_r, struct error *err)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	char host[HOST_BYTES], port[PORT_BYTES];
	int ret;

	if (split(listen, host, port, err) < 0)
		return -1;
	/* getaddrinfo() wraps larger ones around. */
	if (strspn(port, "0123456789") != strlen(port) ||
	    strtoul(port, NULL, 10) > UINT16_MAX)
		return error_set(err, ERROR_BAD_REQUEST, "%s is not a port",
				 port);
	ret = getaddrinfo(host, port, &hints, info_r);
	if (ret != 0)
		return error_set(err, ERROR_BAD_REQUEST, "%s: %s", host,
				 gai_strerror(ret));
	return 0;
}

int
http_check(const char *listen, struct error *err)
{
	struct addrinfo *info;

	if (resolve(listen, &info, err) < 0)
		return -1;
	freeaddrinfo(info);
	return 0;
}

static int
bind_to(int fd, const struct addrinfo *info)
{
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -1;
	/* "[::]" means IPv6 alone, whatever the system's default. */
	if (info->ai_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return -1;
	if (bind(fd, info->ai_addr, info->ai_addrlen) < 0)
		return -1;
	return listen(fd, SOMAXCONN);
}

static int
open_socket(const char *address, int *fd_r, struct error *err)
{
	struct addrinfo *info;
	int fd, ret = 0;

	if (resolve(address, &info, err) < 0)
		return -1;
	fd = socket(info->ai_family,
		    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind_to(fd, info) < 0) {
		ret = error_set(err, ERROR_CONFLICT, "%s", strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	freeaddrinfo(info);
	*fd_r = fd;
	return ret;
}

static unsigned
port_of(int fd)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);

	ensure(getsockname(fd, (struct sockaddr *)&name, &len) == 0);
	return ntohs(name.ss_family == AF_INET6 ?
		     ((const struct sockaddr_in6 *)&name)->sin6_port :
		     ((const struct sockaddr_in *)&name)->sin_port);
}

static struct MHD_Daemon *
start(struct http *http, int fd)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0,
				NULL, NULL, on_request, http,
				MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
				MHD_OPTION_LISTEN_SOCKET, fd,
				MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
				MHD_OPTION_CONNECTION_TIMEOUT,
				CONNECTION_SECS,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				CONNECTION_BYTES,
				MHD_OPTION_NOTIFY_CONNECTION, on_connection,
				http,
				MHD_OPTION_END);
}

int
http_new(uv_loop_t *loop, const char *listen, struct http **http_r,
	 struct error *err)
{
	const union MHD_DaemonInfo *info;
	struct http *http;
	int fd;

	if (open_socket(listen, &fd, err) < 0)
		return -1;

	ensure((http = calloc(1, sizeof(*http))) != NULL);
	http->port = port_of(fd);
	http->daemon = start(http, fd);
	if (http->daemon == NULL) {
		close(fd);
		free(http);
		return error_set(err, ERROR_INTERNAL_SERVER_ERROR,
				 "the HTTP server does not start");
	}
	info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	ensure(info != NULL);
	ensure(uv_poll_init(loop, &http->poll, info->epoll_fd) == 0);
	uv_timer_init(loop, &http->timer);
	http->poll.data = http->timer.data = http;
	http->handles = 2;
	uv_poll_start(&http->poll, UV_READABLE, on_poll);
	*http_r = http;
	return 0;
}

static void
on_closed(uv_handle_t *handle)
{
	struct http *http = handle->data;

	if (--http->handles == 0)
		free(http);
}

void
http_free(struct http **http)
{
	struct http *old = *http;
	struct route *route, *next;

	if (old == NULL)
		return;
	*http = NULL;
	/* Before libmicrohttpd closes the descriptor that is polled. */
	uv_close((uv_handle_t *)&old->poll, on_closed);
	uv_close((uv_handle_t *)&old->timer, on_closed);
	MHD_stop_daemon(old->daemon);
	LL_FOREACH_SAFE(old->routes, route, next)
		free(route);
}

void
http_route(struct http *http, const char *path, http_fn *fn, void *ctx)
{
	struct route *route;

	ensure((route = calloc(1, sizeof(*route))) != NULL);
	route->path = path;
	route->fn = fn;
	route->ctx = ctx;
	LL_PREPEND(http->routes, route);
}

unsigned
http_port(const struct http *http)
{
	return http->port;
}
