#include "shared/drain.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/archive_write.h"
#include "shared/arena.h"
#include "shared/drain_wait.h"
#include "shared/journal.h"
#include "shared/metric.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NOW 1795976662000000	/* 2026-11-29 */
#define LATE_ROUNDS 6000	/* of 10 ms */
#define COUNT "SELECT count(*) FROM archive_message"
#define MANY (3 * ARCHIVE_WRITE_ROWS + 200)
/* Batches that it has at the most. */
#define BATCHES 7

/* A journal, and the database that it is drained into.  An entry is a number,
   which becomes time, uid and id, a blank and a body, which may say what it
   retracts. */
#define RETRACTS "not "
struct bed {
	struct database *db;
	char path[128], schema[256];
	struct metrics *metrics;	/* of the journal and the drain */
	struct journal *journal;
	struct archive_write *write;
	struct drain *drain;
	unsigned sent, told;
	bool open, closed;
	unsigned taken;		/* the number that was read last */
	sqlite3 *other;		/* has the lock while the database is away */
};

static int
setup(void **state)
{
	enum database_kind kind = *(const enum database_kind *)*state;
	const char *top = getenv("ANNEX_SRCDIR");
	static unsigned made;
	struct bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->db = archivebed_new(kind);
	snprintf(bed->path, sizeof(bed->path), "%s/journal%u.db",
		 database_folder(), ++made);
	snprintf(bed->schema, sizeof(bed->schema), "%s/schema/journal",
		 top != NULL ? top : ".");
	bed->write = archive_write_new(bed->db->store, 100);
	*state = bed;
	return 0;
}

static void
on_open(void *ctx, const struct error *err)
{
	struct bed *bed = ctx;

	assert_null(err);
	bed->open = true;
}

static void
begin_journal(struct bed *bed)
{
	const struct journal_settings settings = {
		bed->path, bed->schema, 1 << 20, 1 << 20
	};
	struct error err = { 0 };

	metrics_free(&bed->metrics);
	bed->metrics = metrics_new();
	bed->open = bed->closed = false;
	if (journal_new(&bed->db->loop, &settings, bed->metrics,
			&bed->journal, &err) < 0)
		fail_msg("%s", err.text);
	journal_on_open(bed->journal, on_open, bed);
}

static void
open_journal(struct bed *bed)
{
	begin_journal(bed);
	database_wait(bed->db, &bed->open);
}

static void
on_closed(void *ctx)
{
	struct bed *bed = ctx;

	bed->closed = true;
}

static void
close_journal(struct bed *bed)
{
	journal_close(&bed->journal, 10, on_closed, bed);
	database_wait(bed->db, &bed->closed);
}

static int
read_entry(void *ctx, struct arena *arena, const struct journal_entry *entry,
	   struct archive_row *row, struct error *err)
{
	struct bed *bed = ctx;
	char *body;
	long number = strtol(entry->text, &body, 10);

	if (*body != ' ')
		return error_set(err, ERROR_BAD_REQUEST, "it is %s",
				 entry->text);
	bed->taken = (unsigned)number;
	*row = (struct archive_row){
		.mark = { serial_first_of(NOW + number) + 1, NOW + number,
			  arena_printf(arena, "u%ld", number), ARCHIVE_SENT,
			  0 },
		.type = ARCHIVE_CHAT, .sender = "r@a", .recipient = "j@b",
		.resource = "", .to_resource = "", .body = body + 1,
	};
	row->id = row->mark.uid;
	if (strncmp(row->body, RETRACTS, strlen(RETRACTS)) == 0) {
		row->relation = ARCHIVE_RETRACTION;
		row->about = row->body + strlen(RETRACTS);
		row->buries = ARCHIVE_SENT;
	}
	return 0;
}

static void
begin(struct bed *bed)
{
	const struct drain_settings settings = {
		bed->journal, bed->write, read_entry, bed
	};

	bed->drain = drain_new(&bed->db->loop, &settings, bed->metrics);
}

static void
end(struct bed *bed)
{
	drain_free(&bed->drain);
	assert_null(bed->drain);
	close_journal(bed);
}

