#include "components/archive/intake/reminder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
is_due_again_after_the_pause(void **state)
{
	struct reminders *reminders = reminders_new(10);

	(void)state;
	assert_true(reminder_is_due(reminders, "a", 1000, 100));
	assert_false(reminder_is_due(reminders, "a", 1099, 100));
	assert_true(reminder_is_due(reminders, "b", 1099, 100));
	assert_true(reminder_is_due(reminders, "a", 1100, 100));
	assert_false(reminder_is_due(reminders, "a", 1150, 100));
	assert_true(reminder_is_due(reminders, "a", 1150, 50));
	reminders_free(&reminders);
	assert_null(reminders);
	reminders_free(&reminders);
}

static void
forgets_what_was_done_first(void **state)
{
	struct reminders *reminders = reminders_new(2);

	(void)state;
	assert_true(reminder_is_due(reminders, "a", 1, 10));
	assert_true(reminder_is_due(reminders, "b", 2, 10));
	assert_true(reminder_is_due(reminders, "a", 11, 10));
	assert_true(reminder_is_due(reminders, "c", 11, 10));
	assert_false(reminder_is_due(reminders, "a", 11, 10));
	assert_true(reminder_is_due(reminders, "b", 11, 10));
	reminders_free(&reminders);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_due_again_after_the_pause),
		cmocka_unit_test(forgets_what_was_done_first),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_reminder", tests, NULL,
					   NULL);
}
