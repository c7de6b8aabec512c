#include "shared/archive_hold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "shared/serial.h"
#include "t/lib/archivebed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NOW 1795953600000000	/* 2026-11-29T12:00:00Z */
#define SECOND 1000000LL

static int
new_bed(void **state)
{
	*state = archivebed_new(*(const enum database_kind *)*state);
	return 0;
}

static struct archive_row
row(int64_t secs, const char *uid, const char *from, const char *to)
{
	int64_t stamp = NOW + secs * SECOND;

	return (struct archive_row){
		.mark = { .serial = serial_first_of(stamp), .stamp = stamp,
			  .uid = uid, .ways = ARCHIVE_SENT },
		.type = ARCHIVE_CHAT, .sender = from, .recipient = to,
		.resource = "", .to_resource = "", .body = "Wherefore?",
	};
}

/* The sixth was said in a room, to one who was there, and shown to somebody
   else later; the seventh was sent an hour before it came. */
static void
write_some(struct database *db)
{
	struct archive_row rows[] = {
		row(1, "u1", "r@a.test", "j@b.test"),
		row(2, "u2", "j@b.test", "r@a.test"),
		row(3, "u3", "t@a.test", "t@a.test"),
		row(4, "u4", "xr@a.test", "j@xb.test"),
		row(5, "u5", "sub.b.test", "b.test"),
		row(6, "u6", "t@a.test", "hall@c.test/123"),
		row(7, "u7", "n@d.test", "m@d.test"),
		row(8, "u8", "n@d.test", "xhall@c.test/12"),
		row(9, "u9", "n@d.test", "hall@sub.c.test/123"),
	};

	rows[6].mark.stamp -= 3600 * SECOND;
	rows[5].type = ARCHIVE_GROUPCHAT;
	archivebed_write(db, rows, ARRAY_LEN(rows));
	database_do(db, "INSERT INTO archive_address (jid) VALUES "
		    "('nurse@b.test'), ('friar@e.test')");
	database_do(db, "INSERT INTO archive_delivery (owner, serial, stamp) "
		    "SELECT a.id, m.serial, 0 FROM archive_address a, "
		    "archive_message m WHERE a.jid = 'nurse@b.test' "
		    "AND m.uid = 'u6'");
	database_do(db, "INSERT INTO archive_attendance (room, first, owner, "
		    "last) SELECT m.recipient, m.serial - 1, a.id, "
		    "m.serial + 1 FROM archive_address a, archive_message m "
		    "WHERE a.jid = 'friar@e.test' AND m.uid = 'u6'");
}

static void
hold(struct database *db, const char *whose, int64_t since, int64_t until)
{
	struct database_answer got = { 0 };

	store_write(db->store, "INSERT INTO archive_hold (matter, whose, "
		    "since, until, who, stamp) VALUES ($1, $1, $2, $3, 'w', "
		    "0)", STORE_VALUES(store_text(whose), store_int(since),
				       store_int(until)),
		    database_take, &got);
	database_wait(db, &got.done);
	assert_string_equal(got.err.text, "");
	database_answer_fini(&got);
}

/* How many messages are held that are not among those uids, or the other way
   round. */
static int64_t
count_wrong(struct database *db, const char *uids)
{
	struct database_answer got = { 0 };
	int64_t wrong;

	store_read(db->store, "SELECT count(*) FROM archive_message m WHERE ("
		   ARCHIVE_HOLD_COVERS ") <> ($1 LIKE '%' || m.uid || '%')",
		   STORE_VALUES(store_text(uids)), database_take, &got);
	database_wait(db, &got.done);
	assert_int_equal(got.rows, 1);
	wrong = strtoll(got.cells[0], NULL, 10);
	database_answer_fini(&got);
	return wrong;
}

#define AT(secs) (NOW + (secs) * SECOND)
#define ALWAYS INT64_MIN, INT64_MAX

static const struct {
	const char *whose;
	int64_t since, until;
	const char *held;	/* the uids of those */
} cases[] = {
	{ "r@a.test", ALWAYS, "u1 u2" },
	{ "t@a.test", ALWAYS, "u3 u6" },
	{ "nurse@b.test", ALWAYS, "u6" },
	{ "friar@e.test", ALWAYS, "u6" },
	{ "friar@e.test", INT64_MIN, AT(6), "" },
	{ "e.test", ALWAYS, "u6" },
	{ "hall@c.test", ALWAYS, "u6" },
	{ "c.test", ALWAYS, "u6 u8" },
	{ "sub.c.test", ALWAYS, "u9" },
	{ "hall@c.tes", ALWAYS, "" },
	{ "hall@c.test.test", ALWAYS, "" },
	{ "123", ALWAYS, "" },
	{ "a.test", ALWAYS, "u1 u2 u3 u4 u6" },
	{ "b.test", ALWAYS, "u1 u2 u5 u6" },
	{ "sub.b.test", ALWAYS, "u5" },
	{ "test", ALWAYS, "" },
	{ "%.test", ALWAYS, "" },
	{ "a.domain.that.is.longer.than.each.of.them", ALWAYS, "" },
	{ "r@a.test", AT(2), INT64_MAX, "u2" },
	{ "r@a.test", INT64_MIN, AT(2), "u1" },
	{ "a.test", AT(2), AT(4), "u2 u3" },
	{ "d.test", AT(-3593), AT(-3592), "u7" },
	{ "d.test", AT(0), AT(8), "" },
};

static void
covers(void **state)
{
	struct database *db = *state;

	write_some(db);
	assert_int_equal(count_wrong(db, ""), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		hold(db, cases[i].whose, cases[i].since, cases[i].until);
		if (count_wrong(db, cases[i].held) != 0)
			fail_msg("case %zu: %s", i, cases[i].whose);
		database_do(db, "DELETE FROM archive_hold");
	}
}

static void
covers_by_any_of_several(void **state)
{
	struct database *db = *state;

	write_some(db);
	hold(db, "r@a.test", ALWAYS);
	hold(db, "j@b.test", ALWAYS);
	hold(db, "hall@c.test", AT(1), AT(2));
	assert_int_equal(count_wrong(db, "u1 u2"), 0);
}

#define LOCKED "SELECT mode FROM pg_locks WHERE locktype = 'advisory' " \
	"AND classid = 1634886504 AND objid = 256 AND granted"

static void
assert_locks(struct database *db,
	     void (*lock)(struct store *store, struct store_batch *batch),
	     const char *mode)
{
	struct store_batch *batch = store_begin(db->store);
	struct database_answer got = { 0 };

	lock(db->store, batch);
	store_add(batch, db->kind == DATABASE_POSTGRES ? LOCKED :
		  "SELECT 'none'", NULL, 0);
	store_commit(&batch, database_take, &got);
	database_wait(db, &got.done);
	assert_int_equal(got.rows, 1);
	assert_string_equal(got.cells[0],
			    db->kind == DATABASE_POSTGRES ? mode : "none");
	database_answer_fini(&got);
}

/* Several may remove something at one time.  In SQLite none can. */
static void
locks_out_who_adds_or_who_removes(void **state)
{
	assert_locks(*state, archive_hold_heed, "ShareLock");
	assert_locks(*state, archive_hold_stop, "ExclusiveLock");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_bed, \
						   database_drop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(covers),
		TEST(covers_by_any_of_several),
		TEST(locks_out_who_adds_or_who_removes),
	};

	return archivebed_run("archive_hold", tests, ARRAY_LEN(tests));
}
