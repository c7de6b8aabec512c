#include "components/archive/journaling/receiver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int
set_up(void **state)
{
	struct receiver *receiver = malloc(sizeof(*receiver));

	if (receiver == NULL)
		return -1;
	receiver_init(receiver, "office");
	*state = receiver;
	return 0;
}

static int
tear_down(void **state)
{
	receiver_fini(*state);
	free(*state);
	return 0;
}

static void
takes_another_after_one(void **state)
{
	struct receiver *receiver = *state;

	assert_int_equal(receiver->taken, 0);
	assert_true(receiver_note(receiver, SMTP_TAKEN, NULL));
	assert_true(receiver->taken > 0);
	assert_null(receiver->trouble);
}

static void
is_left_alone_while_it_fails(void **state)
{
	struct receiver *receiver = *state;

	assert_false(receiver_note(receiver, SMTP_FAILED, "it is away"));
	assert_false(receiver_note(receiver, SMTP_FAILED, "no route"));
	assert_string_equal(receiver->trouble, "no route");
	/* That is about none of the mails. */
	assert_false(receiver_takes_none(receiver));
	assert_true(receiver_note(receiver, SMTP_TAKEN, NULL));
	assert_null(receiver->trouble);
}

/* Each may be that mail's fault, but not all. */
static void
is_so_when_it_takes_none(void **state)
{
	struct receiver *receiver = *state;

	for (int i = 0; i < 4; i++)
		assert_true(receiver_note(receiver, i % 2 == 0 ?
					  SMTP_REFUSED : SMTP_DEFERRED,
					  "554 no"));
	assert_false(receiver_takes_none(receiver));
	assert_null(receiver->trouble);
	assert_false(receiver_note(receiver, SMTP_REFUSED, "554 no"));
	assert_true(receiver_takes_none(receiver));
	assert_string_equal(receiver->trouble, "554 no");
	assert_false(receiver_note(receiver, SMTP_DEFERRED, "451 later"));
	assert_true(receiver_note(receiver, SMTP_TAKEN, NULL));
	assert_false(receiver_takes_none(receiver));
	assert_true(receiver_note(receiver, SMTP_REFUSED, "554 no"));
}

static void
is_left_alone_for_longer_each_time(void **state)
{
	struct receiver *receiver = *state;
	unsigned ms = 0;

	assert_int_equal(receiver_pause_ms(receiver), 1000);
	for (int i = 0; i < 20; i++)
		ms = receiver_pause_ms(receiver);
	assert_in_range(ms, 150000, 300000);
	receiver_forgive(receiver);
	assert_int_equal(receiver_pause_ms(receiver), 1000);
	receiver_pause_ms(receiver);
	receiver_note(receiver, SMTP_TAKEN, NULL);
	assert_int_equal(receiver_pause_ms(receiver), 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_another_after_one),
		TEST(is_left_alone_while_it_fails),
		TEST(is_so_when_it_takes_none),
		TEST(is_left_alone_for_longer_each_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_receiver", tests, NULL,
					   NULL);
}
