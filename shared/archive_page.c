#include "shared/archive_page.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/archive_page-private.h"
#include "shared/archive_range.h"
#include "shared/archive_row.h"
#include "shared/archive_words.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/mam_query.h"
#include "shared/store.h"
#include "shared/store_list.h"
#include "shared/str.h"

/* A search reads so many messages at a time, others having their turn: twice
   as many as before, until they are too large to come all at once. */
#define STEP_FIRST 100
#define STEP_LARGEST 2000

struct finding {
	struct store *store;
	const struct archive_owner *owner;
	const struct mam_query *query;
	const struct archive_page_sql *sql;
	struct arena *arena;
	struct archive_words words;
	struct archive_range range;	/* what is still to be read */
	struct store_list ids;
	bool backward;

	struct archive_row *rows;	/* max and one, as they are found */
	size_t count;			/* of those that match */
	size_t bytes;			/* of those that are kept */
	size_t step;			/* how many a search reads next */
	size_t seen, seen_bytes;	/* of all that were read */
	bool left_out;			/* some that are stored twice */
	archive_page_fn *fn;
	void *ctx;
};

static void
finish(struct finding *finding, const struct archive_page *page,
       const struct error *err)
{
	finding->fn(finding->ctx, page, err);
	store_list_fini(&finding->ids);
	arena_free(&finding->arena);
	free(finding);
}

static bool
is_search(const struct finding *finding)
{
	return finding->words.count > 0;
}

static bool
is_counting(const struct finding *finding)
{
	return finding->query->rsm.count_only;
}

/* One more than are wanted tells whether there are more. */
static size_t
step_limit(const struct finding *finding)
{
	size_t left = ARCHIVE_PAGE_SEARCHED - finding->seen;

	if (!is_search(finding))
		return finding->query->rsm.max + 1;
	return finding->step < left ? finding->step : left;
}

static bool
is_room(const struct finding *finding)
{
	return finding->owner->kind == ARCHIVE_OF_ROOM;
}

/* The id of whom the messages are with: in a room, an occupant has none. */
static struct store_value
with_id(const struct finding *finding)
{
	const struct jid *with = finding->query->filter.with;

	if (with == NULL || (is_room(finding) &&
			     str_same(with->bare, finding->owner->jid)))
		return store_text(NULL);
	return store_int(finding->range.with);
}

static enum archive_page_source
find_source(const struct finding *finding, const struct store_value *with)
{
	if (finding->query->filter.ids_count > 0)
		return ARCHIVE_PAGE_IDS;
	return with->type != STORE_NULL ? ARCHIVE_PAGE_WITH : ARCHIVE_PAGE_ALL;
}

static const char *
with_resource(const struct mam_filter *filter)
{
	if (filter->with == NULL || *filter->with->resource == '\0')
		return NULL;
	return filter->with->resource;
}

static void
ask(struct finding *finding, const char *const *sql, size_t limit,
    store_fn *fn)
{
	const struct mam_filter *filter = &finding->query->filter;
	const struct archive_range *range = &finding->range;
	const struct store_value with = with_id(finding);
	enum archive_page_source source = find_source(finding, &with);
	bool groupchat = is_room(finding) ||
			 filter->groupchat == MAM_FILTER_GROUPCHAT_INCLUDE;
	const struct store_value values[] = {
		store_int(range->owner),
		store_int(range->after), store_int(range->before),
		with, store_text(with_resource(filter)),
		store_int(filter->start), store_int(filter->end),
		store_int(groupchat), store_int((int64_t)limit),
		store_text(finding->ids.text.data),
	};

	store_read(finding->store, sql[source], values,
		   source == ARCHIVE_PAGE_IDS ? 10 : 9, fn, finding);
}

static int64_t
number_of(const struct store_result *result, size_t i, enum archive_cell cell)
{
	return store_get_int(result, i, ARCHIVE_PAGE_CELLS + cell);
}

