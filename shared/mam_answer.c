#include "shared/mam_answer.h"

#include <stdbool.h>
#include <stddef.h>

#include "shared/archive_page.h"
#include "shared/archive_row.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/mam_fin.h"
#include "shared/mam_query.h"
#include "shared/mam_result.h"
#include "shared/str.h"
#include "shared/xml.h"

/* NULL when nothing of it remains, or it cannot be read. */
static struct xml *
read_message(struct arena *arena, const struct archive_row *row)
{
	struct error err = { 0 };
	struct xml *message;
	int ret = archive_row_is_removed(&row->mark) ?
		  archive_row_remains(arena, row, &message, &err) :
		  archive_row_message(arena, row, &message, &err);

	if (ret == 0)
		return message;
	log_error("archive: message %s: %s", row->mark.uid, err.text);
	return NULL;
}

static bool
fits(const struct xml *result, size_t limit_bytes)
{
	struct str text = { 0 };
	bool does;

	xml_print(&text, result, "");
	does = text.len <= limit_bytes;
	str_fini(&text);
	return does;
}

/* With message NULL, as of one that was removed. */
static struct xml *
new_result(struct arena *arena, const struct mam_answer *answer,
	   const struct archive_row *row, const struct xml *message)
{
	return mam_result_new(arena, answer->archive, answer->asker,
			      &(struct mam_result){
		.queryid = answer->query->queryid, .id = row->mark.uid,
		.stamp = row->mark.stamp, .message = message,
	});
}

static void
send_row(struct arena *arena, const struct mam_answer *answer,
	 const struct archive_row *row)
{
	struct xml *message = read_message(arena, row);
	struct xml *result;

	if (message != NULL && answer->present != NULL)
		answer->present(answer->ctx, arena, row, message);
	result = new_result(arena, answer, row, message);
	if (message != NULL && !fits(result, answer->limit_bytes)) {
		log_warning("archive: message %s is larger than the %zu bytes "
			    "that can be sent of it", row->mark.uid,
			    answer->limit_bytes);
		result = new_result(arena, answer, row, NULL);
	}
	answer->send(answer->ctx, result);
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
		.complete = page->complete, .unstable = answer->unstable,
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