static void
come_back(struct bed *bed)
{
	if (bed->other != NULL)
		sqlite3_close(bed->other);
	else
		database_postgres("start");
	bed->other = NULL;
}

static int
teardown(void **state)
{
	struct bed *bed = *state;

	if (bed->other != NULL)
		come_back(bed);
	if (bed->drain != NULL)
		drain_free(&bed->drain);
	if (bed->journal != NULL)
		close_journal(bed);
	database_free(&bed->db);
	archive_write_free(&bed->write);
	metrics_free(&bed->metrics);
	free(bed);
	return 0;
}

static void
go_away(struct bed *bed)
{
	if (bed->db->kind == DATABASE_POSTGRES) {
		database_postgres("stop");
		database_wait_up(bed->db, false);
		return;
	}
	assert_int_equal(sqlite3_open(bed->db->url + strlen("sqlite:"),
				      &bed->other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(bed->other, "BEGIN IMMEDIATE", NULL,
				      NULL, NULL), SQLITE_OK);
}

static void
on_put(void *ctx, const struct error *err)
{
	struct bed *bed = ctx;

	assert_null(err);
	bed->told++;
}

static void
put_text(struct bed *bed, const char *text)
{
	bed->sent++;
	journal_put(bed->journal, text, on_put, bed);
}

static void
put(struct bed *bed, unsigned number, const char *body)
{
	char text[64];

	snprintf(text, sizeof(text), "%u %s", number, body);
	put_text(bed, text);
}

static void
put_many(struct bed *bed, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++)
		put(bed, i, "Wherefore?");
}

static void
wait_told(struct bed *bed)
{
	for (int i = 0; i < LATE_ROUNDS && bed->told < bed->sent; i++)
		database_run(bed->db, 10);
	assert_int_equal(bed->told, bed->sent);
}

/* Until nothing waits, and so many were put aside. */
static void
wait_drained(struct bed *bed, unsigned aside)
{
	struct journal_count count = { .entries = 1 };

	wait_told(bed);
	for (int i = 0; i < LATE_ROUNDS && count.entries > 0; i++) {
		database_run(bed->db, 10);
		count = journal_count(bed->journal);
	}
	assert_int_equal(count.entries, 0);
	assert_int_equal(count.bytes, 0);
	assert_int_equal(count.aside, aside);
}

static long long
metric(struct bed *bed, const char *name)
{
	struct database here = { .metrics = bed->metrics };

	return database_metric(&here, name);
}

static void
wait_metric(struct bed *bed, const char *name, long long value)
{
	for (int i = 0; i < LATE_ROUNDS && metric(bed, name) != value; i++)
		database_run(bed->db, 10);
	assert_int_equal(metric(bed, name), value);
}

/* The messages from 1 to last, each once. */
static void
assert_written(struct bed *bed, unsigned last)
{
	assert_int_equal(database_ask(bed->db, COUNT), last);
	assert_int_equal(database_ask(bed->db, "SELECT count(DISTINCT uid) "
				      "FROM archive_message"), last);
	assert_int_equal(database_ask(bed->db, "SELECT sum(CAST(substr(uid, "
				      "2) AS BIGINT)) FROM archive_message"),
			 (int64_t)last * (last + 1) / 2);
}

static void
drains_what_comes(void **state)
{
	struct bed *bed = *state;

	open_journal(bed);
	begin(bed);
	put_many(bed, 1, 3);
	wait_drained(bed, 0);
	assert_written(bed, 3);
	put_many(bed, 4, MANY);
	wait_drained(bed, 0);
	assert_written(bed, MANY);
	assert_int_equal(database_ask(bed->db, COUNT
				      " WHERE body = 'Wherefore?'"), MANY);
	assert_int_equal(metric(bed, "annex_journal_drained_total"), MANY);
	assert_int_equal(metric(bed, "annex_journal_oldest_seconds"), 0);
}

