#include "shared/journal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "shared/metric.h"
#include "shared/str.h"
#include "t/lib/database.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define MANY 1000
#define LATE_ROUNDS 6000	/* of 10 ms */

/* A journal, and beside it a store on the same file, when there is one. */
struct bed {
	struct database *db;
	struct journal *journal;
	struct journal_settings settings;
	char path[128], schema[256];
	bool open, closed;
	struct error open_err;
	unsigned filled;	/* how often there was something to take */
};

/* What came of a put or of a change. */
struct answer {
	bool done;
	unsigned calls;
	struct error err;
};

/* What was taken. */
struct taken {
	bool done;
	struct error err;
	size_t count;
	struct journal_entry entries[MANY];
	struct str texts;	/* each with a semicolon */
};

static int
setup(void **state)
{
	const char *top = getenv("ANNEX_SRCDIR");
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->db = database_new(DATABASE_SQLITE);
	snprintf(bed->path, sizeof(bed->path), "%s",
		 bed->db->url + strlen("sqlite:"));
	snprintf(bed->schema, sizeof(bed->schema), "%s/schema/journal",
		 top != NULL ? top : ".");
	bed->settings = (struct journal_settings){
		bed->path, bed->schema, 1 << 20, 1 << 20
	};
	*state = bed;
	return 0;
}

static void
on_open(void *ctx, const struct error *err)
{
	struct bed *bed = ctx;

	assert_false(bed->open);
	bed->open = true;
	if (err != NULL)
		bed->open_err = *err;
}

static void
on_entries(void *ctx)
{
	struct bed *bed = ctx;

	assert_true(bed->open);
	bed->filled++;
}

static void
begin(struct bed *bed)
{
	struct error err = { 0 };

	metrics_free(&bed->db->metrics);
	bed->db->metrics = metrics_new();
	bed->open = bed->closed = false;
	bed->filled = 0;
	if (journal_new(&bed->db->loop, &bed->settings, bed->db->metrics,
			&bed->journal, &err) < 0)
		fail_msg("%s", err.text);
	journal_on_open(bed->journal, on_open, bed);
	journal_on_entries(bed->journal, on_entries, bed);
}

static void
open_journal(struct bed *bed)
{
	begin(bed);
	assert_false(journal_is_open(bed->journal));
	database_wait(bed->db, &bed->open);
	assert_string_equal(bed->open_err.text, "");
	assert_true(journal_is_open(bed->journal));
}

static void
on_closed(void *ctx)
{
	struct bed *bed = ctx;

	bed->closed = true;
}

static void
close_journal(struct bed *bed, unsigned secs)
{
	journal_close(&bed->journal, secs, on_closed, bed);
	assert_null(bed->journal);
	assert_false(bed->closed);
	database_wait(bed->db, &bed->closed);
}

static int
teardown(void **state)
{
	struct bed *bed = *state;

	if (bed->journal != NULL)
		close_journal(bed, 10);
	database_free(&bed->db);
	free(bed);
	return 0;
}

static void
on_answer(void *ctx, const struct error *err)
{
	struct answer *answer = ctx;

	answer->done = true;
	answer->calls++;
	if (err != NULL)
		answer->err = *err;
}

static void
put(struct bed *bed, const char *text, struct answer *answer)
{
	*answer = (struct answer){ 0 };
	journal_put(bed->journal, text, on_answer, answer);
	assert_false(answer->done);
}

static void
assert_done(struct bed *bed, struct answer *answer)
{
	database_wait(bed->db, &answer->done);
	assert_string_equal(answer->err.text, "");
	assert_int_equal(answer->calls, 1);
}

