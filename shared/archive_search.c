#include "shared/archive_search-private.h"

#include <stdlib.h>
#include <string.h>

#include "shared/archive_range.h"
#include "shared/archive_texts.h"
#include "shared/archive_words.h"
#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/serial.h"
#include "shared/store.h"

/* Serials of an hour: how much is looked at first. */
#define FIRST_WINDOW (3600LL * CLOCK_SECOND * SERIAL_WRITERS)

const struct archive_search_filter archive_search_all = {
	.start = INT64_MIN, .end = INT64_MAX, .before = INT64_MAX,
};

struct archive_search {
	struct store *store;
	struct arena *arena;	/* what was copied */
	struct arena *part;	/* the same, of a part */
	struct archive_search_filter filter;
	struct archive_words words;
	const struct archive_search_sql *sql;
	int64_t after, before;	/* between these is what was not read yet */
	/* How wide a part of that is read at a time: as much as has about a
	   part's messages. */
	int64_t window;
	bool began;		/* one window is behind it */
	int64_t edge;		/* where that which is being read ends */
	size_t seen;
	struct archive_row rows[ARCHIVE_SEARCH_ROWS];
	const char *audiences[ARCHIVE_SEARCH_ROWS];
	archive_search_fn *fn;
	void *ctx;
};

/* What came while the clock was ahead is all in one, as there is hardly any. */
static int64_t
first_window(const struct archive_search *search)
{
	int64_t now = serial_first_of(clock_now());

	return search->filter.backward && search->before > now ?
	       search->before - now : FIRST_WINDOW;
}

static const char *
copy(struct arena *arena, const char *text)
{
	return text == NULL ? NULL : arena_strdup(arena, text);
}

static void
copy_filter(struct archive_search *search,
	    const struct archive_search_filter *filter)
{
	search->filter = *filter;
	search->filter.who = copy(search->arena, filter->who);
	search->filter.with = copy(search->arena, filter->with);
	search->filter.room = copy(search->arena, filter->room);
	search->filter.shown = copy(search->arena, filter->shown);
	/* One can be added to it. */
	search->after = serial_earlier(INT64_MAX - 1, serial_later(
		filter->after, archive_range_after(filter->start)));
	search->before = serial_earlier(filter->before,
			      archive_range_before(filter->end));
}

int
archive_search_new(struct store *store,
		   const struct archive_search_filter *filter,
		   struct archive_search **search_r, struct error *err)
{
	struct archive_search *search = calloc(1, sizeof(*search));

	ensure(search != NULL);
	ensure(filter->with == NULL ||
	       (filter->who != NULL && filter->room == NULL &&
		filter->shown == NULL));
	search->store = store;
	search->arena = arena_new();
	search->part = arena_new();
	search->sql = strcmp(store_dialect(store), "sqlite") == 0 ?
		      &archive_search_sqlite : &archive_search_pg;
	copy_filter(search, filter);
	search->window = first_window(search);
	if (archive_words_parse(search->arena, filter->text, &search->words,
				err) < 0) {
		archive_search_free(&search);
		return -1;
	}
	*search_r = search;
	return 0;
}

void
archive_search_free(struct archive_search **search)
{
	if (*search == NULL)
		return;
	arena_free(&(*search)->arena);
	arena_free(&(*search)->part);
	free(*search);
	*search = NULL;
}

static struct archive_row
read_row(const struct store_result *result, size_t i)
{
	struct archive_row row = archive_cells_read(NULL, result, i,
						    ARCHIVE_SEARCH_CELLS);

	row.original = store_get_text(result, i, ARCHIVE_SEARCH_ORIGINAL);
	row.links = store_get_text(result, i, ARCHIVE_SEARCH_LINKS);
	return row;
}

static const char *
read_audience(const struct store_result *result, size_t i)
{
	const char *audience = store_get_text(result, i,
					      ARCHIVE_SEARCH_AUDIENCE);

	return audience != NULL ? audience : "";
}

static void
strip_room(struct arena *arena, struct archive_row *row)
{
	const char *slash = strchr(row->recipient, '/');

	if (row->type == ARCHIVE_GROUPCHAT && slash != NULL)
		row->recipient = arena_dup(arena, row->recipient,
					   (size_t)(slash - row->recipient));
}

/* All up to that serial was read. */
static void
move_to(struct archive_search *search, int64_t serial)
{
	if (search->filter.backward)
		search->before = serial;
	else
		search->after = serial;
}

