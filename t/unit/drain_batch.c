#include "shared/drain_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"

static char mine[] = "ctx";

/* Rows of all texts but those that begin with a minus; nobody wants one that
   begins with a dot, but what one with a comma buries. */
static int
read_text(void *ctx, struct arena *arena, const struct journal_entry *entry,
	  struct archive_row *row, struct error *err)
{
	(void)arena;
	assert_ptr_equal(ctx, mine);
	assert_int_equal(entry->bytes, strlen(entry->text));
	if (entry->text[0] == '-')
		return error_set(err, ERROR_BAD_REQUEST, "it is %s",
				 entry->text);
	*row = (struct archive_row){
		.mark.ways = strspn(entry->text, ".,") > 0 ? 0 : ARCHIVE_SENT,
		.buries = entry->text[0] == ',',
		.body = entry->text,
	};
	return 0;
}

static struct drain_batch *
batch_of(const char *const *texts, size_t count)
{
	struct drain_batch *batch = drain_batch_new(NULL);
	struct journal_entry entries[10];
	char copies[10][10];

	for (size_t i = 0; i < count; i++) {
		entries[i] = (struct journal_entry){
			11 + 2 * (int64_t)i, 5, strlen(texts[i]), copies[i],
		};
		memcpy(copies[i], texts[i], entries[i].bytes + 1);
	}
	drain_batch_fill(batch, entries, count, read_text, mine);
	memset(copies, 'x', sizeof(copies));
	return batch;
}

static void
has_the_rows_of_its_entries(void **state)
{
	static const char *const texts[] = { "one", "-2", "", "four" };
	struct drain_batch *batch = batch_of(texts, 4);

	(void)state;
	assert_int_equal(batch->count, 4);
	assert_int_equal(batch->row_count, 3);
	assert_string_equal(batch->rows[0].body, "one");
	assert_string_equal(batch->rows[1].body, "");
	assert_string_equal(batch->rows[2].body, "four");
	assert_ptr_equal(batch->items[0].row, &batch->rows[0]);
	assert_null(batch->items[1].row);
	assert_string_equal(batch->items[1].fault, "it is -2");
	assert_ptr_equal(batch->items[3].row, &batch->rows[2]);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(batch->items[i].entry.text, texts[i]);
		assert_int_equal(batch->items[i].entry.id, 11 + 2 * i);
		assert_ptr_equal(batch->items[i].batch, batch);
	}
	drain_batch_free(&batch);
	assert_null(batch);
}

static void
has_no_rows_that_nobody_wants(void **state)
{
	static const char *const texts[] = { "one", ".2", "three", ",4" };
	struct drain_batch *batch = batch_of(texts, 4);

	(void)state;
	assert_int_equal(batch->row_count, 3);
	assert_string_equal(batch->rows[1].body, "three");
	assert_null(batch->items[1].row);
	assert_null(batch->items[1].fault);
	assert_ptr_equal(batch->items[3].row, &batch->rows[2]);
	assert_int_equal(drain_batch_range(batch).count, 4);
	drain_batch_free(&batch);
}

static void
removes_all_but_those_at_fault(void **state)
{
	static const char *const texts[] = { "-", "12", "-", "1234", "1" };
	struct drain_batch *batch = batch_of(texts, 5);
	struct journal_range range = drain_batch_range(batch);
	char reason[] = "refused";

	(void)state;
	assert_int_equal(range.first, 13);
	assert_int_equal(range.last, 19);
	assert_int_equal(range.count, 3);
	assert_int_equal(range.bytes, 7);
	drain_batch_blame(&batch->items[4], reason);
	memset(reason, 'x', 7);
	assert_string_equal(batch->items[4].fault, "refused");
	range = drain_batch_range(batch);
	assert_int_equal(range.first, 13);
	assert_int_equal(range.last, 17);
	assert_int_equal(range.count, 2);
	assert_int_equal(range.bytes, 6);
	drain_batch_free(&batch);
}

static void
removes_nothing_when_all_are_at_fault(void **state)
{
	static const char *const texts[] = { "-", "-" };
	struct drain_batch *batch = batch_of(texts, 2);

	(void)state;
	assert_int_equal(batch->row_count, 0);
	assert_int_equal(drain_batch_range(batch).count, 0);
	drain_batch_free(&batch);
}

static void
tries_again_what_was_refused(void **state)
{
	static const char *const texts[] = { "-", "1", "2", "-", ",4" };
	struct drain_batch *batch = batch_of(texts, 5);

	(void)state;
	assert_ptr_equal(drain_batch_next(batch), &batch->items[1]);
	assert_int_equal(batch->tried, 1);
	assert_ptr_equal(drain_batch_next(batch), &batch->items[1]);
	drain_batch_blame(&batch->items[1], "refused");
	batch->tried++;
	assert_ptr_equal(drain_batch_next(batch), &batch->items[2]);
	batch->items[2].written = true;
	batch->tried++;
	assert_ptr_equal(drain_batch_next(batch), &batch->items[4]);
	batch->items[4].written = true;
	batch->tried++;
	assert_null(drain_batch_next(batch));

	drain_batch_try_again(batch);
	assert_string_equal(batch->items[0].fault, "it is -");
	assert_null(batch->items[1].fault);
	assert_ptr_equal(drain_batch_next(batch), &batch->items[1]);
	batch->tried++;
	/* It may be about that. */
	assert_ptr_equal(drain_batch_next(batch), &batch->items[4]);
	batch->tried++;
	assert_null(drain_batch_next(batch));
	drain_batch_free(&batch);
}

/* As when somebody else has changed its file. */
static void
trusts_no_length(void **state)
{
	static const size_t lengths[] = { 0, 1, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct drain_batch *batch = drain_batch_new(NULL);
		char text[] = "text";
		struct journal_entry entry = { 1, 5, lengths[i], text };

		drain_batch_fill(batch, &entry, 1, read_text, mine);
		assert_string_equal(batch->rows[0].body, "text");
		assert_int_equal(drain_batch_range(batch).bytes, lengths[i]);
		drain_batch_free(&batch);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_rows_of_its_entries),
		cmocka_unit_test(has_no_rows_that_nobody_wants),
		cmocka_unit_test(removes_all_but_those_at_fault),
		cmocka_unit_test(removes_nothing_when_all_are_at_fault),
		cmocka_unit_test(tries_again_what_was_refused),
		cmocka_unit_test(trusts_no_length),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("drain_batch", tests, NULL, NULL);
}
