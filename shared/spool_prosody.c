#include "shared/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/lua.h"
#include "shared/prosody_item.h"
#include "shared/scroll.h"
#include "shared/str.h"
#include "shared/term.h"

/* The folder of Prosody's internal storage: DATA/HOST/STORE/USER.list, hosts
   and users with all but letters and digits as %xx (its util.datamanager).
   Beside them Prosody 13 has indices, which are of no use here. */

#define SUFFIX ".list"

/* How its modules name their stores. */
static const char *const stores[] = {
	[SPOOL_OFFLINE] = "offline",
	[SPOOL_ARCHIVE] = "archive",
	[SPOOL_ROOMS] = "muc_log",
};

struct prosody {
	char *path;
	const char *store;
	bool counting;		/* the first of two walks, for their size */
	uint64_t done, total;	/* bytes */
	DIR *hosts;
	DIR *users;		/* of a host; or NULL */
	bool found;		/* any such host */
	struct str host, user, file;	/* file is for people */
	struct scroll *scroll;	/* of a user; or NULL */
	bool skipping;		/* a broken item */
	unsigned items;		/* of the file */
};

static unsigned
digit(char c)
{
	return c >= 'a' ? (unsigned)(c - 'a') + 10 : (unsigned)(c - '0');
}

/* A NUL is left as it was written: no address has one. */
static void
decode(struct str *out, const char *name, size_t len)
{
	str_clear(out);
	str_addz(out, "");
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '%' && len - i > 2 &&
		    strspn(name + i + 1, "0123456789abcdef") >= 2 &&
		    strncmp(name + i, "%00", 3) != 0) {
			str_addc(out, (char)(digit(name[i + 1]) * 16 +
					     digit(name[i + 2])));
			i += 2;
		} else {
			str_addc(out, name[i]);
		}
	}
}

static void
close_prosody(void *self)
{
	struct prosody *prosody = self;

	scroll_close(&prosody->scroll);
	if (prosody->users != NULL)
		closedir(prosody->users);
	closedir(prosody->hosts);
	str_fini(&prosody->host);
	str_fini(&prosody->user);
	str_fini(&prosody->file);
	free(prosody->path);
	free(prosody);
}

static int
open_prosody(struct runtime *runtime, const char *place,
	     enum spool_content content, void **self_r, struct error *err)
{
	DIR *hosts = opendir(place);
	struct prosody *prosody;

	(void)runtime;
	if (hosts == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND, "%s: %s", place,
				 strerror(errno));
	prosody = calloc(1, sizeof(*prosody));
	ensure(prosody != NULL);
	prosody->path = str_dup(place);
	prosody->store = stores[content];
	prosody->hosts = hosts;
	prosody->counting = true;
	*self_r = prosody;
	return 0;
}

