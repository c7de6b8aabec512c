#include "t/lib/drainbed.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/archive_write.h"
#include "shared/arena.h"
#include "shared/drain.h"
#include "shared/journal.h"
#include "shared/metric.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define NOW 1795976662000000	/* 2026-11-29 */
#define LATE_ROUNDS 6000	/* of 10 ms */

int
drainbed_setup(void **state)
{
	enum database_kind kind = *(const enum database_kind *)*state;
	const char *top = getenv("ANNEX_SRCDIR");
	static unsigned made;
	struct drainbed *bed = calloc(1, sizeof(*bed));

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
	struct drainbed *bed = ctx;

	assert_null(err);
	bed->open = true;
}

void
drainbed_begin_journal(struct drainbed *bed)
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

void
drainbed_open_journal(struct drainbed *bed)
{
	drainbed_begin_journal(bed);
	database_wait(bed->db, &bed->open);
}

static void
on_closed(void *ctx)
{
	struct drainbed *bed = ctx;

	bed->closed = true;
}

void
drainbed_close_journal(struct drainbed *bed)
{
	journal_close(&bed->journal, 10, on_closed, bed);
	database_wait(bed->db, &bed->closed);
}

static int
read_entry(void *ctx, struct arena *arena, const struct journal_entry *entry,
	   struct archive_row *row, struct error *err)
{
	static const char retracts[] = DRAINBED_RETRACTS;
	struct drainbed *bed = ctx;
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
	if (strncmp(row->body, retracts, strlen(retracts)) == 0) {
		row->relation = ARCHIVE_RETRACTION;
		row->about = row->body + strlen(retracts);
		row->buries = ARCHIVE_SENT;
	}
	return 0;
}

void
drainbed_begin(struct drainbed *bed)
{
	const struct drain_settings settings = {
		bed->journal, bed->write, read_entry, bed
	};

	bed->drain = drain_new(&bed->db->loop, &settings, bed->metrics);
}

void
drainbed_end(struct drainbed *bed)
{
	drain_free(&bed->drain);
	assert_null(bed->drain);
	drainbed_close_journal(bed);
}

void
drainbed_come_back(struct drainbed *bed)
{
	if (bed->other != NULL)
		sqlite3_close(bed->other);
	else
		database_postgres("start");
	bed->other = NULL;
}

int
drainbed_teardown(void **state)
{
	struct drainbed *bed = *state;

	if (bed->other != NULL)
		drainbed_come_back(bed);
	if (bed->drain != NULL)
		drain_free(&bed->drain);
	if (bed->journal != NULL)
		drainbed_close_journal(bed);
	database_free(&bed->db);
	archive_write_free(&bed->write);
	metrics_free(&bed->metrics);
	free(bed);
	return 0;
}

void
drainbed_go_away(struct drainbed *bed)
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
	struct drainbed *bed = ctx;

	assert_null(err);
	bed->told++;
}

void
drainbed_put_text(struct drainbed *bed, const char *text)
{
	bed->sent++;
	journal_put(bed->journal, text, on_put, bed);
}

void
drainbed_put(struct drainbed *bed, unsigned number, const char *body)
{
	char text[64];

	snprintf(text, sizeof(text), "%u %s", number, body);
	drainbed_put_text(bed, text);
}

void
drainbed_put_many(struct drainbed *bed, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++)
		drainbed_put(bed, i, "Wherefore?");
}

void
drainbed_wait_told(struct drainbed *bed)
{
	for (int i = 0; i < LATE_ROUNDS && bed->told < bed->sent; i++)
		database_run(bed->db, 10);
	assert_int_equal(bed->told, bed->sent);
}

void
drainbed_wait_drained(struct drainbed *bed, unsigned aside)
{
	struct journal_count count = { .entries = 1 };

	drainbed_wait_told(bed);
	for (int i = 0; i < LATE_ROUNDS && count.entries > 0; i++) {
		database_run(bed->db, 10);
		count = journal_count(bed->journal);
	}
	assert_int_equal(count.entries, 0);
	assert_int_equal(count.bytes, 0);
	assert_int_equal(count.aside, aside);
}

long long
drainbed_metric(struct drainbed *bed, const char *name)
{
	struct database here = { .metrics = bed->metrics };

	return database_metric(&here, name);
}

void
drainbed_wait_metric(struct drainbed *bed, const char *name, long long value)
{
	int rounds = LATE_ROUNDS;

	while (rounds-- > 0 && drainbed_metric(bed, name) != value)
		database_run(bed->db, 10);
	assert_int_equal(drainbed_metric(bed, name), value);
}

void
drainbed_assert_written(struct drainbed *bed, unsigned last)
{
	assert_int_equal(database_ask(bed->db, DRAINBED_COUNT), last);
	assert_int_equal(database_ask(bed->db, "SELECT count(DISTINCT uid) "
				      "FROM archive_message"), last);
	assert_int_equal(database_ask(bed->db, "SELECT sum(CAST(substr(uid, "
				      "2) AS BIGINT)) FROM archive_message"),
			 (int64_t)last * (last + 1) / 2);
}

void
drainbed_refuse_poison(struct drainbed *bed)
{
	if (bed->db->kind == DATABASE_POSTGRES)
		database_do(bed->db, "ALTER TABLE archive_message ADD "
			    "CONSTRAINT poison CHECK (body <> 'poison')");
	else
		database_do(bed->db, "CREATE TRIGGER poison BEFORE INSERT "
			    "ON archive_message WHEN NEW.body = 'poison' "
			    "BEGIN SELECT RAISE(ABORT, 'poison'); END");
}
