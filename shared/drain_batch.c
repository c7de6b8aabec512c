#include "shared/drain_batch.h"

#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"

struct drain_batch *
drain_batch_new(struct drain *drain)
{
	struct drain_batch *batch = calloc(1, sizeof(*batch));

	ensure(batch != NULL);
	batch->drain = drain;
	batch->arena = arena_new();
	return batch;
}

void
drain_batch_free(struct drain_batch **batch)
{
	arena_free(&(*batch)->arena);
	free(*batch);
	*batch = NULL;
}

bool
drain_batch_is_answered(struct drain_batch *batch)
{
	if (--batch->under_way > 0)
		return false;
	if (batch->drain == NULL)
		drain_batch_free(&batch);
	return batch != NULL;
}

void
drain_batch_blame(struct drain_item *item, const char *reason)
{
	item->fault = arena_strdup(item->batch->arena, reason);
}

static void
read_item(struct drain_item *item, drain_read_fn *read, void *ctx)
{
	struct drain_batch *batch = item->batch;
	struct archive_row *row = &batch->rows[batch->row_count];
	struct journal_entry entry = item->entry;
	struct error err = { 0 };

	entry.bytes = strlen(entry.text);
	if (read(ctx, batch->arena, &entry, row, &err) < 0) {
		drain_batch_blame(item, error_reason(&err));
		return;
	}
	if (row->mark.ways == 0 && row->buries == 0)
		return;
	item->row = row;
	batch->row_count++;
}

void
drain_batch_fill(struct drain_batch *batch,
		 const struct journal_entry *entries, size_t count,
		 drain_read_fn *read, void *ctx)
{
	batch->count = count;
	batch->items = arena_alloc(batch->arena,
				   count * sizeof(*batch->items));
	batch->rows = arena_alloc(batch->arena, count * sizeof(*batch->rows));
	for (size_t i = 0; i < count; i++) {
		struct drain_item *item = &batch->items[i];

		item->batch = batch;
		item->entry = entries[i];
		item->entry.text = arena_strdup(batch->arena,
						entries[i].text);
		read_item(item, read, ctx);
	}
}

struct drain_item *
drain_batch_next(struct drain_batch *batch)
{
	for (; batch->tried < batch->count; batch->tried++) {
		struct drain_item *item = &batch->items[batch->tried];

		if (item->row != NULL && !item->written)
			return item;
	}
	return NULL;
}

void
drain_batch_try_again(struct drain_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct drain_item *item = &batch->items[i];

		if (item->row == NULL)
			continue;
		item->fault = NULL;
		/* What it retracts may be one of those that were refused. */
		if (item->row->buries != 0)
			item->written = false;
	}
	batch->tried = 0;
}

struct journal_range
drain_batch_range(const struct drain_batch *batch)
{
	struct journal_range range = { 0 };

	for (size_t i = 0; i < batch->count; i++) {
		const struct drain_item *item = &batch->items[i];

		if (item->fault != NULL)
			continue;
		if (range.count == 0)
			range.first = item->entry.id;
		range.last = item->entry.id;
		range.count++;
		range.bytes += item->entry.bytes;
	}
	return range;
}