static void
drains_what_was_in_before(void **state)
{
	struct bed *bed = *state;

	open_journal(bed);
	put_many(bed, 1, MANY);
	wait_told(bed);
	close_journal(bed);
	/* It opens while there is a drain, and then before. */
	begin_journal(bed);
	begin(bed);
	wait_metric(bed, "annex_journal_drained_total", MANY);
	assert_written(bed, MANY);
	assert_int_equal(bed->taken, MANY);
	drain_free(&bed->drain);
	put_many(bed, MANY + 1, MANY + 9);
	wait_told(bed);
	close_journal(bed);
	open_journal(bed);
	begin(bed);
	wait_drained(bed, 0);
	assert_written(bed, MANY + 9);
}

static void
refuse_poison(struct bed *bed)
{
	if (bed->db->kind == DATABASE_POSTGRES)
		database_do(bed->db, "ALTER TABLE archive_message ADD "
			    "CONSTRAINT poison CHECK (body <> 'poison')");
	else
		database_do(bed->db, "CREATE TRIGGER poison BEFORE INSERT "
			    "ON archive_message WHEN NEW.body = 'poison' "
			    "BEGIN SELECT RAISE(ABORT, 'poison'); END");
}

/* What the journal says of those that were put aside. */
static int
ask_aside(const struct bed *bed, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int number;

	assert_int_equal(sqlite3_open(bed->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return number;
}

static void
puts_aside_what_is_refused(void **state)
{
	struct bed *bed = *state;

	refuse_poison(bed);
	open_journal(bed);
	put_many(bed, 1, 20);
	put(bed, 30, "poison");
	put_many(bed, 21, 25);
	put(bed, 31, "poison");
	wait_told(bed);
	begin(bed);
	wait_drained(bed, 2);
	assert_written(bed, 25);
	assert_int_equal(ask_aside(bed, "SELECT count(*) FROM journal_aside "
		"WHERE text IN ('30 poison', '31 poison') AND "
		"reason = 'the database refused the request'"), 2);
	assert_int_equal(metric(bed, "annex_journal_drained_total"), 25);
	put_many(bed, 26, 40);
	wait_drained(bed, 2);
	assert_written(bed, 40);
}

static void
puts_aside_what_is_no_row(void **state)
{
	struct bed *bed = *state;

	open_journal(bed);
	put_text(bed, "nonsense");
	wait_told(bed);
	begin(bed);
	wait_drained(bed, 1);
	put_many(bed, 1, 2);
	put_text(bed, "rubbish");
	put_many(bed, 3, 4);
	wait_drained(bed, 2);
	assert_written(bed, 4);
	assert_int_equal(ask_aside(bed, "SELECT count(*) FROM journal_aside "
		"WHERE reason = 'it is ' || text"), 2);
}

/* Several batches are under way when they are found. */
static void
puts_aside_what_is_refused_in_each_batch(void **state)
{
	struct bed *bed = *state;

	refuse_poison(bed);
	open_journal(bed);
	for (unsigned i = 0; i < 4; i++) {
		put_many(bed, i * ARCHIVE_WRITE_ROWS + 1,
			 (i + 1) * ARCHIVE_WRITE_ROWS - 1);
		put(bed, (i + 1) * ARCHIVE_WRITE_ROWS, "poison");
	}
	wait_told(bed);
	begin(bed);
	wait_drained(bed, 4);
	assert_int_equal(database_ask(bed->db, COUNT),
			 4 * (ARCHIVE_WRITE_ROWS - 1));
	assert_int_equal(ask_aside(bed, "SELECT count(*) FROM journal_aside "
				   "WHERE text LIKE '%00 poison'"), 4);
}

#define BURIED COUNT " WHERE uid = 'u1' AND body IS NULL AND " \
	"rest LIKE '<retracted %'"

/* Though it is in a later batch, which is written while that is not. */
static void
retracts_what_is_written_late(void **state)
{
	struct bed *bed = *state;

	refuse_poison(bed);
	open_journal(bed);
	put_many(bed, 1, ARCHIVE_WRITE_ROWS - 1);
	put(bed, ARCHIVE_WRITE_ROWS, "poison");
	put(bed, ARCHIVE_WRITE_ROWS + 1, RETRACTS "u1");
	wait_told(bed);
	begin(bed);
	wait_drained(bed, 1);
	assert_int_equal(database_ask(bed->db, COUNT), ARCHIVE_WRITE_ROWS);
	assert_int_equal(database_ask(bed->db, BURIED), 1);
	assert_int_equal(metric(bed, "annex_journal_drained_total"),
			 ARCHIVE_WRITE_ROWS);
}

/* Nothing need come that shows whose fault it is. */
static void
puts_aside_what_comes_alone(void **state)
{
	struct bed *bed = *state;

	refuse_poison(bed);
	open_journal(bed);
	begin(bed);
	put(bed, 9, "poison");
	wait_drained(bed, 1);
	assert_int_equal(metric(bed, "annex_journal_refusing"), 0);
	assert_int_equal(metric(bed, "annex_journal_drained_total"), 0);
	put(bed, 1, "good");
	wait_drained(bed, 1);
	assert_written(bed, 1);
}

/* However many they are. */
static void
puts_aside_a_whole_batch(void **state)
{
	struct bed *bed = *state;

	refuse_poison(bed);
	open_journal(bed);
	begin(bed);
	/* To make a partition each time would take long. */
	put_many(bed, 1, 1);
	wait_drained(bed, 0);
	drain_free(&bed->drain);
	for (unsigned i = 0; i < ARCHIVE_WRITE_ROWS + 1; i++)
		put(bed, 1000 + i, "poison");
	put_many(bed, 2, 3);
	wait_told(bed);
	begin(bed);
	wait_drained(bed, ARCHIVE_WRITE_ROWS + 1);
	assert_written(bed, 3);
}

static void
waits_while_all_is_refused(void **state)
{
	struct bed *bed = *state;

	open_journal(bed);
	begin(bed);
	database_do(bed->db, "ALTER TABLE archive_message RENAME TO gone");
	put_many(bed, 1, 40);
	wait_metric(bed, "annex_journal_refusing", 1);
	/* Tried once more. */
	database_run(bed->db, 1200);
	assert_int_equal(journal_count(bed->journal).entries, 40);
	assert_true(metric(bed, "annex_journal_oldest_seconds") >= 1);
	database_do(bed->db, "ALTER TABLE gone RENAME TO archive_message");
	wait_drained(bed, 0);
	assert_written(bed, 40);
	assert_int_equal(metric(bed, "annex_journal_refusing"), 0);
}

/* What comes after the database was mended tells nothing of what came
   before. */
static void
blames_nobody_when_it_is_mended(void **state)
{
	struct bed *bed = *state;

	open_journal(bed);
	put_many(bed, 1, 40);
	wait_told(bed);
	database_do(bed->db, "ALTER TABLE archive_message RENAME TO gone");
	begin(bed);
	wait_metric(bed, "annex_journal_refusing", 1);
	database_do(bed->db, "ALTER TABLE gone RENAME TO archive_message");
	put_many(bed, 41, 41);
	wait_drained(bed, 0);
	assert_written(bed, 41);
	assert_int_equal(metric(bed, "annex_journal_refusing"), 0);
}

/* The first is refused until another is written. */
static void
refuse_first(struct bed *bed)
{
	if (bed->db->kind == DATABASE_SQLITE) {
		database_do(bed->db, "CREATE TRIGGER first BEFORE INSERT ON "
			    "archive_message WHEN NEW.uid = 'u1' AND "
			    "NOT EXISTS (SELECT 1 FROM archive_message) "
			    "BEGIN SELECT RAISE(ABORT, 'first'); END");
		return;
	}
	database_do(bed->db, "CREATE FUNCTION first() RETURNS TRIGGER "
		    "LANGUAGE plpgsql AS $$ BEGIN IF NEW.uid = 'u1' AND "
		    "NOT EXISTS (SELECT 1 FROM archive_message) THEN "
		    "RAISE EXCEPTION 'first'; END IF; RETURN NEW; END $$");
	database_do(bed->db, "CREATE TRIGGER first BEFORE INSERT ON "
		    "archive_message FOR EACH ROW EXECUTE FUNCTION first()");
}

/* The same, but it happens while each is tried alone. */
static void
blames_nobody_when_it_is_mended_meanwhile(void **state)
{
	struct bed *bed = *state;

	refuse_first(bed);
	refuse_poison(bed);
	open_journal(bed);
	put_many(bed, 1, 3);
	put(bed, 9, "poison");
	put_text(bed, "nonsense");
	put_many(bed, 4, 5);
	wait_told(bed);
	begin(bed);
	wait_drained(bed, 2);
	assert_written(bed, 5);
	assert_int_equal(ask_aside(bed, "SELECT count(*) FROM journal_aside "
				   "WHERE text IN ('9 poison', 'nonsense')"),
			 2);
	assert_int_equal(metric(bed, "annex_journal_drained_total"), 5);
}

static void
waits_for_the_database(void **state)
{
	struct bed *bed = *state;

	open_journal(bed);
	begin(bed);
	put_many(bed, 1, 2);
	wait_drained(bed, 0);
	go_away(bed);
	put_many(bed, 3, MANY);
	wait_told(bed);
	database_run(bed->db, 1200);
	assert_int_equal(journal_count(bed->journal).entries, MANY - 2);
	assert_true(metric(bed, "annex_journal_oldest_seconds") >= 1);
	come_back(bed);
	wait_drained(bed, 0);
	assert_written(bed, MANY);
}

/* Several batches wait for it, and go together. */
static void
reads_ahead_so_far(void **state)
{
	struct bed *bed = *state;
	unsigned last = (BATCHES + 2) * ARCHIVE_WRITE_ROWS;

	open_journal(bed);
	put_many(bed, 1, last);
	wait_told(bed);
	go_away(bed);
	begin(bed);
	for (int i = 0; i < LATE_ROUNDS &&
	     bed->taken < BATCHES * ARCHIVE_WRITE_ROWS; i++)
		database_run(bed->db, 10);
	database_run(bed->db, 50);
	assert_int_equal(bed->taken, BATCHES * ARCHIVE_WRITE_ROWS);
	come_back(bed);
	wait_drained(bed, 0);
	assert_written(bed, last);
	if (bed->db->kind == DATABASE_POSTGRES)
		assert_in_range(database_ask(bed->db, "SELECT count(DISTINCT "
				"CAST(xmin AS TEXT)) FROM archive_message"),
				1, BATCHES + 1);
}

#define QUEUE 30000

/* What the store cannot take is not lost. */
static void
tries_again_what_the_store_lost(void **state)
{
	struct bed *bed = *state;
	static char large[QUEUE];

	memset(large, 'x', sizeof(large) - 1);
	database_close(bed->db, 10);
	archive_write_free(&bed->write);
	bed->db->settings.queue_bytes = QUEUE;
	database_open(bed->db);
	database_wait_up(bed->db, true);
	bed->write = archive_write_new(bed->db->store, 100);
	open_journal(bed);
	go_away(bed);
	store_write(bed->db->store, "DELETE FROM archive_message WHERE "
		    "body = $1", STORE_VALUES(store_text(large)), NULL, NULL);
	begin(bed);
	put_many(bed, 1, 30);
	wait_told(bed);
	database_run(bed->db, 500);
	assert_int_equal(journal_count(bed->journal).entries, 30);
	assert_true(database_metric(bed->db, "annex_store_lost_total") > 0);
	come_back(bed);
	wait_drained(bed, 0);
	assert_written(bed, 30);
}

static void
copy(const char *from, const char *to)
{
	char command[512];

	snprintf(command, sizeof(command), "cp '%s' '%s'", from, to);
	assert_int_equal(system(command), 0);
}

/* As after a kill between the database's commit and the journal's. */
static void
writes_once_what_comes_again(void **state)
{
	struct bed *bed = *state;
	char before[160];

	refuse_poison(bed);
	open_journal(bed);
	put_many(bed, 1, 600);
	put(bed, 700, "poison");
	wait_told(bed);
	close_journal(bed);
	snprintf(before, sizeof(before), "%s.before", bed->path);
	copy(bed->path, before);
	open_journal(bed);
	begin(bed);
	wait_drained(bed, 1);
	end(bed);
	copy(before, bed->path);
	open_journal(bed);
	begin(bed);
	wait_drained(bed, 1);
	assert_written(bed, 600);
	assert_int_equal(metric(bed, "annex_journal_drained_total"), 600);
}

/* At whatever it was, all is there in the end. */
static void
may_be_freed_at_any_time(void **state)
{
	struct bed *bed = *state;

	refuse_poison(bed);
	for (unsigned i = 0; i < 10; i++) {
		open_journal(bed);
		begin(bed);
		put_many(bed, 40 * i + 1, 40 * i + 40);
		put(bed, 2000 + i, "poison");
		put_text(bed, "nonsense");
		database_run(bed->db, i * 3);
		end(bed);
	}
	open_journal(bed);
	put_many(bed, 401, 402);
	begin(bed);
	wait_drained(bed, 20);
	assert_written(bed, 402);
}

/* The store tells of its end when nobody listens. */
static void
may_be_freed_while_the_database_is_away(void **state)
{
	struct bed *bed = *state;

	open_journal(bed);
	begin(bed);
	go_away(bed);
	put_many(bed, 1, 600);
	wait_told(bed);
	database_run(bed->db, 100);
	end(bed);
	open_journal(bed);
	assert_int_equal(journal_count(bed->journal).entries, 600);
	database_close(bed->db, 0);
}

static void
note(void *ctx)
{
	*(bool *)ctx = true;
}

static void
tells_when_what_was_in_is_written(void **state)
{
	struct bed *bed = *state;
	bool over = false;
	struct drain_wait wait = { .fn = note, .ctx = &over };

	open_journal(bed);
	begin(bed);
	assert_false(drain_await(bed->drain, &wait));
	go_away(bed);
	put_many(bed, 1, 150);
	put_text(bed, "nonsense");
	assert_true(drain_await(bed->drain, &wait));
	wait_told(bed);
	database_run(bed->db, 100);
	assert_false(over);
	come_back(bed);
	database_wait(bed->db, &over);
	assert_written(bed, 150);
	assert_int_equal(journal_count(bed->journal).entries, 0);
}

#define CASE(function) { #function, function, setup, teardown, NULL }

static const struct CMUnitTest cases[] = {
	CASE(drains_what_comes),
	CASE(drains_what_was_in_before),
	CASE(puts_aside_what_is_refused),
	CASE(puts_aside_what_is_refused_in_each_batch),
	CASE(retracts_what_is_written_late),
	CASE(puts_aside_what_is_no_row),
	CASE(puts_aside_what_comes_alone),
	CASE(puts_aside_a_whole_batch),
	CASE(waits_while_all_is_refused),
	CASE(blames_nobody_when_it_is_mended),
	CASE(blames_nobody_when_it_is_mended_meanwhile),
	CASE(waits_for_the_database),
	CASE(reads_ahead_so_far),
	CASE(tries_again_what_the_store_lost),
	CASE(writes_once_what_comes_again),
	CASE(tells_when_what_was_in_is_written),
	CASE(may_be_freed_at_any_time),
	CASE(may_be_freed_while_the_database_is_away),
};

int
main(void)
{
	static enum database_kind kinds[] = {
		DATABASE_SQLITE, DATABASE_POSTGRES,
	};
	struct CMUnitTest tests[ARRAY_LEN(kinds) * ARRAY_LEN(cases)];
	static char names[ARRAY_LEN(tests)][64];

	for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
		size_t kind = i / ARRAY_LEN(cases);

		tests[i] = cases[i % ARRAY_LEN(cases)];
		snprintf(names[i], sizeof(names[i]), "%s %s",
			 database_name(kinds[kind]), tests[i].name);
		tests[i].name = names[i];
		tests[i].initial_state = &kinds[kind];
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("drain", tests, database_setup,
					   database_teardown);
}
