#include "shared/archive_shelving.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define SECOND 1000000
#define WHOLE (1700000000LL * SECOND)	/* all that Prosody's table knows */
#define FINE (WHOLE + 250003)
#define SENT ARCHIVE_SENT
#define RECEIVED ARCHIVE_RECEIVED

struct fixture {
	struct database *db;
	struct arena *arena;
	struct archive_shelving shelving;
	bool done;
	struct error err;
};

static int
set_up(void **state)
{
	const enum database_kind *kind = *state;
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->db = archivebed_new(*kind);
	f->arena = arena_new();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	database_free(&f->db);
	arena_free(&f->arena);
	free(f);
	return 0;
}

/* A copy of a message from j@a to r@a. */
static struct archive_row *
add(struct fixture *f, const char *uid, int64_t stamp, unsigned ways)
{
	struct archive_shelving_item *item =
		&f->shelving.items[f->shelving.count++];

	item->owner = ways == SENT ? "j@a" : "r@a";
	item->row = (struct archive_row){
		.mark = { .serial = serial_first_of(stamp), .stamp = stamp,
			  .uid = uid, .ways = ways },
		.type = ARCHIVE_CHAT, .sender = "j@a", .recipient = "r@a",
		.resource = "", .to_resource = "", .body = "hi",
	};
	return &item->row;
}

static void
on_found(void *ctx, const struct error *err)
{
	struct fixture *f = ctx;

	f->done = true;
	f->err = err == NULL ? (struct error){ 0 } : *err;
}

static void
find(struct fixture *f)
{
	f->done = false;
	archive_shelving_find(f->db->store, f->arena, &f->shelving, on_found,
			      f);
	assert_false(f->done);
	database_wait(f->db, &f->done);
}

/* Finds, and writes what is new. */
static void
shelve(struct fixture *f)
{
	struct archive_row rows[ARCHIVE_SHELVING_MAX];
	size_t count = 0;

	find(f);
	assert_int_equal(f->err.cond, ERROR_NONE);
	for (size_t i = 0; i < f->shelving.count; i++)
		if (f->shelving.items[i].state == ARCHIVE_SHELVING_NEW)
			rows[count++] = f->shelving.items[i].row;
	if (count > 0)
		archivebed_write(f->db, rows, count);
	f->shelving.count = 0;
}

static int64_t
after(const struct fixture *f, size_t i, int64_t stamp)
{
	return serial_time(f->shelving.items[i].row.mark.serial) -
	       stamp;
}

static enum archive_shelving_state
state_of(const struct fixture *f, size_t i)
{
	return f->shelving.items[i].state;
}

static void
knows_what_is_here(void **state)
{
	struct fixture *f = *state;

	add(f, "u1", FINE, SENT);
	add(f, "u2", FINE + 5, SENT);
	shelve(f);
	add(f, "u1", FINE, SENT);
	add(f, "u3", FINE, SENT);
	find(f);
	assert_int_equal(state_of(f, 0), ARCHIVE_SHELVING_KNOWN);
	assert_int_equal(state_of(f, 1), ARCHIVE_SHELVING_NEW);
	assert_string_equal(f->shelving.items[1].row.mark.uid, "u3");
}

/* In one page, or in two. */
static void
joins_copies_of_one_message(void **state)
{
	struct fixture *f = *state;

	add(f, "u1", FINE, SENT);
	add(f, "u1", FINE, RECEIVED);
	add(f, "u1", FINE, RECEIVED);
	add(f, "u2", FINE + 1, RECEIVED);
	find(f);
	assert_int_equal(state_of(f, 1), ARCHIVE_SHELVING_NEW);
	assert_int_equal(state_of(f, 2), ARCHIVE_SHELVING_KNOWN);
	shelve(f);
	add(f, "u2", FINE + 1, SENT);
	shelve(f);
	assert_int_equal(database_ask(f->db, "SELECT count(*) FROM "
				      "archive_message WHERE ways = 3"), 2);
	assert_int_equal(database_ask(f->db, "SELECT count(*) FROM "
				      "archive_message"), 2);
}

/* 64 is ARCHIVE_CONCEALED. */
static void
knows_what_was_concealed(void **state)
{
	struct fixture *f = *state;

	add(f, "u1", FINE, SENT);
	shelve(f);
	database_do(f->db, "UPDATE archive_message SET ways = 65");
	add(f, "u1", FINE, SENT);
	add(f, "u1", FINE, RECEIVED);
	find(f);
	assert_int_equal(state_of(f, 0), ARCHIVE_SHELVING_KNOWN);
	assert_int_equal(state_of(f, 1), ARCHIVE_SHELVING_NEW);
	shelve(f);
	assert_int_equal(database_ask(f->db, "SELECT ways FROM "
				      "archive_message"), 67);
}