/* Whether there is more than the page has. */
static bool
is_over(const struct finding *finding)
{
	return !is_counting(finding) &&
	       finding->count > finding->query->rsm.max;
}

/* Of all its texts. */
static size_t
row_bytes(const struct store_result *result, size_t i)
{
	size_t bytes = 0;

	for (size_t n = ARCHIVE_CELL_SENDER; n < ARCHIVE_CELLS; n++) {
		const char *text = store_get_text(result, i,
						  ARCHIVE_PAGE_CELLS + n);

		bytes += text != NULL ? strlen(text) : 0;
	}
	return bytes;
}

/* Another one of that uid stands for it, so that a uid has one place only. */
static bool
is_twin(const struct store_result *result, size_t i)
{
	return store_get_int(result, i, ARCHIVE_PAGE_TWIN) != 0;
}

/* Words are not found in what is not shown. */
static const char *
text_of(const struct store_result *result, size_t i)
{
	const struct archive_mark mark = {
		.ways = (unsigned)number_of(result, i, ARCHIVE_CELL_WAYS),
		.flags = (unsigned)number_of(result, i, ARCHIVE_CELL_FLAGS),
	};

	return archive_row_is_removed(&mark) ? NULL :
	       store_get_text(result, i,
			      ARCHIVE_PAGE_CELLS + ARCHIVE_CELL_BODY);
}

static void
take_row(struct finding *finding, const struct store_result *result, size_t i)
{
	int64_t serial = number_of(result, i, ARCHIVE_CELL_SERIAL);
	size_t bytes = row_bytes(result, i);

	finding->seen++;
	finding->seen_bytes += bytes;
	if (finding->backward)
		finding->range.before = serial;
	else
		finding->range.after = serial;
	if (is_twin(result, i)) {
		finding->left_out = true;
		return;
	}
	if (!archive_words_match(&finding->words, text_of(result, i)))
		return;
	finding->count++;
	if (is_counting(finding))
		return;
	finding->rows[finding->count - 1] = archive_cells_read(
		finding->arena, result, i, ARCHIVE_PAGE_CELLS);
	finding->bytes += bytes;
}

/* What is left out for its size was looked at in vain. */
static void
adapt_step(struct finding *finding, size_t rows, bool all_came)
{
	finding->step = all_came ? 2 * finding->step : rows;
	if (finding->step > STEP_LARGEST)
		finding->step = STEP_LARGEST;
}

/* Whether nothing is left in the direction of paging. */
static bool
take_rows(struct finding *finding, const struct store_result *result)
{
	size_t rows = store_rows(result);
	bool all_came = rows == 0 ||
		(size_t)store_get_int(result, 0, ARCHIVE_PAGE_FOUND) == rows;
	bool is_end = all_came && rows < step_limit(finding);

	for (size_t i = 0; i < rows && !is_over(finding); i++)
		take_row(finding, result, i);
	adapt_step(finding, rows, all_came);
	return is_end && !is_over(finding);
}

static bool
may_go_on(const struct finding *finding)
{
	return (is_search(finding) || finding->left_out) &&
	       !is_over(finding) &&
	       finding->bytes < ARCHIVE_PAGE_BYTES &&
	       finding->seen < ARCHIVE_PAGE_SEARCHED &&
	       finding->seen_bytes < ARCHIVE_PAGE_SEARCHED_BYTES;
}

static void
reverse(struct archive_row *rows, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct archive_row row = rows[i];

		rows[i] = rows[count - 1 - i];
		rows[count - 1 - i] = row;
	}
}

static bool
is_from_an_end(const struct rsm *rsm)
{
	return rsm->mode != RSM_AFTER && rsm->mode != RSM_BEFORE;
}

static void
finish_page(struct finding *finding, bool complete)
{
	const struct rsm *rsm = &finding->query->rsm;
	struct archive_page page = {
		.rows = finding->rows, .count = finding->count,
		.complete = complete, .total = -1,
	};

	if (is_over(finding))
		page.count--;
	if (finding->backward)
		reverse(finding->rows, page.count);
	if (complete && is_from_an_end(rsm))
		page.total = (long)page.count;
	page.index = rsm_index(rsm, page.count, page.total, complete);
	finish(finding, &page, NULL);
}

