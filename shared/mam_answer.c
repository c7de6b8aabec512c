#include "shared/mam_answer.h"

#include <stddef.h>

#include "shared/archive_page.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/mam_fin.h"
#include "shared/mam_query.h"
#include "shared/mam_result.h"

/* NULL when it cannot be read. */
static const struct xml *
read_message(struct arena *arena, const struct archive_row *row)
{
	struct error err = { 0 };
	struct xml *message;

	if (archive_row_message(arena, row, &message, &err) == 0)
		return message;
	log_error("archive: message %s: %s", row->mark.uid, err.text);
	return NULL;
}

static void
send_row(struct arena *arena, const struct mam_answer *answer,
	 const struct archive_row *row)
{
	struct mam_result result = {
		.queryid = answer->query->queryid, .id = row->mark.uid,
		.stamp = row->mark.stamp,
		.message = read_message(arena, row),
	};

	answer->send(answer->ctx, mam_result_new(arena, answer->archive,
						 answer->asker, &result));
}

/* No two results are in memory at once, as each may be large. */
static void
send_rows(const struct mam_answer *answer, const struct archive_page *page)
{
	struct arena *arena = arena_new();

	for (size_t i = 0; i < page->count; i++) {
		size_t at = answer->query->flip ? page->count - 1 - i : i;

		send_row(arena, answer, &page->rows[at]);
		arena_reset(arena);
	}
	arena_free(&arena);
}

static const char *
copy_uid(struct arena *arena, const struct archive_row *row)
{
	return arena_strdup(arena, row->mark.uid);
}

struct xml *
mam_answer_page(struct arena *arena, const struct mam_answer *answer,
		const struct archive_page *page)
{
	struct mam_fin fin = {
		.complete = page->complete,
		.page = { .index = page->index, .count = page->total },
	};

	send_rows(answer, page);
	if (page->count > 0) {
		const struct archive_row *last = &page->rows[page->count - 1];

		fin.page.first = copy_uid(arena, &page->rows[0]);
		fin.page.last = copy_uid(arena, last);
	}
	return mam_fin_new(arena, &fin);
}
