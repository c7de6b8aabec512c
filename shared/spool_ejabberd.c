#include "shared/spool.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/ejabberd_record.h"
#include "shared/erlang.h"
#include "shared/error.h"
#include "shared/ranking.h"
#include "shared/scroll.h"
#include "shared/term.h"

/* The file that ejabberdctl dump, or dump_table, writes: among other terms the
   records of a table.  As Mnesia has them in no order, and ejabberd delivers
   or tells them by their time, the file is read twice. */

static const char *const begins[] = {
	[SPOOL_OFFLINE] = "{offline_msg,",
	[SPOOL_ARCHIVE] = "{archive_msg,",
	[SPOOL_ROOMS] = "{archive_msg,",
};

enum ejabberd_state {
	EJABBERD_RANKING,	/* finding out when each was sent */
	EJABBERD_TAKING,	/* in that order */
};

struct ejabberd {
	enum ejabberd_state state;
	const char *begin;	/* of a record */
	bool rooms;		/* those of rooms are wanted, not users' */
	struct scroll *scroll;
	bool skipping;		/* to the next record */
	struct ranking ranking;
	size_t ranked;		/* how many there were */
};

static void
close_ejabberd(void *self)
{
	struct ejabberd *ejabberd = self;

	scroll_close(&ejabberd->scroll);
	ranking_fini(&ejabberd->ranking);
	free(ejabberd);
}

static int
open_ejabberd(struct runtime *runtime, const char *place,
	      enum spool_content content, void **self_r, struct error *err)
{
	struct scroll *scroll;
	struct ejabberd *ejabberd;

	(void)runtime;
	if (scroll_open(AT_FDCWD, place, begins[content], &scroll, err) < 0)
		return -1;
	ejabberd = calloc(1, sizeof(*ejabberd));
	ensure(ejabberd != NULL);
	ejabberd->begin = begins[content];
	ejabberd->rooms = content == SPOOL_ROOMS;
	ejabberd->scroll = scroll;
	*self_r = ejabberd;
	return 0;
}

static const char *
place_of(const struct ejabberd *ejabberd, struct arena *arena)
{
	return arena_printf(arena, "line %" PRIu64,
			    scroll_line(ejabberd->scroll));
}

/* The record that stands here, and how long it is. */
static int
read_record(struct ejabberd *ejabberd, struct arena *arena,
	    struct spool_record *record, size_t *used_r, struct error *err)
{
	struct term *term;
	const char *text;
	size_t len;
	int ret, more = scroll_look(ejabberd->scroll, &text, &len, err);

	while (more > 0) {
		ret = erlang_read_term(arena, text, len, &term, used_r, err);
		if (ret == 0)
			return ejabberd_record_read(arena, term, record, err);
		if (ret < 0)
			return -1;
		more = scroll_widen(ejabberd->scroll, &text, &len, err);
	}
	return more < 0 ? -1 : error_set(err, ERROR_BAD_REQUEST,
					 "a record without an end");
}

/* One that is broken is told now, and not looked at again. */
static void
rank_record(struct ejabberd *ejabberd, struct spool_page *page)
{
	struct arena *arena = page->arena;
	struct spool_record record = { .place = place_of(ejabberd, arena) };
	struct rank rank = {
		.offset = scroll_offset(ejabberd->scroll),
		.line = scroll_line(ejabberd->scroll),
	};
	struct error err;
	size_t used;

	ejabberd->skipping = true;
	if (read_record(ejabberd, arena, &record, &used, &err) < 0) {
		record.fault = arena_strdup(arena, err.text);
		*spool_page_add(page, record.place) = record;
		return;
	}
	/* One table has both. */
	if (record.room != ejabberd->rooms)
		return;
	rank.stamp = record.stamp;
	ranking_add(&ejabberd->ranking, &rank);
}

static bool
is_record(const struct ejabberd *ejabberd, const char *text, size_t len)
{
	size_t wanted = strlen(ejabberd->begin);

	return len >= wanted && memcmp(text, ejabberd->begin, wanted) == 0;
}

/* Returns -1 with err when the file cannot be read. */
static int
rank_next(struct ejabberd *ejabberd, struct spool_page *page,
	  struct error *err)
{
	const char *text;
	size_t len;
	int ret = ejabberd->skipping ? scroll_skip(ejabberd->scroll, err) :
		  scroll_look(ejabberd->scroll, &text, &len, err);

	if (ret == SCROLL_YET)
		return 0;
	if (ret > 0 && ejabberd->skipping) {
		ejabberd->skipping = false;
	} else if (ret > 0 && !is_record(ejabberd, text, len)) {
		ejabberd->skipping = true;
	} else if (ret > 0) {
		rank_record(ejabberd, page);
	} else if (ret == 0) {
		ejabberd->state = EJABBERD_TAKING;
		ejabberd->ranked = ejabberd->ranking.count;
	}
	return ret < 0 ? -1 : 0;
}

static void
take_next(struct ejabberd *ejabberd, struct spool_page *page)
{
	struct arena *arena = page->arena;
	struct spool_record record = { 0 };
	struct rank rank;
	struct error err;
	size_t used;

	if (!ranking_take(&ejabberd->ranking, &rank)) {
		page->last = true;
		return;
	}
	scroll_go(ejabberd->scroll, rank.offset, rank.line);
	record.place = place_of(ejabberd, arena);
	/* It was good before: the file has changed. */
	if (read_record(ejabberd, arena, &record, &used, &err) < 0)
		record.fault = arena_strdup(arena, err.text);
	*spool_page_add(page, record.place) = record;
}

/* Each of both times is half of the work. */
static void
set_progress(const struct ejabberd *ejabberd, struct spool_page *page)
{
	uint64_t bytes = scroll_bytes(ejabberd->scroll);
	size_t taken = ejabberd->ranked - ejabberd->ranking.count;

	page->total = 2 * bytes;
	if (ejabberd->state == EJABBERD_RANKING)
		page->done = scroll_offset(ejabberd->scroll);
	else if (page->last)
		page->done = page->total;
	else
		page->done = bytes + bytes * taken / (ejabberd->ranked + 1);
}

static void
read_ejabberd(void *self, struct spool_page *page, spool_fn *fn, void *ctx)
{
	struct ejabberd *ejabberd = self;
	struct error err;
	int ret = 0;

	while (ret == 0 && !page->last && !spool_page_is_full(page)) {
		if (ejabberd->state == EJABBERD_RANKING)
			ret = rank_next(ejabberd, page, &err);
		else
			take_next(ejabberd, page);
	}
	set_progress(ejabberd, page);
	fn(ctx, ret < 0 ? &err : NULL);
}

const struct spool ejabberd_spool = {
	.name = "ejabberd",
	.open = open_ejabberd, .read = read_ejabberd,
	.close = close_ejabberd,
};
