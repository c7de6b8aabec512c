#include "components/muc/erasure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/chronicle.h"
#include "components/muc/chronicle_entry.h"
#include "t/lib/chroniclebed.h"

#define ROUNDS 6000	/* of 10 ms */
#define LEFT "<retracted xmlns='urn:xmpp:message-retract:1'/>"
#define COUNT "SELECT count(*) FROM archive_message WHERE "
#define ERASED COUNT "body IS NULL AND rest = " \
	"'<retracted xmlns=''urn:xmpp:message-retract:1''/>'"

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
erase(struct chroniclebed *bed, const char *uid)
{
	bed->muc.runtime = &bed->runtime;
	memset(&end, 0, sizeof(end));
	erasure_start(&(struct erasure_plan){
		.room = &bed->room, .asker = "mod@a.example", .uid = uid,
		.retraction = "t1", .left = LEFT, .fn = on_end,
	});
	assert_int_equal(end.calls, 0);
}

static void
wait_end(struct chroniclebed *bed)
{
	for (int i = 0; i < ROUNDS && end.calls == 0; i++)
		database_run(bed->db, 10);
	assert_int_equal(end.calls, 1);
	assert_false(end.failed);
}

/* It may still be in the journal.  What was removed is found again. */
static void
leaves_what_is_left(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, "u1", "one");
	chroniclebed_say(bed, "u2", "two");
	erase(bed, "u1");
	wait_end(bed);
	assert_true(end.found);
	chroniclebed_wait(bed, ERASED " AND uid = 'u1' AND id = 'm1'", 1);
	chroniclebed_wait(bed, COUNT "uid = 'u2' AND body = 'two'", 1);
	erase(bed, "u1");
	wait_end(bed);
	assert_true(end.found);
	chroniclebed_wait(bed, ERASED, 1);
	chroniclebed_wait(bed, "SELECT count(*) FROM archive_retraction "
			  "WHERE uid = 'u1' AND retraction = 't1' AND "
			  "who = 'mod@a.example' AND moderated = 1", 1);
}

static void
takes_what_was_said_in_its_place(void **state)
{
	struct chroniclebed *bed = *state;
	struct request req = chroniclebed_request(bed, "<body>three</body>"
		"<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>");

	chroniclebed_say(bed, "u1", "one");
	req.stanza.id = "m2";
	chronicle_add(bed->muc.chronicle, bed->arena,
		      &(struct chronicle_entry){
		.room = &bed->room, .stanza = &req.stanza, .nick = "Ann",
		.uid = "u2", .stamp = 1700000000000000,
	});
	erase(bed, "u1");
	wait_end(bed);
	chroniclebed_wait(bed, ERASED, 2);
}

/* Of no message, of a room that had the name before. */
static void
leaves_all_others(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, "u1", "one");
	erase(bed, "u2");
	wait_end(bed);
	assert_false(end.found);
	bed->room.created = 78;
	erase(bed, "u1");
	wait_end(bed);
	assert_false(end.found);
	chroniclebed_wait(bed, ERASED, 0);
	chroniclebed_wait(bed, COUNT "body = 'one'", 1);
}

/* What the database has not taken yet is not found. */
static void
waits_no_longer_than_the_service(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, "u1", "one");
	erase(bed, "u1");
	assert_non_null(bed->muc.erasures);
	erasure_stop(&bed->muc);
	wait_end(bed);
	assert_null(bed->muc.erasures);
}

static int
check(struct chroniclebed *bed, const char *asker)
{
	return erasure_check(&bed->muc, asker, &bed->err);
}

/* Until the database has done them. */
static void
is_bounded(void **state)
{
	struct chroniclebed *bed = *state;

	chroniclebed_say(bed, "u1", "one");
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(check(bed, "mod@a.example"), 0);
		erase(bed, "u1");
	}
	assert_int_equal(check(bed, "mod@a.example"), -1);
	assert_int_equal(bed->err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(check(bed, "bob@b.example"), 0);
	for (int i = 0; i < ROUNDS && bed->muc.erasures != NULL; i++)
		database_run(bed->db, 10);
	assert_null(bed->muc.erasures);
	assert_int_equal(check(bed, "mod@a.example"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHRONICLEBED_TEST(leaves_what_is_left),
		CHRONICLEBED_TEST(takes_what_was_said_in_its_place),
		CHRONICLEBED_TEST(leaves_all_others),
		CHRONICLEBED_TEST(waits_no_longer_than_the_service),
		CHRONICLEBED_TEST(is_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_erasure", tests,
					   chroniclebed_folder,
					   database_teardown);
}
