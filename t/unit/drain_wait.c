#include "shared/drain_wait.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct waiter {
	struct drain_wait wait;
	struct drain_waits *waits;
	unsigned told;
	struct waiter *other;	/* begins or ends when this one is told */
	bool begins;
};

static void
on_over(void *ctx)
{
	struct waiter *waiter = ctx;
	struct waiter *other = waiter->other;

	waiter->told++;
	if (other != NULL && waiter->begins)
		drain_wait_begin(waiter->waits, &other->wait, 1);
	else if (other != NULL)
		drain_wait_end(&other->wait);
}

static struct waiter
new_waiter(struct drain_waits *waits)
{
	return (struct waiter){ .waits = waits, .wait.fn = on_over };
}

static void
begin(struct waiter *waiter, uint64_t entries)
{
	waiter->wait.ctx = waiter;
	drain_wait_begin(waiter->waits, &waiter->wait, entries);
}

static void
leave(struct drain_waits *waits, uint64_t entries)
{
	waits->left += entries;
	drain_waits_tell(waits);
}

static void
tells_each_when_its_entries_have_left(void **state)
{
	struct drain_waits waits = { .left = 10 };
	struct waiter first = new_waiter(&waits), second = new_waiter(&waits);

	(void)state;
	begin(&first, 2);
	leave(&waits, 1);
	begin(&second, 3);
	assert_int_equal(first.told, 0);
	leave(&waits, 1);
	assert_int_equal(first.told, 1);
	assert_int_equal(second.told, 0);
	leave(&waits, 5);
	assert_int_equal(first.told, 1);
	assert_int_equal(second.told, 1);
	assert_null(waits.first);
}

static void
tells_nobody_who_has_ended(void **state)
{
	struct drain_waits waits = { 0 };
	struct waiter one = new_waiter(&waits);

	(void)state;
	drain_wait_end(&one.wait);
	begin(&one, 1);
	drain_wait_end(&one.wait);
	drain_wait_end(&one.wait);
	leave(&waits, 1);
	assert_int_equal(one.told, 0);
}

static void
lets_the_told_begin_and_end_others(void **state)
{
	struct drain_waits waits = { 0 };
	struct waiter first = new_waiter(&waits), second = new_waiter(&waits),
		      third = new_waiter(&waits);

	(void)state;
	begin(&first, 1);
	begin(&second, 1);
	third.wait.ctx = &third;
	first.other = &third;
	first.begins = true;
	second.other = &third;
	leave(&waits, 1);
	assert_int_equal(first.told, 1);
	assert_int_equal(second.told, 1);
	leave(&waits, 9);
	assert_int_equal(third.told, 0);
	assert_null(waits.first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_each_when_its_entries_have_left),
		cmocka_unit_test(tells_nobody_who_has_ended),
		cmocka_unit_test(lets_the_told_begin_and_end_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("drain_wait", tests, NULL, NULL);
}
