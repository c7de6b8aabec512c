#include "components/ctl/parley.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "components/ctl/screen.h"
#include "shared/error.h"
#include "shared/str.h"

struct parley {
	FILE *file;
	char *line;
	size_t size;
};

static void
explain(const char *path, const char *name, int why)
{
	switch (why) {
	case ENOENT:
		screen_complain("annex-%s is not running: there is no %s",
				name, path);
		/* Which says who is. */
		fputs("See annexctl --help.\n", stderr);
		break;
	case ECONNREFUSED:
		screen_complain("annex-%s is not running: nobody serves %s",
				name, path);
		break;
	case EACCES:
	case EPERM:
		screen_complain("you may not use %s: become root, or a member "
				"of the group it belongs to", path);
		break;
	default:
		screen_complain("%s: %s", path, strerror(why));
	}
}

static int
connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address,
			       sizeof(address)) < 0) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static struct parley *
parley_at(const char *path, const char *name)
{
	struct parley *parley;
	int fd = connect_to(path);

	if (fd < 0) {
		explain(path, name, errno);
		return NULL;
	}
	ensure((parley = calloc(1, sizeof(*parley))) != NULL);
	ensure((parley->file = fdopen(fd, "r")) != NULL);
	return parley;
}

struct parley *
parley_new(const char *folder, const char *socket, const char *name)
{
	struct parley *parley;
	struct str path = { 0 };

	if (socket != NULL)
		str_addz(&path, socket);
	else
		str_addf(&path, "%s/%s.sock", folder, name);
	parley = parley_at(path.data, name);
	str_fini(&path);
	return parley;
}

void
parley_free(struct parley **parley)
{
	if (*parley == NULL)
		return;
	fclose((*parley)->file);
	free((*parley)->line);
	free(*parley);
	*parley = NULL;
}

/* A connection that is lost is noticed when the answer is read. */
void
parley_ask(struct parley *parley, json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	struct str line = { 0 };

	ensure(text != NULL);
	str_addf(&line, "%s\n", text);
	for (size_t sent = 0; sent < line.len;) {
		ssize_t n = send(fileno(parley->file), line.data + sent,
				 line.len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	str_fini(&line);
	free(text);
	json_decref(request);
}

json_t *
parley_next(struct parley *parley)
{
	ssize_t len = getline(&parley->line, &parley->size, parley->file);

	return len <= 0 ? NULL :
	       json_loadb(parley->line, (size_t)len, 0, NULL);
}

json_t *
parley_describe(struct parley *parley)
{
	json_t *line, *description = NULL;

	parley_ask(parley, json_pack("{s:b}", "describe", 1));
	while ((line = parley_next(parley)) != NULL) {
		json_t *found = json_object_get(line, "description");
		bool last = json_object_get(line, "end") != NULL ||
			    json_object_get(line, "error") != NULL;

		if (found != NULL && description == NULL)
			description = json_incref(found);
		json_decref(line);
		if (last)
			break;
	}
	return description;
}
