#include "components/muc/erasure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "t/lib/capture.h"
#include "t/lib/chroniclebed.h"

#define ROUNDS 6000	/* of 10 ms */
#define LEFT "<retracted xmlns='urn:r'/>"
#define COUNT "SELECT count(*) FROM archive_message WHERE "
#define ERASED COUNT "body IS NULL AND rest = '<retracted xmlns=''urn:r''/>'"

/* What came of it. */
static struct {
	unsigned calls;
	bool found, failed;
} end;

static void
on_end(void *ctx, bool found, const struct error *err)
{
	(void)ctx;
	end.calls++;
	end.found = found;
	end.failed = err != NULL;
}

static void
leave(struct chroniclebed *bed, const char *uid, const char *author,
      const char *left)
{
	bed->muc.runtime = &bed->runtime;
	memset(&end, 0, sizeof(end));
	erasure_start(&(struct erasure_plan){
		.room = &bed->room, .asker = "ann@a.example", .uid = uid,
		.author = author, .left = left, .fn = on_end,
	});
	assert_int_equal(end.calls, 0);
}

static void
erase(struct chroniclebed *bed, const char *uid, const char *author)
{
	leave(bed, uid, author, LEFT);
}

static void
wait_end(struct chroniclebed *bed)
{
	for (int i = 0; i < ROUNDS && end.calls == 0; i++)
		database_run(bed->db, 10);
	assert_int_equal(end.calls, 1);
	assert_false(end.failed);
}

/* It may still be in the journal. */
static void
leaves_what_is_left(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, "u1", "one");
	chroniclebed_say(bed, "u2", "two");
	erase(bed, "u1", NULL);
	wait_end(bed);
	assert_true(end.found);
	chroniclebed_wait(bed, ERASED " AND uid = 'u1' AND id = 'm1'", 1);
	chroniclebed_wait(bed, COUNT "uid = 'u2' AND body = 'two'", 1);
	erase(bed, "u2", "ann@a.example");
	wait_end(bed);
	assert_true(end.found);
	chroniclebed_wait(bed, ERASED, 2);
}

#define RETRACTED(inner) \
	"<retracted xmlns='urn:xmpp:message-retract:1'>" inner "</retracted>"
#define MODERATED RETRACTED("<moderated " \
	"xmlns='urn:xmpp:message-moderate:1'/>")
#define IS_MODERATED COUNT "body IS NULL AND rest LIKE '%<moderated %'"

/* What a moderator has said of it is not its author's; what its author said
   does not keep a moderator away. */
static void
keeps_what_a_moderator_left(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, "u1", "one");
	leave(bed, "u1", "ann@a.example", RETRACTED(""));
	wait_end(bed);
	leave(bed, "u1", "ann@a.example", RETRACTED(""));
	wait_end(bed);
	assert_true(end.found);
	chroniclebed_wait(bed, IS_MODERATED, 0);
	leave(bed, "u1", NULL, MODERATED);
	wait_end(bed);
	assert_true(end.found);
	chroniclebed_wait(bed, IS_MODERATED, 1);
	leave(bed, "u1", "ann@a.example", RETRACTED(""));
	wait_end(bed);
	assert_false(end.found);
	chroniclebed_wait(bed, IS_MODERATED, 1);
	erase(bed, "u1", NULL);
	wait_end(bed);
	chroniclebed_wait(bed, ERASED, 1);
}

#define HOLD(bed, whose) \
	database_do((bed)->db, "INSERT INTO archive_hold VALUES ('m', '" \
		    whose "', 0, 9223372036854775807, 'w', 0, NULL)")
#define HIDDEN COUNT "flags = 128 AND body IS NOT NULL AND " \
	"rest IS NOT NULL"

/* By its author, or the room; another goes as ever. */
static void
hides_what_is_held(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, "u1", "one");
	chroniclebed_say(bed, "u2", "two");
	HOLD(bed, "ann@a.example");
	erase(bed, "u1", "ann@a.example");
	wait_end(bed);
	assert_true(end.found);
	chroniclebed_wait(bed, HIDDEN " AND uid = 'u1'", 1);
	database_do(bed->db, "DELETE FROM archive_hold");
	HOLD(bed, "r@muc.example");
	erase(bed, "u2", NULL);
	wait_end(bed);
	assert_true(end.found);
	chroniclebed_wait(bed, HIDDEN, 2);
	erase(bed, "u2", "bob@b.example");
	wait_end(bed);
	assert_false(end.found);
	database_do(bed->db, "DELETE FROM archive_hold");
	HOLD(bed, "bob@b.example");
	erase(bed, "u2", NULL);
	wait_end(bed);
	chroniclebed_wait(bed, ERASED " AND uid = 'u2' AND flags = 0", 1);
	chroniclebed_wait(bed, HIDDEN, 1);
}

/* Of another author, of no message, of a room that had the name before. */
static void
leaves_all_others(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, "u1", "one");
	erase(bed, "u1", "bob@b.example");
	wait_end(bed);
	assert_false(end.found);
	erase(bed, "u2", NULL);
	wait_end(bed);
	assert_false(end.found);
	bed->room.created = 78;
	erase(bed, "u1", NULL);
	wait_end(bed);
	assert_false(end.found);
	chroniclebed_wait(bed, ERASED, 0);
	chroniclebed_wait(bed, COUNT "body = 'one'", 1);
}

/* What the database has not taken yet stays as it is. */
static void
waits_no_longer_than_the_service(void **state)
{
	struct chroniclebed *bed = *state;
	struct capture log = { 0 };

	chroniclebed_say(bed, "u1", "one");
	erase(bed, "u1", NULL);
	assert_non_null(bed->muc.erasures);
	capture_begin(&log);
	erasure_stop(&bed->muc);
	capture_end(&log);
	assert_non_null(strstr(log.err, "muc: 1 retractions are given up "));
	wait_end(bed);
	assert_null(bed->muc.erasures);
}

static int
check(struct chroniclebed *bed, const char *asker, bool author)
{
	return erasure_check(&bed->muc, asker, author, &bed->err);
}

static void
fill(struct chroniclebed *bed, const char *author, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(check(bed, "ann@a.example", author != NULL),
				 0);
		erase(bed, "u1", author);
	}
	assert_int_equal(check(bed, "ann@a.example", author != NULL), -1);
	assert_int_equal(bed->err.cond, ERROR_RESOURCE_CONSTRAINT);
}

/* Until the database has done them.  What is one's own leaves room for what is
   to be done as a moderator. */
static void
is_bounded(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, "u1", "one");
	fill(bed, "ann@a.example", 10);
	fill(bed, NULL, 100);
	assert_int_equal(check(bed, "bob@b.example", true), 0);
	assert_int_equal(check(bed, "bob@b.example", false), 0);
	for (int i = 0; i < ROUNDS && bed->muc.erasures != NULL; i++)
		database_run(bed->db, 10);
	assert_null(bed->muc.erasures);
	assert_int_equal(check(bed, "ann@a.example", true), 0);
	assert_int_equal(check(bed, "ann@a.example", false), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHRONICLEBED_TEST(leaves_what_is_left),
		CHRONICLEBED_TEST(keeps_what_a_moderator_left),
		CHRONICLEBED_TEST(hides_what_is_held),
		CHRONICLEBED_TEST(leaves_all_others),
		CHRONICLEBED_TEST(waits_no_longer_than_the_service),
		CHRONICLEBED_TEST(is_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_erasure", tests,
					   chroniclebed_folder,
					   database_teardown);
}