static size_t
take_rows(struct archive_search *search, const struct store_result *result)
{
	size_t rows = store_rows(result), count = 0;

	arena_reset(search->part);
	for (size_t i = 0; i < rows; i++) {
		struct archive_row row = read_row(result, i);

		strip_room(search->part, &row);
		if (archive_texts_match(&row, &search->words)) {
			search->audiences[count] = read_audience(result, i);
			search->rows[count++] = row;
		}
		move_to(search, row.mark.serial);
	}
	search->seen += rows;
	return count;
}

static int64_t
found_in(const struct store_result *result)
{
	return store_rows(result) == 0 ? 0 :
	       store_get_int(result, 0, ARCHIVE_SEARCH_FOUND);
}

/* One person's are read in their order, and all that there are of a window. */
static bool
is_in_order(const struct archive_search *search)
{
	return search->filter.shown != NULL ||
	       (search->filter.who != NULL && search->filter.room == NULL);
}

/* Where nothing was left out, the next window begins where this one ends. */
static void
end_window(struct archive_search *search, const struct store_result *result)
{
	int64_t found = found_in(result);

	if (store_rows(result) < (size_t)found ||
	    (is_in_order(search) && found == ARCHIVE_SEARCH_ROWS))
		return;
	move_to(search, search->filter.backward ? search->edge + 1 :
						  search->edge - 1);
	if (!search->began)
		search->window = FIRST_WINDOW;
	else if (found < ARCHIVE_SEARCH_ROWS / 4 &&
		 search->window < INT64_MAX / 4)
		search->window *= 2;
	search->began = true;
}

static void read_part(struct archive_search *search);

static void
on_rows(void *ctx, const struct store_result *result, const struct error *err)
{
	struct archive_search *search = ctx;
	struct archive_search_part part = {
		.rows = search->rows, .audiences = search->audiences,
	};

	if (err != NULL) {
		search->fn(search->ctx, NULL, err);
		return;
	}
	/* Which of them are the first, nobody knows. */
	if (found_in(result) > ARCHIVE_SEARCH_ROWS) {
		search->window /= 2;
		read_part(search);
		return;
	}
	part.count = take_rows(search, result);
	end_window(search, result);
	part.seen = search->seen;
	part.complete = search->after >= search->before - 1;
	part.reached = search->filter.backward ? search->before :
						 search->after;
	search->fn(search->ctx, &part, NULL);
}

static const char *
choose(const struct archive_search *search)
{
	const struct archive_search_filter *filter = &search->filter;
	const struct archive_search_sql *sql = search->sql;
	bool backward = filter->backward;

	if (filter->shown != NULL)
		return backward ? sql->shown_backward : sql->shown_forward;
	if (filter->room != NULL)
		return backward ? sql->room_backward : sql->room_forward;
	if (filter->who != NULL)
		return backward ? sql->of_backward : sql->of_forward;
	return backward ? sql->all_backward : sql->all_forward;
}

/* The last three parameters.  Returns how many of them there are. */
static size_t
choose_people(const struct archive_search_filter *filter,
	      struct store_value people_r[3])
{
	bool shown = filter->shown != NULL, room = filter->room != NULL;

	people_r[0] = store_text(shown ? filter->shown :
				 room ? filter->room : filter->who);
	people_r[1] = store_text(shown || room ? filter->who : filter->with);
	people_r[2] = store_text(filter->room);
	return shown ? 3 : room || filter->who != NULL ? 2 : 0;
}

/* The edge is outside of what is read, as after and before are. */
static void
set_edge(struct archive_search *search)
{
	int64_t after = search->after, before = search->before;

	if (search->filter.backward)
		search->edge = before - after > search->window ?
			       before - search->window - 1 : after;
	else
		search->edge = before - after > search->window ?
			       after + search->window + 1 : before;
}

static void
read_part(struct archive_search *search)
{
	const struct archive_search_filter *filter = &search->filter;
	enum { FIXED = 6 };
	struct store_value values[FIXED + 3];
	size_t people = choose_people(filter, values + FIXED);

	set_edge(search);
	/* Something may be subtracted from the first. */
	values[0] = store_int(serial_later(0, filter->backward ? search->edge :
							    search->after));
	values[1] = store_int(filter->backward ? search->before :
						 search->edge);
	values[2] = store_int(filter->start);
	values[3] = store_int(filter->end == INT64_MAX ? INT64_MAX :
			      filter->end - 1);
	values[4] = store_int(ARCHIVE_SEARCH_ROWS + !is_in_order(search));
	values[5] = store_int(filter->audience);
	store_read(search->store, choose(search), values, FIXED + people,
		   on_rows, search);
}

void
archive_search_next(struct archive_search *search, archive_search_fn *fn,
		    void *ctx)
{
	search->fn = fn;
	search->ctx = ctx;
	read_part(search);
}