static void
assert_refused(struct bed *bed, struct answer *answer, const char *why)
{
	database_wait(bed->db, &answer->done);
	assert_string_equal(answer->err.text, why);
	assert_int_equal(answer->err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(answer->err.type, ERROR_TYPE_WAIT);
	assert_int_equal(answer->calls, 1);
}

static void
put_all(struct bed *bed, const char *const *texts, size_t count)
{
	static struct answer answers[MANY];

	for (size_t i = 0; i < count; i++)
		put(bed, texts[i], &answers[i]);
	for (size_t i = 0; i < count; i++)
		assert_done(bed, &answers[i]);
}

static void
on_take(void *ctx, const struct journal_entry *entries, size_t count,
	const struct error *err)
{
	struct taken *taken = ctx;

	taken->done = true;
	if (err != NULL)
		taken->err = *err;
	assert_true(count <= MANY);
	taken->count = count;
	memcpy(taken->entries, entries, count * sizeof(*entries));
	str_clear(&taken->texts);
	for (size_t i = 0; i < count; i++)
		str_addf(&taken->texts, "%s;", entries[i].text);
}

/* Their texts are gone, but for taken.texts; valid until the next call. */
static const struct taken *
take(struct bed *bed, int64_t above, size_t max)
{
	static struct taken taken;

	str_fini(&taken.texts);
	taken = (struct taken){ 0 };
	str_addz(&taken.texts, "");
	journal_take(bed->journal, above, max, on_take, &taken);
	assert_false(taken.done);
	database_wait(bed->db, &taken.done);
	assert_string_equal(taken.err.text, "");
	return &taken;
}

static void
remove_range(struct bed *bed, const struct journal_entry *entries,
	     size_t count)
{
	struct journal_range range = {
		entries[0].id, entries[count - 1].id, count, 0
	};
	struct answer answer = { 0 };

	for (size_t i = 0; i < count; i++)
		range.bytes += entries[i].bytes;
	journal_remove(bed->journal, &range, on_answer, &answer);
	assert_false(answer.done);
	assert_done(bed, &answer);
}

static void
assert_count(struct bed *bed, uint64_t entries, uint64_t bytes)
{
	struct journal_count count = journal_count(bed->journal);

	assert_int_equal(count.entries, entries);
	assert_int_equal(count.bytes, bytes);
	assert_int_equal(database_metric(bed->db, "annex_journal_entries"),
			 entries);
	assert_int_equal(database_metric(bed->db, "annex_journal_bytes"),
			 bytes);
}

static const char *const texts[] = {
	"first", "", "it's \"$1\" \\ ; -- %", "Žluťoučký 漢字 🎭", "\t\n\x7f",
	"<message to='a@b'><body>&amp;</body></message>", "last",
};
#define TEXTS "first;;it's \"$1\" \\ ; -- %;Žluťoučký 漢字 🎭;\t\n\x7f;" \
	      "<message to='a@b'><body>&amp;</body></message>;last;"
#define TEXTS_BYTES (sizeof(TEXTS) - 1 - 7)

static void
gives_back_what_was_put_in(void **state)
{
	struct bed *bed = *state;
	const struct taken *taken;

	open_journal(bed);
	assert_count(bed, 0, 0);
	assert_int_equal(take(bed, 0, MANY)->count, 0);
	put_all(bed, texts, ARRAY_LEN(texts));
	assert_true(bed->filled > 0);
	assert_count(bed, 7, TEXTS_BYTES);
	taken = take(bed, 0, MANY);
	assert_int_equal(taken->count, 7);
	assert_string_equal(taken->texts.data, TEXTS);
	assert_int_equal(taken->entries[0].bytes, 5);
	assert_int_equal(taken->entries[1].bytes, 0);
	/* It is in until it is removed. */
	assert_int_equal(take(bed, 0, MANY)->count, 7);
	assert_count(bed, 7, TEXTS_BYTES);
}

static void
keeps_it_while_it_is_closed(void **state)
{
	struct bed *bed = *state;
	int64_t last;

	open_journal(bed);
	put_all(bed, texts, ARRAY_LEN(texts));
	last = take(bed, 0, MANY)->entries[6].id;
	close_journal(bed, 10);
	open_journal(bed);
	assert_int_equal(bed->filled, 1);
	assert_count(bed, 7, TEXTS_BYTES);
	assert_string_equal(take(bed, 0, MANY)->texts.data, TEXTS);
	remove_range(bed, take(bed, 0, MANY)->entries, 7);
	close_journal(bed, 10);
	open_journal(bed);
	assert_count(bed, 0, 0);
	/* An id never comes again. */
	put_all(bed, texts, 1);
	assert_true(take(bed, 0, MANY)->entries[0].id > last);
}

static void
keeps_order(void **state)
{
	static struct answer answers[MANY];
	struct bed *bed = *state;
	const struct taken *taken;
	struct str want = { 0 };

	/* Before it is open as well as after. */
	begin(bed);
	for (unsigned i = 0; i < MANY; i++) {
		char text[16];

		snprintf(text, sizeof(text), "%u", i);
		put(bed, text, &answers[i]);
		str_addf(&want, "%u;", i);
		if (i % 200 == 199)
			database_run(bed->db, 20);
	}
	assert_done(bed, &answers[MANY - 1]);
	assert_true(answers[0].done);
	taken = take(bed, 0, MANY);
	assert_int_equal(taken->count, MANY);
	assert_string_equal(taken->texts.data, want.data);
	for (unsigned i = 1; i < MANY; i++) {
		assert_true(taken->entries[i].id > taken->entries[i - 1].id);
		assert_true(taken->entries[i].stamp >=
			    taken->entries[i - 1].stamp);
	}
	str_fini(&want);
}

static void
takes_some_and_goes_on_after_them(void **state)
{
	struct bed *bed = *state;
	const struct taken *taken;
	int64_t ids[7];

	open_journal(bed);
	put_all(bed, texts, ARRAY_LEN(texts));
	taken = take(bed, 0, 7);
	for (size_t i = 0; i < 7; i++)
		ids[i] = taken->entries[i].id;
	assert_int_equal(take(bed, 0, 1)->count, 1);
	assert_int_equal(take(bed, 0, 1)->entries[0].id, ids[0]);
	assert_int_equal(take(bed, ids[4], 5)->count, 2);
	assert_string_equal(take(bed, ids[5], 5)->texts.data, "last;");
	assert_int_equal(take(bed, ids[6], 5)->count, 0);
	remove_range(bed, take(bed, ids[0], 2)->entries, 2);
	assert_count(bed, 5, TEXTS_BYTES - strlen(texts[2]));
	assert_int_equal(take(bed, ids[0], 1)->entries[0].id, ids[3]);
}

static void
takes_no_more_than_a_number_of_bytes(void **state)
{
	struct bed *bed = *state;
	char *half = malloc(JOURNAL_TAKE_BYTES / 2 + 1);
	char *whole = malloc(JOURNAL_TAKE_BYTES + 2);
	const char *all[5];
	int64_t id;

	assert_true(half != NULL && whole != NULL);
	memset(half, 'h', JOURNAL_TAKE_BYTES / 2);
	half[JOURNAL_TAKE_BYTES / 2] = '\0';
	memset(whole, 'w', JOURNAL_TAKE_BYTES + 1);
	whole[JOURNAL_TAKE_BYTES + 1] = '\0';
	all[0] = all[1] = all[2] = half;
	all[3] = whole;
	all[4] = "x";
	bed->settings.limit_bytes = bed->settings.queue_bytes = 8 << 20;
	open_journal(bed);
	put_all(bed, all, 5);
	assert_int_equal(take(bed, 0, MANY)->count, 2);
	id = take(bed, 0, 1)->entries[0].id;
	assert_int_equal(take(bed, id + 1, MANY)->count, 1);
	assert_int_equal(take(bed, id + 2, MANY)->count, 1);
	assert_int_equal(take(bed, id + 2, MANY)->entries[0].bytes,
			 JOURNAL_TAKE_BYTES + 1);
	assert_string_equal(take(bed, id + 3, MANY)->texts.data, "x;");
	free(half);
	free(whole);
}

static void
assert_aside(struct bed *bed, uint64_t aside, uint64_t bytes)
{
	struct journal_count count = journal_count(bed->journal);

	assert_int_equal(count.aside, aside);
	assert_int_equal(count.aside_bytes, bytes);
	assert_int_equal(database_metric(bed->db, "annex_journal_aside"),
			 aside);
}

static void
puts_aside_and_keeps(void **state)
{
	struct bed *bed = *state;
	struct answer answer = { 0 };
	struct journal_entry entry;

	open_journal(bed);
	put_all(bed, texts, ARRAY_LEN(texts));
	entry = take(bed, 0, 1)->entries[0];
	journal_put_aside(bed->journal, &entry, "it's wrong", on_answer,
			  &answer);
	assert_false(answer.done);
	assert_done(bed, &answer);
	assert_count(bed, 6, TEXTS_BYTES - 5);
	assert_aside(bed, 1, 5);
	assert_int_equal(take(bed, 0, 1)->entries[0].id, entry.id + 1);
	close_journal(bed, 10);
	database_open(bed->db);
	assert_int_equal(database_ask(bed->db, "SELECT count(*) FROM "
		"journal_aside WHERE text = 'first' AND bytes = 5 AND "
		"reason = 'it''s wrong' AND moved >= stamp AND stamp > 0"),
		1);
	database_close(bed->db, 10);
	open_journal(bed);
	assert_count(bed, 6, TEXTS_BYTES - 5);
	assert_aside(bed, 1, 5);
}

static void
turns_away_what_does_not_fit(void **state)
{
	struct bed *bed = *state;
	struct answer answers[4];

	bed->settings.limit_bytes = 10;
	open_journal(bed);
	put(bed, "123456", &answers[0]);
	put(bed, "12345", &answers[1]);
	put(bed, "1234", &answers[2]);
	put(bed, "1", &answers[3]);
	assert_false(journal_has_room(bed->journal, 1));
	assert_true(journal_has_room(bed->journal, 0));
	assert_refused(bed, &answers[1], "the journal is full");
	assert_refused(bed, &answers[3], "the journal is full");
	assert_done(bed, &answers[2]);
	assert_int_equal(answers[0].err.cond, ERROR_NONE);
	assert_int_equal(database_metric(bed->db,
					 "annex_journal_failed_total"), 2);
	assert_int_equal(database_metric(bed->db, "annex_journal_high"), 1);
	/* As much as before, once it is opened again. */
	close_journal(bed, 10);
	open_journal(bed);
	assert_int_equal(database_metric(bed->db, "annex_journal_high"), 1);
	put(bed, "1", &answers[3]);
	assert_refused(bed, &answers[3], "the journal is full");
	remove_range(bed, take(bed, 0, 1)->entries, 1);
	assert_int_equal(database_metric(bed->db, "annex_journal_high"), 1);
	assert_false(journal_has_room(bed->journal, 7));
	assert_true(journal_has_room(bed->journal, 6));
	put(bed, "123456", &answers[3]);
	assert_done(bed, &answers[3]);
	remove_range(bed, take(bed, 0, 2)->entries, 2);
	assert_int_equal(database_metric(bed->db, "annex_journal_high"), 0);
}

/* What is aside is on the same disk. */
static void
counts_what_is_aside_for_the_limit(void **state)
{
	struct bed *bed = *state;
	struct answer answer;
	struct journal_entry entry;

	bed->settings.limit_bytes = 10;
	open_journal(bed);
	put(bed, "1234567", &answer);
	assert_done(bed, &answer);
	entry = take(bed, 0, 1)->entries[0];
	answer = (struct answer){ 0 };
	journal_put_aside(bed->journal, &entry, "x", on_answer, &answer);
	assert_done(bed, &answer);
	put(bed, "1234", &answer);
	assert_refused(bed, &answer, "the journal is full");
	put(bed, "123", &answer);
	assert_done(bed, &answer);
}

/* In a folder that is not there. */
static void
move_away(struct bed *bed, char folder[128])
{
	snprintf(folder, 128, "%s.d", bed->db->url + strlen("sqlite:"));
	snprintf(bed->path, sizeof(bed->path), "%.100s/x.db", folder);
}

static void
waits_for_its_disk(void **state)
{
	struct bed *bed = *state;
	struct answer answers[4];
	char folder[128];

	move_away(bed, folder);
	bed->settings.queue_bytes = 10;
	begin(bed);
	put(bed, "123456789012", &answers[0]);
	put(bed, "1", &answers[1]);
	assert_refused(bed, &answers[1],
		       "too much waits for the journal's disk");
	database_run(bed->db, 500);
	assert_false(answers[0].done);
	assert_false(bed->open);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_done(bed, &answers[0]);
	put(bed, "12345", &answers[0]);
	put(bed, "12345", &answers[1]);
	assert_done(bed, &answers[0]);
	assert_done(bed, &answers[1]);
	assert_count(bed, 3, 22);
}

/* As long as somebody else has the lock it is as on a disk that is full. */
static void
says_that_its_disk_fails(void **state)
{
	struct bed *bed = *state;
	struct answer answer;
	sqlite3 *other;

	open_journal(bed);
	assert_true(journal_is_up(bed->journal));
	assert_int_equal(database_metric(bed->db, "annex_journal_up"), 1);
	assert_int_equal(sqlite3_open(bed->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL,
				      NULL), SQLITE_OK);
	put(bed, "x", &answer);
	for (int i = 0; i < LATE_ROUNDS && journal_is_up(bed->journal); i++)
		database_run(bed->db, 10);
	assert_false(journal_is_up(bed->journal));
	assert_int_equal(database_metric(bed->db, "annex_journal_up"), 0);
	assert_true(journal_is_open(bed->journal));
	assert_false(answer.done);
	sqlite3_close(other);
	assert_done(bed, &answer);
	assert_true(journal_is_up(bed->journal));
	assert_int_equal(database_metric(bed->db, "annex_journal_up"), 1);
}

static void
closes_when_all_is_in(void **state)
{
	struct bed *bed = *state;
	struct answer answers[3];

	open_journal(bed);
	for (int i = 0; i < 3; i++)
		put(bed, "x", &answers[i]);
	close_journal(bed, 10);
	for (int i = 0; i < 3; i++)
		assert_done(bed, &answers[i]);
	open_journal(bed);
	assert_count(bed, 3, 3);
}

static void
closes_without_its_disk(void **state)
{
	struct bed *bed = *state;
	struct answer answers[3];
	char folder[128];

	move_away(bed, folder);
	bed->settings.limit_bytes = 2;
	begin(bed);
	for (int i = 0; i < 3; i++)
		put(bed, "x", &answers[i]);
	close_journal(bed, 0);
	assert_refused(bed, &answers[0], "the journal was closed");
	assert_refused(bed, &answers[1], "the journal was closed");
	assert_refused(bed, &answers[2], "the journal is full");
	assert_false(bed->open);
}

static void
says_that_it_never_will_be_open(void **state)
{
	struct bed *bed = *state;
	struct answer before, after;

	open_journal(bed);
	close_journal(bed, 10);
	database_open(bed->db);
	database_do(bed->db, "INSERT INTO annex_migration VALUES"
		    " ('journal', 2, '0002-later', 0)");
	database_close(bed->db, 10);
	begin(bed);
	put(bed, "x", &before);
	database_wait(bed->db, &bed->open);
	assert_non_null(strstr(bed->open_err.text,
			       "the database is newer than this program"));
	assert_true(before.done);
	assert_false(journal_is_open(bed->journal));
	assert_int_equal(before.err.cond, ERROR_INTERNAL_SERVER_ERROR);
	put(bed, "x", &after);
	assert_refused(bed, &after, "the journal cannot be used");
	assert_int_equal(database_metric(bed->db,
					 "annex_journal_failed_total"), 2);
	assert_int_equal(bed->filled, 0);
}

static void
refuses_an_empty_path(void **state)
{
	struct bed *bed = *state;
	struct error err = { 0 };

	bed->path[0] = '\0';
	assert_int_equal(journal_new(&bed->db->loop, &bed->settings, NULL,
				     &bed->journal, &err), -1);
	assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	bed->journal = NULL;
}

/* Puts numbers in until it is killed, and tells each that is in. */
struct victim {
	struct journal *journal;
	unsigned next, told;
	int out;
};

static void
victim_put(struct victim *victim);

static void
victim_told(void *ctx, const struct error *err)
{
	struct victim *victim = ctx;

	if (err != NULL || write(victim->out, &victim->told,
				 sizeof(victim->told)) < 0)
		_exit(1);
	victim->told++;
	victim_put(victim);
}

static void
victim_put(struct victim *victim)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", victim->next++);
	journal_put(victim->journal, text, victim_told, victim);
}

