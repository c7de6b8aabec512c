#include "shared/drain_trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_write.h"
#include "shared/arena.h"
#include "shared/drain_batch.h"
#include "shared/error.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* What the database answers, in this order: P to a probe, p when it refuses
   that, q when it cannot be asked; W, w and v to a row. */
static const char *script;

/* The one that waits for its answer. */
static archive_write_fn *waiting;
static void *waiting_ctx;
static char what;

static void
ask(char kind, archive_write_fn *fn, void *ctx)
{
	assert_null(waiting);
	waiting = fn;
	waiting_ctx = ctx;
	what = kind;
}

/* In place of archive_write.c's. */
void
archive_write_rows(struct archive_write *write, const struct archive_row *rows,
		   size_t count, archive_write_fn *fn, void *ctx)
{
	assert_null(write);
	assert_non_null(rows);
	assert_int_equal(count, 1);
	ask('W', fn, ctx);
}

void
archive_write_probe(struct archive_write *write, int64_t serial,
		    archive_write_fn *fn, void *ctx)
{
	assert_null(write);
	assert_int_equal(serial, 1000);
	ask('P', fn, ctx);
}

static void
answer(char how)
{
	archive_write_fn *fn = waiting;
	struct error err;

	assert_int_equal(strchr("Ppq", how) != NULL, what == 'P');
	waiting = NULL;
	if (how == 'p' || how == 'w')
		error_set(&err, ERROR_INTERNAL_SERVER_ERROR, "refused");
	else if (how == 'q' || how == 'v')
		error_set_type(&err, ERROR_RESOURCE_CONSTRAINT,
			       ERROR_TYPE_WAIT, "too much waits");
	fn(waiting_ctx, how == 'P' || how == 'W' ? NULL : &err);
}

static int
read_text(void *ctx, struct arena *arena, const struct journal_entry *entry,
	  struct archive_row *row, struct error *err)
{
	(void)ctx, (void)arena;
	if (*entry->text == '-')
		return error_set(err, ERROR_BAD_REQUEST, "no row");
	*row = (struct archive_row){
		.mark = { .serial = 1000, .ways = ARCHIVE_SENT },
		.body = entry->text,
	};
	return 0;
}

/* One that is no row, and two that are. */
static struct drain_batch *
new_batch(void)
{
	static const struct journal_entry entries[] = {
		{ 1, 1, 1, "-" }, { 2, 1, 1, "a" }, { 3, 1, 1, "b" },
	};
	static char drain;
	struct drain_batch *batch = drain_batch_new((struct drain *)&drain);

	drain_batch_fill(batch, entries, ARRAY_LEN(entries), read_text, NULL);
	return batch;
}

static int verdict;

static void
on_verdict(struct drain_batch *batch, enum drain_verdict found)
{
	assert_int_equal(verdict, -1);
	assert_non_null(batch);
	verdict = (int)found;
}

static const struct {
	const char *script;
	enum drain_verdict verdict;
	const char *faults;	/* of a and b, when each has been judged */
} cases[] = {
	{ "p", DRAIN_VERDICT_DATABASE, "" },
	{ "q", DRAIN_VERDICT_NONE, "" },
	{ "PWW", DRAIN_VERDICT_ITEMS, "--" },
	{ "PWwPwP", DRAIN_VERDICT_ITEMS, "-b" },
	{ "PwWPwP", DRAIN_VERDICT_ITEMS, "a-" },
	{ "PwwPwwP", DRAIN_VERDICT_ITEMS, "ab" },
	/* It was out of order meanwhile. */
	{ "PWwPW", DRAIN_VERDICT_ITEMS, "--" },
	{ "PwwPWW", DRAIN_VERDICT_ITEMS, "--" },
	{ "PwwPwWP", DRAIN_VERDICT_ITEMS, "a-" },
	/* It is out of order. */
	{ "Pwwp", DRAIN_VERDICT_DATABASE, "" },
	{ "PWwp", DRAIN_VERDICT_DATABASE, "" },
	/* It is again. */
	{ "PwwPwwp", DRAIN_VERDICT_DATABASE, "" },
	{ "PWwPwp", DRAIN_VERDICT_DATABASE, "" },
	{ "PwwPWwp", DRAIN_VERDICT_DATABASE, "" },
	{ "Pv", DRAIN_VERDICT_NONE, "" },
	{ "Pwwq", DRAIN_VERDICT_NONE, "" },
	{ "PwwPWv", DRAIN_VERDICT_NONE, "" },
};

static void
finds_who_is_at_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct drain_batch *batch = new_batch();

		verdict = -1;
		drain_trial_begin(batch, NULL, on_verdict);
		for (script = cases[i].script; *script != '\0'; script++) {
			assert_int_equal(verdict, -1);
			assert_non_null(waiting);
			answer(*script);
		}
		assert_null(waiting);
		assert_int_equal(verdict, cases[i].verdict);
		for (size_t n = 0; n < strlen(cases[i].faults); n++)
			assert_int_equal(cases[i].faults[n] != '-',
					 batch->items[n + 1].fault != NULL);
		assert_non_null(batch->items[0].fault);
		drain_batch_free(&batch);
	}
}

/* Whatever it waits for. */
static void
ends_with_the_drain(void **state)
{
	static const char *const scripts[] = { "P", "PW", "PwwP", "Pwwp" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		struct drain_batch *batch = new_batch();

		verdict = -1;
		drain_trial_begin(batch, NULL, on_verdict);
		for (script = scripts[i]; script[1] != '\0'; script++)
			answer(*script);
		batch->drain = NULL;
		answer(*script);
		assert_null(waiting);
		assert_int_equal(verdict, -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_who_is_at_fault),
		cmocka_unit_test(ends_with_the_drain),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("drain_trial", tests, NULL, NULL);
}