static void
gives_another_uid_where_another_has_it(void **state)
{
	struct fixture *f = *state;
	const char *uid;

	add(f, "u1", FINE, SENT);
	shelve(f);
	add(f, "u1", FINE + 1, SENT)->recipient = "t@a";
	add(f, "u1", FINE + 2, SENT)->sender = "t@a";
	f->shelving.items[1].owner = "t@a";
	find(f);
	uid = f->shelving.items[0].row.mark.uid;
	assert_int_equal(strncmp(uid, "u1 ", 3), 0);
	assert_int_equal(strlen(uid), 3 + ARCHIVE_SHELVING_MARK);
	assert_string_not_equal(uid,
				f->shelving.items[1].row.mark.uid);
	shelve(f);
	add(f, "u1", FINE + 1, SENT)->recipient = "t@a";
	add(f, "u1", FINE + 3, SENT)->recipient = "v@a";
	find(f);
	assert_int_equal(state_of(f, 0), ARCHIVE_SHELVING_KNOWN);
	assert_int_equal(state_of(f, 1), ARCHIVE_SHELVING_NEW);
	shelve(f);
	add(f, "u1", FINE + 3, SENT)->recipient = "v@a";
	find(f);
	assert_int_equal(state_of(f, 0), ARCHIVE_SHELVING_KNOWN);
	assert_int_equal(database_ask(f->db, "SELECT count(*) FROM "
				      "archive_message"), 4);
}

/* Its address is another one then. */
static void
knows_what_was_erased(void **state)
{
	struct fixture *f = *state;

	add(f, "u1", FINE, RECEIVED);
	shelve(f);
	database_do(f->db, "UPDATE archive_message SET ways = 1, flags = 128, "
		    "body = NULL");
	database_do(f->db, "UPDATE archive_address SET jid = "
		    "'0@erased.invalid' WHERE jid = 'j@a'");
	add(f, "u1", FINE, RECEIVED);
	find(f);
	assert_int_equal(state_of(f, 0), ARCHIVE_SHELVING_KNOWN);
}

/* Behind those of the page, and of pages before. */
static void
puts_those_of_one_second_in_order(void **state)
{
	struct fixture *f = *state;

	for (int page = 0; page < 3; page++) {
		static char uids[3][3][8];

		for (int i = 0; i < 3; i++) {
			snprintf(uids[page][i], sizeof(uids[page][i]),
				 "u%d", page * 3 + i);
			add(f, uids[page][i], WHOLE, SENT);
		}
		find(f);
		for (int i = 0; i < 3; i++)
			assert_int_equal(after(f, (size_t)i, WHOLE),
					 page * 3 + i);
		shelve(f);
	}
	assert_int_equal(database_ask(f->db, "SELECT count(*) FROM "
				      "archive_message WHERE "
				      "serial % 256 = 0"), 9);
}

static void
leaves_exact_times_as_they_are(void **state)
{
	struct fixture *f = *state;

	add(f, "u1", FINE, SENT);
	add(f, "u2", FINE + 1, SENT);
	add(f, "u3", FINE, SENT);	/* as nobody else's: behind both */
	find(f);
	assert_int_equal(after(f, 0, FINE), 0);
	assert_int_equal(after(f, 1, FINE), 1);
	assert_int_equal(after(f, 2, FINE), 2);
	shelve(f);
	add(f, "u4", FINE - 1, SENT);
	add(f, "u5", FINE, SENT);
	find(f);
	assert_int_equal(after(f, 0, FINE), -1);
	assert_int_equal(after(f, 1, FINE), 3);
}

static void
goes_behind_what_others_may_have_there(void **state)
{
	struct fixture *f = *state;

	/* One of a second that has lost its first ones. */
	add(f, "u1", WHOLE + 7, SENT);
	shelve(f);
	add(f, "u2", WHOLE, SENT);
	add(f, "u3", WHOLE, SENT);
	find(f);
	assert_int_equal(after(f, 0, WHOLE), 0);
	assert_int_equal(after(f, 1, WHOLE), 8);
}

static void
refuses_what_finds_no_room(void **state)
{
	struct fixture *f = *state;

	add(f, "u1", FINE, SENT);
	add(f, "u2", FINE + 999, SENT);
	shelve(f);
	add(f, "u3", FINE, SENT);
	add(f, "u4", FINE + 1000, SENT);
	find(f);
	assert_int_equal(state_of(f, 0), ARCHIVE_SHELVING_CROWDED);
	assert_int_equal(state_of(f, 1), ARCHIVE_SHELVING_NEW);
}

static void
says_what_the_database_says(void **state)
{
	struct fixture *f = *state;

	database_do(f->db, "ALTER TABLE archive_address RENAME TO away");
	add(f, "u1", FINE, SENT);
	find(f);
	assert_int_equal(f->err.cond, ERROR_INTERNAL_SERVER_ERROR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(knows_what_is_here),
		TEST(joins_copies_of_one_message),
		TEST(knows_what_was_concealed),
		TEST(gives_another_uid_where_another_has_it),
		TEST(knows_what_was_erased),
		TEST(puts_those_of_one_second_in_order),
		TEST(leaves_exact_times_as_they_are),
		TEST(goes_behind_what_others_may_have_there),
		TEST(refuses_what_finds_no_room),
		TEST(says_what_the_database_says),
	};

	return archivebed_run("archive_shelving", tests,
			      sizeof(tests) / sizeof(tests[0]));
}
