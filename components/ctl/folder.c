#include "components/ctl/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "components/ctl/screen.h"
#include "shared/error.h"
#include "shared/str.h"

struct folder {
	char *path;
	int fd;
	char *name;		/* of the file that is open; or NULL */
	int file;
};

static bool
fail(const struct folder *folder, const char *name)
{
	screen_complain("%s/%s: %s", folder->path, name, strerror(errno));
	return false;
}

struct folder *
folder_new(const char *path)
{
	struct folder *folder;
	int fd = -1;

	if (mkdir(path, 0700) == 0)
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
				O_CLOEXEC);
	if (fd < 0) {
		screen_complain("%s: %s", path, strerror(errno));
		return NULL;
	}
	ensure((folder = calloc(1, sizeof(*folder))) != NULL);
	folder->path = str_dup(path);
	folder->fd = fd;
	return folder;
}

static bool
close_file(struct folder *folder)
{
	bool good = folder->name == NULL || close(folder->file) == 0 ||
		    fail(folder, folder->name);

	free(folder->name);
	folder->name = NULL;
	return good;
}

void
folder_free(struct folder **folder)
{
	if (*folder == NULL)
		return;
	close_file(*folder);
	close((*folder)->fd);
	free((*folder)->path);
	free(*folder);
	*folder = NULL;
}

/* Letters, digits and a few others, and no part that begins with a dot. */
static bool
is_good(const char *name)
{
	static const char known[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";

	if (*name == '\0' || name[strspn(name, known)] != '\0')
		return false;
	for (const char *part = name;; part++) {
		if (*part == '.' || *part == '/' || *part == '\0')
			return false;
		part = strchr(part, '/');
		if (part == NULL)
			return true;
	}
}

static bool
make_parents(const struct folder *folder, const char *name)
{
	char *path = str_dup(name), *slash = path;
	bool good = true;

	while (good && (slash = strchr(slash, '/')) != NULL) {
		*slash = '\0';
		good = mkdirat(folder->fd, path, 0700) == 0 ||
		       errno == EEXIST || fail(folder, path);
		*slash++ = '/';
	}
	free(path);
	return good;
}

static bool
open_file(struct folder *folder, const char *name)
{
	if (folder->name != NULL && strcmp(folder->name, name) == 0)
		return true;
	if (!is_good(name)) {
		screen_complain("the component names a file that may not be: "
				"%s", name);
		return false;
	}
	if (!close_file(folder) || !make_parents(folder, name))
		return false;
	folder->file = openat(folder->fd, name, O_WRONLY | O_CREAT | O_APPEND |
			      O_NOFOLLOW | O_CLOEXEC, 0600);
	if (folder->file < 0)
		return fail(folder, name);
	folder->name = str_dup(name);
	return true;
}

bool
folder_add(struct folder *folder, const char *name, const char *text)
{
	size_t len = strlen(text);

	if (!open_file(folder, name))
		return false;
	while (len > 0) {
		ssize_t n = write(folder->file, text, len);

		if (n < 0 && errno != EINTR)
			return fail(folder, name);
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

bool
folder_sync(struct folder *folder)
{
	return close_file(folder) &&
	       (syncfs(folder->fd) == 0 || fail(folder, ""));
}
