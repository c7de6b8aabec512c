#include "shared/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/error.h"
#include "shared/log.h"
#include "shared/str.h"

/* How many may wait to be accepted. */
#define BACKLOG 32

struct control_socket {
	char *path;
	dev_t device;		/* of the socket */
	ino_t inode;
	int fd;
	int spare;		/* a descriptor, for when there is no other */
	uv_poll_t poll;
	control_socket_fn *fn;
	void *ctx;
};

int
control_socket_check_path(const char *path, struct error *err)
{
	if (*path != '/')
		return error_set(err, ERROR_BAD_REQUEST,
				 "a path from the root is wanted");
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return error_set(err, ERROR_BAD_REQUEST,
				 "too long for a socket");
	return 0;
}

int
control_socket_read_mode(const char *text, mode_t *mode_r, struct error *err)
{
	size_t len = strlen(text);

	if (len < 3 || len > 4 || strspn(text, "01234567") != len)
		return error_set(err, ERROR_BAD_REQUEST,
				 "write the mode as 0660");
	*mode_r = (mode_t)strtoul(text, NULL, 8);
	return 0;
}

static int
fail(struct error *err, const char *path, const char *why)
{
	return error_set(err, ERROR_INTERNAL_SERVER_ERROR, "%s: %s", path,
			 why);
}

static struct sockaddr_un
address(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	strncpy(name.sun_path, path, sizeof(name.sun_path) - 1);
	return name;
}

/* A process that was killed leaves its socket behind, which nobody serves. */
static int
clear_path(int fd, const struct sockaddr_un *name, struct error *err)
{
	const char *path = name->sun_path;
	struct stat is;

	if (lstat(path, &is) < 0)
		return errno == ENOENT ? 0 : fail(err, path, strerror(errno));
	if (!S_ISSOCK(is.st_mode))
		return fail(err, path, "there is something else");
	if (connect(fd, (const struct sockaddr *)name, sizeof(*name)) == 0 ||
	    errno == EAGAIN)
		return fail(err, path, "another process serves it");
	if (errno != ECONNREFUSED)
		return fail(err, path, strerror(errno));
	if (unlink(path) < 0 && errno != ENOENT)
		return fail(err, path, strerror(errno));
	return 0;
}

/* Nobody can connect before it listens, so the mode is there in time. */
static int
listen_at(struct control_socket *sock, const struct sockaddr_un *name,
	  mode_t mode, struct error *err)
{
	const struct sockaddr *addr = (const struct sockaddr *)name;
	struct stat is;

	if (clear_path(sock->fd, name, err) < 0)
		return -1;
	if (bind(sock->fd, addr, sizeof(*name)) < 0)
		return fail(err, name->sun_path, strerror(errno));
	if (chmod(name->sun_path, mode) < 0 ||
	    lstat(name->sun_path, &is) < 0 ||
	    listen(sock->fd, BACKLOG) < 0) {
		fail(err, name->sun_path, strerror(errno));
		unlink(name->sun_path);
		return -1;
	}
	sock->device = is.st_dev;
	sock->inode = is.st_ino;
	return 0;
}

int
control_socket_new(uv_loop_t *loop,
		   const struct control_socket_settings *settings,
		   struct control_socket **sock_r, struct error *err)
{
	const struct sockaddr_un name = address(settings->path);
	struct control_socket *sock = calloc(1, sizeof(*sock));

	ensure(sock != NULL);
	sock->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			  0);
	if (sock->fd < 0 || listen_at(sock, &name, settings->mode, err) < 0) {
		if (sock->fd < 0)
			fail(err, settings->path, strerror(errno));
		else
			close(sock->fd);
		free(sock);
		return -1;
	}
	sock->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sock->path = str_dup(settings->path);
	ensure(uv_poll_init(loop, &sock->poll, sock->fd) == 0);
	sock->poll.data = sock;
	log_info("control: listening at %s", sock->path);
	*sock_r = sock;
	return 0;
}

static int
accept_one(const struct control_socket *sock)
{
	return accept4(sock->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* Of a process that has no descriptors left.  Who was left waiting would wake
   the loop again and again. */
static void
turn_away(struct control_socket *sock)
{
	int fd;

	log_warning("control: accept: %s", strerror(errno));
	close(sock->spare);
	fd = accept_one(sock);
	if (fd >= 0)
		close(fd);
	sock->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
on_connection(uv_poll_t *poll, int status, int events)
{
	struct control_socket *sock = poll->data;
	int fd = accept_one(sock);

	(void)status;
	(void)events;
	if (fd >= 0)
		sock->fn(sock->ctx, fd);
	else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
		turn_away(sock);
}

void
control_socket_serve(struct control_socket *sock, control_socket_fn *fn,
		     void *ctx)
{
	sock->fn = fn;
	sock->ctx = ctx;
	uv_poll_start(&sock->poll, UV_READABLE, on_connection);
}

static void
on_closed(uv_handle_t *handle)
{
	struct control_socket *sock = handle->data;

	close(sock->fd);
	close(sock->spare);
	free(sock->path);
	free(sock);
}

static void
remove_socket(const struct control_socket *sock)
{
	struct stat is;

	if (lstat(sock->path, &is) == 0 && is.st_dev == sock->device &&
	    is.st_ino == sock->inode)
		unlink(sock->path);
}

void
control_socket_free(struct control_socket **sock_)
{
	struct control_socket *sock = *sock_;

	if (sock == NULL)
		return;
	*sock_ = NULL;
	remove_socket(sock);
	uv_close((uv_handle_t *)&sock->poll, on_closed);
}
