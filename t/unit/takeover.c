#include "shared/takeover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "shared/arena.h"
#include "shared/call.h"
#include "shared/calls.h"
#include "shared/component.h"
#include "shared/form.h"
#include "shared/log.h"
#include "t/lib/printout.h"

#define PAGES 3
#define BROKEN "broken"

/* What a router has: pages of two records, the second of which is broken. */
static struct {
	size_t page;		/* to be read next */
	size_t fails, silent;	/* the page that cannot be read, or never is */
	unsigned opened, closed;
} source;

static int
open_source(struct runtime *runtime, const char *place,
	    enum spool_content content, void **self_r, struct error *err)
{
	(void)runtime;
	assert_int_equal(content, SPOOL_OFFLINE);
	if (strcmp(place, "nowhere") == 0)
		return error_set(err, ERROR_ITEM_NOT_FOUND, "not there");
	source.opened++;
	*self_r = &source;
	return 0;
}

static void
fill(struct spool_page *page)
{
	struct spool_record *record = spool_page_add(page, "one");

	record->user = "j";
	record->host = "old";
	spool_page_blame(page, arena_printf(page->arena, "two of %zu",
					    source.page), BROKEN);
	page->done = source.page + 1;
	page->total = PAGES;
	page->last = source.page + 1 == PAGES;
}

static void
read_source(void *self, struct spool_page *page, spool_fn *fn, void *ctx)
{
	struct error err = { 0 };

	assert_ptr_equal(self, &source);
	assert_int_equal(page->count, 0);
	if (source.page == source.silent)
		return;
	fill(page);
	if (source.page++ == source.fails) {
		error_set(&err, ERROR_INTERNAL_SERVER_ERROR, "cannot be read");
		fn(ctx, &err);
	} else {
		fn(ctx, NULL);
	}
}

static void
close_source(void *self)
{
	assert_ptr_equal(self, &source);
	source.closed++;
}

static const struct spool spool = {
	.name = "a router", .open = open_source, .read = read_source,
	.close = close_source,
};

/* What is taken over: all that is not broken. */
static struct owner {
	struct takeover takeover;
	const char *from, *host;	/* these texts: */
	char texts[2][32];
	bool gone;
} owner;

static void
take(struct takeover *takeover)
{
	const struct spool_page *page = &takeover->page;

	for (size_t i = 0; i < page->count; i++) {
		const struct spool_record *record = &page->records[i];

		takeover->tally.read++;
		if (record->fault != NULL)
			takeover_skip(takeover, record, i == 1 ? "me" : NULL,
				      record->fault);
		else
			takeover->tally.taken++;
	}
	if (page->last)
		takeover_skip(takeover, &page->records[0], NULL, "late");
	takeover_end_page(takeover);
}

static void
report(struct takeover *takeover)
{
	call_say(takeover->call, takeover->tally.whole ? "Whole." : "A part.");
}

static void
fini(struct call *call)
{
	assert_ptr_equal(call->state, &owner);
	takeover_fini(&owner.takeover);
	owner.gone = true;
}

/* They go with the call. */
static void
keep(const char **text, char copy[32])
{
	if (*text == NULL)
		return;
	snprintf(copy, 32, "%s", *text);
	*text = copy;
}

static int
run(struct call *call, void *ctx, struct error *err)
{
	(void)ctx;
	if (takeover_scope(call, &owner.from, &owner.host, err) < 0)
		return -1;
	keep(&owner.from, owner.texts[0]);
	keep(&owner.host, owner.texts[1]);
	owner.takeover.dry = call_bool(call, "dry-run");
	owner.takeover.take = take;
	owner.takeover.report = report;
	call->state = &owner;
	call->fini = fini;
	if (takeover_open(&owner.takeover, call, &spool, SPOOL_OFFLINE,
			  err) < 0)
		return -1;
	call_then(call, takeover_begin);
	return CALL_PARKED;
}

static const struct command_field fields[] = {
	COMMAND_FIELD("place", TEXT, "Where", .required = true),
	COMMAND_FIELD("from", JID, "Of this host"),
	COMMAND_FIELD("host", JID, "The host whose it becomes"),
	COMMAND_FIELD("dry-run", BOOL, "Only count"),
	{ .name = NULL }
};
static const struct command_column columns[] = {
	{ "user", COMMAND_TEXT, "User" }, { "place", COMMAND_TEXT, "Place" },
	{ "skipped", COMMAND_TEXT, "Skipped" }, { .name = NULL }
};
static const struct command command = {
	.name = "import", .fields = fields, .columns = columns, .run = run,
};

/* What one is used on. */
struct bed {
	uv_loop_t loop;
	struct runtime runtime;
	struct calls *calls;
	struct arena *arena;
	struct printout printout;
	struct call *call;
};

static int
new_bed(void **state)
{
	static const struct component component = { .name = "shop" };
	static struct bed bed;

	log_configure("test", LOG_LEVEL_ERROR, false);
	memset(&source, 0, sizeof(source));
	source.fails = source.silent = PAGES;
	memset(&owner, 0, sizeof(owner));
	memset(&bed, 0, sizeof(bed));
	uv_loop_init(&bed.loop);
	bed.runtime.loop = &bed.loop;
	bed.calls = calls_new(&bed.runtime, &component);
	calls_open(bed.calls, NULL);
	bed.arena = arena_new();
	bed.printout.columns = command_column_count(&command);
	*state = &bed;
	return 0;
}

