#include "t/lib/pagebed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shared/archive_page.h"
#include "shared/archive_row.h"
#include "t/lib/archivebed.h"

int
pagebed_setup(void **state)
{
	struct pagebed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->db = archivebed_new(*(const enum database_kind *)*state);
	*state = bed;
	return 0;
}

int
pagebed_teardown(void **state)
{
	struct pagebed *bed = *state;

	database_free(&bed->db);
	str_fini(&bed->uids);
	str_fini(&bed->rows);
	free(bed);
	return 0;
}

struct mam_query
pagebed_everything(size_t max)
{
	return (struct mam_query){
		.filter = { .start = INT64_MIN, .end = INT64_MAX },
		.rsm = { .max = max },
	};
}

static void
on_page(void *ctx, const struct archive_page *page, const struct error *err)
{
	struct pagebed *bed = ctx;

	assert_false(bed->done);
	assert_true((page == NULL) != (err == NULL));
	bed->done = true;
	if (err != NULL) {
		bed->err = *err;
		return;
	}
	bed->count = page->count;
	bed->complete = page->complete;
	bed->total = page->total;
	bed->index = page->index;
	for (size_t i = 0; i < page->count; i++) {
		str_addf(&bed->uids, "%s ", page->rows[i].mark.uid);
		archive_row_print(&bed->rows, &page->rows[i]);
	}
	if (page->count == 0)
		return;
	snprintf(bed->first, sizeof(bed->first), "%s", page->rows[0].mark.uid);
	snprintf(bed->last, sizeof(bed->last), "%s",
		 page->rows[page->count - 1].mark.uid);
}

void
pagebed_ask(struct pagebed *bed, const char *owner,
	    const struct mam_query *query)
{
	bed->done = false;
	bed->err = (struct error){ 0 };
	str_clear(&bed->uids);
	str_clear(&bed->rows);
	bed->count = 0;
	bed->owner.jid = owner;
	archive_page_find(bed->db->store, &bed->owner, query, on_page, bed);
	assert_false(bed->done);
	database_wait(bed->db, &bed->done);
}

void
pagebed_find(struct pagebed *bed, const char *owner,
	     const struct mam_query *query)
{
	pagebed_ask(bed, owner, query);
	assert_string_equal(bed->err.text, "");
}

void
pagebed_expect(struct pagebed *bed, const char *owner,
	       const struct mam_query *query, const char *uids)
{
	pagebed_find(bed, owner, query);
	assert_string_equal(bed->count > 0 ? bed->uids.data : "", uids);
}

void
pagebed_refuse(struct pagebed *bed, const char *owner,
	       const struct mam_query *query, enum error_cond cond)
{
	pagebed_ask(bed, owner, query);
	assert_int_equal(bed->err.cond, cond);
}

long
pagebed_count(struct pagebed *bed, const char *owner, struct mam_query query)
{
	query.rsm.count_only = true;
	query.rsm.max = 0;
	pagebed_find(bed, owner, &query);
	assert_int_equal(bed->count, 0);
	assert_int_equal(bed->complete, bed->total == 0);
	assert_int_equal(bed->index, -1);
	return bed->total;
}