static void
finish_count(struct finding *finding, long total)
{
	struct archive_page page = {
		.complete = total == 0, .total = total, .index = -1,
	};

	finish(finding, &page, NULL);
}

static void ask_rows(struct finding *finding);

static void
on_rows(void *ctx, const struct store_result *result, const struct error *err)
{
	struct finding *finding = ctx;
	struct error own = { 0 };
	bool complete;

	if (err != NULL) {
		finish(finding, NULL, err);
		return;
	}
	complete = take_rows(finding, result);
	if (!complete && may_go_on(finding)) {
		ask_rows(finding);
	} else if (is_counting(finding)) {
		finish_count(finding, complete ? (long)finding->count : -1);
	} else if (!complete && finding->count == 0) {
		error_set(&own, ERROR_POLICY_VIOLATION,
			  "too many messages without these words: say when, "
			  "or with whom");
		finish(finding, NULL, &own);
	} else {
		finish_page(finding, complete);
	}
}

static void
ask_rows(struct finding *finding)
{
	const struct archive_page_sql *sql = finding->sql;

	ask(finding, finding->backward ? sql->backward : sql->forward,
	    step_limit(finding), on_rows);
}

static void
on_count(void *ctx, const struct store_result *result,
	 const struct error *err)
{
	struct finding *finding = ctx;
	int64_t total;

	if (err != NULL) {
		finish(finding, NULL, err);
		return;
	}
	total = store_get_int(result, 0, 0);
	finish_count(finding, total <= ARCHIVE_PAGE_COUNTED ? (long)total :
							       -1);
}

static void
ask_count(struct finding *finding)
{
	ask(finding, finding->sql->count, ARCHIVE_PAGE_COUNTED + 1, on_count);
}

static void
on_range(void *ctx, const struct archive_range *range,
	 const struct error *err)
{
	struct finding *finding = ctx;
	struct error own = { 0 };

	if (err == NULL &&
	    archive_words_parse(finding->arena, finding->query->filter.text,
				&finding->words, &own) < 0)
		err = &own;
	if (err != NULL) {
		finish(finding, NULL, err);
		return;
	}
	finding->range = *range;
	for (size_t i = 0; i < range->ids_count; i++)
		store_list_add_int(&finding->ids, range->ids[i]);
	store_list_end(&finding->ids);
	if (is_counting(finding) && !is_search(finding))
		ask_count(finding);
	else
		ask_rows(finding);
}

static struct finding *
new_finding(struct store *store, const struct archive_owner *owner,
	    const struct mam_query *query)
{
	struct finding *finding = calloc(1, sizeof(*finding));
	const struct rsm *rsm = &query->rsm;

	ensure(finding != NULL && rsm->mode != RSM_INDEX);
	finding->store = store;
	finding->owner = owner;
	finding->query = query;
	finding->arena = arena_new();
	finding->step = STEP_FIRST;
	finding->backward = rsm->mode == RSM_BEFORE || rsm->mode == RSM_LAST;
	finding->rows = arena_alloc(finding->arena, (rsm->max + 1) *
				    sizeof(*finding->rows));
	finding->sql = (strcmp(store_dialect(store), "sqlite") == 0 ?
			archive_page_sqlite : archive_page_pg) + owner->kind;
	store_list_begin(&finding->ids, store_dialect(store));
	return finding;
}

void
archive_page_find(struct store *store, const struct archive_owner *owner,
		  const struct mam_query *query, archive_page_fn *fn,
		  void *ctx)
{
	struct finding *finding = new_finding(store, owner, query);

	finding->fn = fn;
	finding->ctx = ctx;
	archive_range_find(&(struct archive_range_search){
			   store, finding->arena, owner, query },
			   on_range, finding);
}
