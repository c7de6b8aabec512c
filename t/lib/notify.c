#include "t/lib/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 10000

/* An abstract name, of which no file is left: '@' stands for the NUL. */
void
notify_init(struct notify *notify)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char name[64];
	size_t len;

	len = (size_t)snprintf(name, sizeof(name), "@annex-notify-%ld",
			       (long)getpid());
	memcpy(addr.sun_path + 1, name + 1, len - 1);
	notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(notify->fd >= 0);
	assert_int_equal(
		bind(notify->fd, (struct sockaddr *)&addr,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				 len)), 0);
	setenv("NOTIFY_SOCKET", name, 1);
}

void
notify_fini(struct notify *notify)
{
	unsetenv("NOTIFY_SOCKET");
	close(notify->fd);
}

static const char *
receive(struct notify *notify, int patience_ms)
{
	struct pollfd fd = { .fd = notify->fd, .events = POLLIN };
	ssize_t n;

	if (poll(&fd, 1, patience_ms) == 0)
		return NULL;
	n = recv(notify->fd, notify->last, sizeof(notify->last) - 1, 0);
	assert_true(n >= 0);
	notify->last[n] = '\0';
	return notify->last;
}

const char *
notify_next(struct notify *notify)
{
	const char *text = receive(notify, PATIENCE_MS);

	if (text == NULL)
		fail_msg("the service manager is told nothing");
	return text;
}

const char *
notify_poll(struct notify *notify)
{
	return receive(notify, 0);
}