static int
free_bed(void **state)
{
	struct bed *bed = *state;

	calls_free(&bed->calls);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bed->loop), 0);
	arena_free(&bed->arena);
	return 0;
}

static void
begin(struct bed *bed, const char *const *given)
{
	const struct call_plan plan = {
		.command = &command, .form = printout_form(bed->arena, given),
		.who = "a test", .output = &printout_output,
		.ctx = &bed->printout,
	};
	struct error err;

	assert_int_equal(call_new(bed->calls, &plan, &bed->call, &err), 0);
	call_run(bed->call);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
}

/* All that it says. */
static const char *
import(struct bed *bed, const char *place, const char *option)
{
	begin(bed, (const char *const[]){ place, option, NULL });
	assert_true(bed->printout.ended);
	return printout_take(&bed->printout, bed->arena);
}

static void
takes_page_after_page(void **state)
{
	assert_string_equal(import(*state, "place=here", NULL),
			    "me|two of 0|" BROKEN "\n"
			    "me|two of 1|" BROKEN "\n"
			    "me|two of 2|" BROKEN "\n"
			    "j@old|one|late\n"
			    "6 messages read: 3 taken, 0 taken before, "
			    "4 skipped\nWhole.\n");
	assert_true(owner.gone);
	assert_int_equal(source.closed, 1);
}

static void
says_that_it_only_counts(void **state)
{
	const char *said = import(*state, "place=here", "dry-run=1");

	assert_non_null(strstr(said, "6 messages read: 3 would be taken, "));
}

/* What came before it is taken. */
static void
ends_with_what_cannot_be_read(void **state)
{
	source.fails = 1;
	assert_string_equal(import(*state, "place=here", NULL),
			    "me|two of 0|" BROKEN "\n"
			    "me|two of 1|" BROKEN "\n"
			    "4 messages read: 2 taken, 0 taken before, "
			    "2 skipped\nA part.\nerror: cannot be read\n");
	assert_int_equal(source.page, 2);
	assert_int_equal(source.closed, 1);
}

static void
says_that_nothing_is_there(void **state)
{
	assert_string_equal(import(*state, "place=nowhere", NULL),
			    "error: not there\n");
	assert_true(owner.gone);
	assert_int_equal(source.closed, 0);
}

/* Its source may never say anything more. */
static void
is_cancelled_while_it_reads(void **state)
{
	struct bed *bed = *state;

	source.silent = 1;
	begin(bed, (const char *const[]){ "place=here", NULL });
	assert_false(bed->printout.ended);
	assert_int_equal(source.closed, 0);
	call_cancel(bed->call);
	assert_int_equal(source.closed, 1);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	assert_true(owner.gone);
	assert_int_equal(source.closed, 1);
	assert_string_equal(printout_take(&bed->printout, bed->arena),
			    "me|two of 0|" BROKEN "\n");
}

static void
is_gone_with_all_calls(void **state)
{
	struct bed *bed = *state;

	source.silent = 0;
	begin(bed, (const char *const[]){ "place=here", NULL });
	calls_free(&bed->calls);
	assert_true(owner.gone);
	assert_int_equal(source.closed, 1);
	bed->calls = calls_new(&bed->runtime, &(struct component){ 0 });
}

static const struct {
	const char *given;
	const char *from, *host;	/* both NULL: refused, or not given */
	const char *said;		/* NULL: it is done */
} scopes[] = {
	{ NULL, NULL, NULL, NULL },
	{ "from=Old.example", "old.example", NULL, NULL },
	{ "host=new.example", "new.example", "new.example", NULL },
	{ "from=j@old.example", NULL, NULL,
	  "error: from: a host is wanted\n" },
	{ "host=new.example/x", NULL, NULL,
	  "error: host: a host is wanted\n" },
};

static void
assert_same(const char *text, const char *wanted)
{
	if (wanted == NULL)
		assert_null(text);
	else
		assert_string_equal(text, wanted);
}

static void
reads_whose_they_are(void **state)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		const char *said;

		memset(&source, 0, sizeof(source));
		memset(&owner, 0, sizeof(owner));
		source.fails = source.silent = PAGES;
		said = import(*state, "place=here", scopes[i].given);
		if (scopes[i].said != NULL)
			assert_string_equal(said, scopes[i].said);
		else
			assert_true(owner.takeover.tally.whole);
		assert_same(owner.from, scopes[i].from);
		assert_same(owner.host, scopes[i].host);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, free_bed)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(takes_page_after_page),
		TEST(says_that_it_only_counts),
		TEST(ends_with_what_cannot_be_read),
		TEST(says_that_nothing_is_there),
		TEST(is_cancelled_while_it_reads),
		TEST(is_gone_with_all_calls),
		TEST(reads_whose_they_are),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("takeover", tests, NULL, NULL);
}