/* The folder of a host's messages; there need not be one. */
static void
enter_host(struct prosody *prosody, const char *name)
{
	struct str path = { 0 };
	int fd;

	if (name[0] == '.')
		return;
	str_addf(&path, "%s/%s", name, prosody->store);
	fd = openat(dirfd(prosody->hosts), path.data,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	str_fini(&path);
	if (fd < 0)
		return;
	prosody->users = fdopendir(fd);
	ensure(prosody->users != NULL);
	prosody->found = true;
	decode(&prosody->host, name, strlen(name));
}

/* Whether it is a user's file. */
static bool
is_file(const char *name)
{
	size_t len = strlen(name), suffix = sizeof(SUFFIX) - 1;

	return name[0] != '.' && len > suffix &&
	       strcmp(name + len - suffix, SUFFIX) == 0;
}

/* One step of the walk.  file_r is the next user's, or NULL after a step that
   found none; false at the end. */
static bool
walk(struct prosody *prosody, const char **file_r)
{
	struct dirent *entry;

	*file_r = NULL;
	if (prosody->users == NULL) {
		entry = readdir(prosody->hosts);
		if (entry != NULL)
			enter_host(prosody, entry->d_name);
		return entry != NULL;
	}
	entry = readdir(prosody->users);
	if (entry == NULL) {
		closedir(prosody->users);
		prosody->users = NULL;
	} else if (is_file(entry->d_name)) {
		*file_r = entry->d_name;
	}
	return true;
}

static void
count(struct prosody *prosody, const char *file)
{
	struct stat st;

	if (fstatat(dirfd(prosody->users), file, &st, 0) == 0)
		prosody->total += (uint64_t)st.st_size;
}

static const char *
place_of(struct prosody *prosody, struct arena *arena)
{
	return arena_printf(arena, "%s line %" PRIu64, prosody->file.data,
			    scroll_line(prosody->scroll));
}

static void
name_owner(struct prosody *prosody, struct arena *arena,
	   struct spool_record *record)
{
	record->user = arena_strdup(arena, prosody->user.data);
	record->host = arena_strdup(arena, prosody->host.data);
}

static void
blame(struct prosody *prosody, struct spool_page *page, const char *place,
      const char *fault)
{
	spool_page_blame(page, place, fault);
	name_owner(prosody, page->arena, &page->records[page->count - 1]);
}

static void
enter_file(struct prosody *prosody, struct spool_page *page, const char *file)
{
	struct error err;

	decode(&prosody->user, file, strlen(file) - (sizeof(SUFFIX) - 1));
	str_clear(&prosody->file);
	str_addf(&prosody->file, "%s/%s", prosody->host.data, file);
	prosody->items = 0;
	if (scroll_open(dirfd(prosody->users), file, "item(",
			&prosody->scroll, &err) < 0)
		blame(prosody, page, arena_strdup(page->arena,
						  prosody->file.data),
		      err.text);
}

static void
leave_file(struct prosody *prosody)
{
	prosody->done += scroll_bytes(prosody->scroll);
	prosody->skipping = false;
	scroll_close(&prosody->scroll);
}

/* The item that stands here, and how long it is. */
static int
read_item(struct prosody *prosody, struct arena *arena, struct term **item_r,
	  size_t *used_r, struct error *err)
{
	const char *text;
	size_t len;
	int ret, more = scroll_look(prosody->scroll, &text, &len, err);

	while (more > 0) {
		ret = lua_read_item(arena, text, len, item_r, used_r, err);
		if (ret != TERM_SHORT)
			return ret;
		more = scroll_widen(prosody->scroll, &text, &len, err);
	}
	return more < 0 ? -1 : error_set(err, ERROR_BAD_REQUEST,
					 "an item without an end");
}

static void
take_item(struct prosody *prosody, struct spool_page *page)
{
	struct arena *arena = page->arena;
	const char *place = place_of(prosody, arena);
	struct spool_record record = { 0 }, *added;
	struct term *item;
	struct error err;
	size_t used;

	prosody->items++;
	/* Which is no id beyond this file. */
	if (prosody->store == stores[SPOOL_OFFLINE])
		record.key = arena_printf(arena, "%u", prosody->items);
	if (read_item(prosody, arena, &item, &used, &err) < 0) {
		blame(prosody, page, place, err.text);
		prosody->skipping = true;
		return;
	}
	scroll_pass(prosody->scroll, used);
	if (prosody_item_read(arena, item, &record, &err) < 0) {
		blame(prosody, page, place, err.text);
		return;
	}
	added = spool_page_add(page, place);
	record.place = place;
	*added = record;
	name_owner(prosody, arena, added);
}

/* Goes on in the file of a user. */
static void
read_file(struct prosody *prosody, struct spool_page *page)
{
	const char *text;
	struct error err;
	size_t len;
	int ret = prosody->skipping ? scroll_skip(prosody->scroll, &err) :
		  scroll_look(prosody->scroll, &text, &len, &err);

	if (ret == SCROLL_YET)
		return;
	prosody->skipping = false;
	if (ret < 0)
		blame(prosody, page, place_of(prosody, page->arena),
		      err.text);
	if (ret > 0)
		take_item(prosody, page);
	else
		leave_file(prosody);
}

static int
check_found(const struct prosody *prosody, struct error *err)
{
	return prosody->found ? 0 :
	       error_set(err, ERROR_ITEM_NOT_FOUND, "%s: no host has a "
			 "folder named %s there", prosody->path,
			 prosody->store);
}

/* Returns -1 with err when the walk is over and there was nothing. */
static int
step(struct prosody *prosody, struct spool_page *page, struct error *err)
{
	const char *file;

	if (prosody->scroll != NULL) {
		read_file(prosody, page);
	} else if (walk(prosody, &file)) {
		if (file != NULL && prosody->counting)
			count(prosody, file);
		else if (file != NULL)
			enter_file(prosody, page, file);
	} else if (prosody->counting) {
		prosody->counting = false;
		rewinddir(prosody->hosts);
		return check_found(prosody, err);
	} else {
		page->last = true;
	}
	return 0;
}

static void
read_prosody(void *self, struct spool_page *page, spool_fn *fn, void *ctx)
{
	struct prosody *prosody = self;
	struct error err;
	int ret = 0;

	while (ret == 0 && !page->last && !spool_page_is_full(page))
		ret = step(prosody, page, &err);
	page->done = prosody->done + (prosody->scroll == NULL ? 0 :
				      scroll_offset(prosody->scroll));
	page->total = prosody->total;
	fn(ctx, ret < 0 ? &err : NULL);
}

const struct spool prosody_spool = {
	.name = "prosody",
	.open = open_prosody, .read = read_prosody, .close = close_prosody,
};
