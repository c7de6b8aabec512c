#include "shared/scroll.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/error.h"
#include "shared/str.h"

/* Read at a time. */
#define PIECE ((size_t)64 << 10)
/* Passed over at a time. */
#define LEAP ((uint64_t)1 << 20)

struct scroll {
	int fd;
	const char *begin;
	uint64_t bytes;		/* of the file, when it was opened */
	uint64_t offset, line;	/* of what is at the beginning of the window */
	struct str window;
	size_t at;		/* where it begins */
};

/* What is not a file might be waited for without an end. */
static int
check_file(const char *path, const struct stat *st, struct error *err)
{
	return S_ISREG(st->st_mode) ? 0 :
	       error_set(err, ERROR_NOT_ACCEPTABLE, "%s: it is no file", path);
}

int
scroll_open(int dir, const char *path, const char *begin,
	    struct scroll **scroll_r, struct error *err)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
			O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		error_set(err, ERROR_ITEM_NOT_FOUND, "%s: %s", path,
			  strerror(errno));
	} else if (check_file(path, &st, err) == 0) {
		*scroll_r = calloc(1, sizeof(**scroll_r));
		ensure(*scroll_r != NULL);
		(*scroll_r)->fd = fd;
		(*scroll_r)->begin = begin;
		(*scroll_r)->bytes = (uint64_t)st.st_size;
		(*scroll_r)->line = 1;
		str_grow(&(*scroll_r)->window, PIECE);
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

void
scroll_close(struct scroll **scroll)
{
	if (*scroll == NULL)
		return;
	close((*scroll)->fd);
	str_fini(&(*scroll)->window);
	free(*scroll);
	*scroll = NULL;
}

static size_t
room(const struct scroll *scroll)
{
	return scroll->window.len - scroll->at;
}

/* Returns 1, or 0 at the end of the file, or -1. */
static int
read_piece(struct scroll *scroll, size_t len, struct error *err)
{
	ssize_t got;
	char *to;

	str_shift(&scroll->window, scroll->at);
	scroll->at = 0;
	to = str_reserve(&scroll->window, len);
	do
		got = pread(scroll->fd, to, len, (off_t)(scroll->offset +
						       scroll->window.len));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return error_set(err, ERROR_INTERNAL_SERVER_ERROR, "%s",
				 strerror(errno));
	scroll->window.len += (size_t)got;
	return got > 0;
}

void
scroll_pass(struct scroll *scroll, size_t len)
{
	const char *at = scroll->window.data + scroll->at;

	ensure(len <= room(scroll));
	for (size_t i = 0; i < len; i++)
		if (at[i] == '\n')
			scroll->line++;
	scroll->at += len;
	scroll->offset += len;
}

static int
show(const struct scroll *scroll, const char **text_r, size_t *len_r)
{
	*text_r = scroll->window.data + scroll->at;
	*len_r = room(scroll);
	return 1;
}

/* The blanks that the window begins with. */
static void
pass_blanks(struct scroll *scroll)
{
	size_t n = 0;

	while (n < room(scroll) &&
	       memchr(" \t\r\n", scroll->window.data[scroll->at + n], 4))
		n++;
	scroll_pass(scroll, n);
}

int
scroll_look(struct scroll *scroll, const char **text_r, size_t *len_r,
	    struct error *err)
{
	int ret;

	for (;;) {
		pass_blanks(scroll);
		if (room(scroll) > 0)
			return show(scroll, text_r, len_r);
		if ((ret = read_piece(scroll, PIECE, err)) <= 0)
			return ret;
	}
}

int
scroll_widen(struct scroll *scroll, const char **text_r, size_t *len_r,
	     struct error *err)
{
	size_t more = room(scroll) > PIECE ? room(scroll) : PIECE;
	int ret = room(scroll) < SCROLL_RECORD_MAX ?
		  read_piece(scroll, more, err) : 0;

	return ret <= 0 ? ret : show(scroll, text_r, len_r);
}

/* Passes over what is left of the line and its end, or as much as there is.
   Returns whether the end was there. */
static bool
pass_line(struct scroll *scroll)
{
	const char *at = scroll->window.data + scroll->at;
	const char *feed = memchr(at, '\n', room(scroll));

	scroll_pass(scroll, feed == NULL ? room(scroll) :
		    (size_t)(feed - at) + 1);
	return feed != NULL;
}

/* Whether a record begins here; there is more of the line only when the word
   fits into the window. */
static bool
is_begin(const struct scroll *scroll)
{
	size_t len = strlen(scroll->begin);

	return room(scroll) >= len &&
	       memcmp(scroll->window.data + scroll->at, scroll->begin,
		      len) == 0;
}

int
scroll_skip(struct scroll *scroll, struct error *err)
{
	uint64_t far = scroll->offset + LEAP;
	int ret = 1;

	while (scroll->offset < far) {
		if (pass_line(scroll)) {
			while (ret > 0 && room(scroll) < strlen(scroll->begin))
				ret = read_piece(scroll, PIECE, err);
			if (ret >= 0 && is_begin(scroll))
				return 1;
		} else {
			ret = read_piece(scroll, PIECE, err);
		}
		if (ret < 0 || (ret == 0 && room(scroll) == 0))
			return ret;
	}
	return SCROLL_YET;
}

uint64_t
scroll_line(const struct scroll *scroll)
{
	return scroll->line;
}

uint64_t
scroll_offset(const struct scroll *scroll)
{
	return scroll->offset;
}

void
scroll_go(struct scroll *scroll, uint64_t offset, uint64_t line)
{
	scroll->at = 0;
	str_clear(&scroll->window);
	scroll->offset = offset;
	scroll->line = line;
}

uint64_t
scroll_bytes(const struct scroll *scroll)
{
	return scroll->bytes;
}