static void
be_killed(const struct journal_settings *settings, int out)
{
	struct victim victim = { .out = out };
	struct error err;
	uv_loop_t loop;

	uv_loop_init(&loop);
	if (journal_new(&loop, settings, NULL, &victim.journal, &err) < 0)
		_exit(1);
	for (int i = 0; i < 100; i++)
		victim_put(&victim);
	uv_run(&loop, UV_RUN_DEFAULT);
	_exit(1);
}

static unsigned
kill_after(const struct journal_settings *settings, unsigned count)
{
	int ends[2], status;
	unsigned told = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0)
		be_killed(settings, ends[1]);
	close(ends[1]);
	while (told < count)
		assert_int_equal(read(ends[0], &told, sizeof(told)),
				 sizeof(told));
	kill(pid, SIGKILL);
	while (read(ends[0], &told, sizeof(told)) == sizeof(told))
		continue;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return told + 1;
}

static void
keeps_what_it_told_when_killed(void **state)
{
	struct bed *bed = *state;
	unsigned told, number = 0;
	int64_t above = 0;

	told = kill_after(&bed->settings, 1500);
	open_journal(bed);
	assert_true(journal_count(bed->journal).entries >= told);
	while (number < told) {
		const struct taken *taken = take(bed, above, 500);
		char *at = taken->texts.data;

		assert_true(taken->count > 0);
		above = taken->entries[taken->count - 1].id;
		for (size_t i = 0; i < taken->count; i++, at++)
			assert_int_equal(strtoul(at, &at, 10), number++);
	}
}

static int
make_folder(void **state)
{
	(void)state;
	return database_folder_new();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_back_what_was_put_in),
		TEST(keeps_it_while_it_is_closed),
		TEST(keeps_order),
		TEST(takes_some_and_goes_on_after_them),
		TEST(takes_no_more_than_a_number_of_bytes),
		TEST(puts_aside_and_keeps),
		TEST(turns_away_what_does_not_fit),
		TEST(counts_what_is_aside_for_the_limit),
		TEST(waits_for_its_disk),
		TEST(says_that_its_disk_fails),
		TEST(closes_when_all_is_in),
		TEST(closes_without_its_disk),
		TEST(says_that_it_never_will_be_open),
		TEST(refuses_an_empty_path),
		TEST(keeps_what_it_told_when_killed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("journal", tests, make_folder,
					   database_teardown);
}
