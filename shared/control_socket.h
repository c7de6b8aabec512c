/*
 * control_socket.h - the Unix socket at which the control listens.
 *
 * A path, its mode, and whoever connects there.  A socket that nobody serves
 * is replaced, as a process that was killed leaves its own behind.
 */
#ifndef SHARED_CONTROL_SOCKET_H
#define SHARED_CONTROL_SOCKET_H

#include <sys/types.h>
#include <uv.h>

struct control_socket;
struct error;

/* Whether a path may be a socket's, and a text a mode (octal).  Returns 0, or
   -1 with err. */
int control_socket_check_path(const char *path, struct error *err);
int control_socket_read_mode(const char *text, mode_t *mode_r,
			     struct error *err);

struct control_socket_settings {
	const char *path;
	mode_t mode;
};

/* Listens; -1 with err when somebody serves that path, or something else is
   there, or it cannot be made. */
int control_socket_new(uv_loop_t *loop,
		       const struct control_socket_settings *settings,
		       struct control_socket **sock_r, struct error *err);

/* Calls fn with each connection from now on.  The descriptor does not block,
   and is the callee's. */
typedef void control_socket_fn(void *ctx, int fd);
void control_socket_serve(struct control_socket *sock, control_socket_fn *fn,
			  void *ctx);

/* Takes the socket away, unless somebody has put another in its place. */
void control_socket_free(struct control_socket **sock);

#endif
