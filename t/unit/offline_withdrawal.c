#include "components/offline/withdrawal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/mailbox.h"
#include "shared/hook.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"
#define BOUNCED "bounce='service-unavailable'"

static void
removes_and_forgets(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, USER, "x2", "a@b/c");
	offlineshim_store(bed, "k@example", "x1", "a@b/c");
	sent = offlineshim_withdraw(bed, USER, "x1");
	assert_non_null(strstr(sent, "user='" USER "'>x1</forget>"));
	assert_int_equal(offlinebed_stored(bed, "jid = '" USER "' AND "
					   "id = 'x1'"), 0);
	assert_int_equal(offlinebed_stored(bed, "1"), 2);
}

static void
takes_a_line_each(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, USER, "x2", "a@b/c");
	sent = offlineshim_withdraw(bed, USER, "\nx1\n\n  x2\n");
	assert_non_null(strstr(sent, ">x1</forget>"));
	assert_non_null(strstr(sent, ">x2</forget>"));
	assert_int_equal(offlinebed_stored(bed, "1"), 0);
	assert_string_equal(offlineshim_withdraw(bed, USER, " \n"), "");
}

/* The shim tells it again after each hello until it hears that. */
static void
forgets_what_it_never_had(void **state)
{
	struct offlinebed *bed = *state;

	assert_non_null(strstr(offlineshim_withdraw(bed, USER, "x1"),
			       ">x1</forget>"));
	assert_non_null(strstr(offlineshim_withdraw(bed, USER, "x1"),
			       ">x1</forget>"));
}

static void
makes_room(void **state)
{
	struct offlinebed *bed = *state;

	for (const char *id = "12345"; *id != '\0'; id++)
		offlineshim_store(bed, USER, (const char[]){ *id, '\0' },
				  "a@b/c");
	assert_non_null(strstr(offlineshim_store(bed, USER, "y", "a@b/c"),
			       BOUNCED));
	offlineshim_withdraw(bed, USER, "3");
	assert_null(strstr(offlineshim_store(bed, USER, "z", "a@b/c"),
			   BOUNCED));
}

/* Until it is removed the shim is to take it for handed over. */
static void
forgets_nothing_that_it_could_not_remove(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	fake_store_set_full(bed->store, true);
	assert_string_equal(offlineshim_withdraw(bed, USER, "x1"), "");
	fake_store_set_full(bed->store, false);
	assert_int_equal(offlinebed_stored(bed, "1"), 1);
	assert_non_null(strstr(offlineshim_withdraw(bed, USER, "x1"),
			       ">x1</forget>"));
	assert_int_equal(offlinebed_stored(bed, "1"), 0);
}

static void
says_nothing_to_a_shim_that_has_gone(void **state)
{
	struct offlinebed *bed = *state;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	hookbed_receive(bed->hooks, "<message from='example' "
			"to='comp.example'><withdraw xmlns='urn:x-annex:0' "
			"user='" USER "'>x1</withdraw></message>");
	hook_link(bed->hooks->runtime.hook, false);
	fake_store_tell(bed->store);
	assert_string_equal(hookbed_sent(bed->hooks), "");
	assert_int_equal(offlinebed_stored(bed, "1"), 0);
}

/* It is the last of those that wait, and others come after it. */
static void
gives_up_what_waits_to_be_judged(void **state)
{
	struct offlinebed *bed = *state;
	const char *sent;

	hookbed_receive(bed->hooks, offlineshim_store_text(bed, USER, "x1",
							   "a@b/c"));
	hookbed_receive(bed->hooks, offlineshim_store_text(bed, USER, "x2",
							   "a@b/c"));
	sent = hookbed_receive(bed->hooks, "<message from='example' "
			"to='comp.example'><withdraw xmlns='urn:x-annex:0' "
			"user='" USER "'>x2</withdraw></message>");
	assert_non_null(strstr(sent, ">x2</forget>"));
	assert_int_equal(offlineshim_times(sent, "type='error'"), 1);
	hookbed_receive(bed->hooks, offlineshim_store_text(bed, USER, "x3",
							   "a@b/c"));
	fake_store_tell(bed->store);
	assert_int_equal(offlineshim_times(hookbed_sent(bed->hooks),
					   "type='result'"), 2);
	assert_int_equal(offlinebed_stored(bed, "id IN ('x1', 'x3')"), 2);
	assert_int_equal(offlinebed_stored(bed, "1"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(removes_and_forgets),
		OFFLINEBED_TEST(takes_a_line_each),
		OFFLINEBED_TEST(forgets_what_it_never_had),
		OFFLINEBED_TEST(makes_room),
		OFFLINEBED_TEST(forgets_nothing_that_it_could_not_remove),
		OFFLINEBED_TEST(says_nothing_to_a_shim_that_has_gone),
		OFFLINEBED_TEST(gives_up_what_waits_to_be_judged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_withdrawal", tests, NULL,
					   NULL);
}
