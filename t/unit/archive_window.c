#include "components/archive/intake/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
set_up(void **state)
{
	struct window *window = malloc(sizeof(*window));

	assert_non_null(window);
	window_init(window, "example", NULL);
	*state = window;
	return 0;
}

static int
tear_down(void **state)
{
	window_fini(*state);
	free(*state);
	return 0;
}

/* One on its way. */
static struct copy *
add(struct window *window, uint64_t seq)
{
	uint64_t missing;
	struct copy *copy;

	assert_true(window_wants(window, seq, &missing));
	assert_int_equal(missing, 0);
	copy = window_add(window, seq, "text");
	assert_string_equal(copy->text, "text");
	copy->state = COPY_GIVEN;
	return copy;
}

static void
assert_acked(struct window *window, uint64_t seq, bool owes)
{
	assert_int_equal(window->acked, seq);
	assert_int_equal(window->owes, owes);
	window->owes = false;
}

static void
acknowledges_what_has_nothing_before_it(void **state)
{
	struct window *window = *state;
	struct copy *first = add(window, 1), *second = add(window, 2);
	struct copy *third = add(window, 3);

	window_settle(second);
	assert_acked(window, 0, false);
	window_settle(first);
	assert_acked(window, 2, true);
	window_settle(third);
	assert_acked(window, 3, true);
	assert_int_equal(window->bytes, 0);
}

static void
acknowledges_what_needs_nothing_in_its_turn(void **state)
{
	struct window *window = *state;
	struct copy *first;
	uint64_t missing;

	first = add(window, 1);
	assert_true(window_wants(window, 2, &missing));
	assert_null(window_add(window, 2, NULL));
	assert_acked(window, 0, false);
	window_settle(first);
	assert_acked(window, 2, true);
	assert_null(window_add(window, 3, NULL));
	assert_acked(window, 3, true);
}

static void
does_not_acknowledge_what_is_held(void **state)
{
	struct window *window = *state;
	struct copy *first = add(window, 1), *second = add(window, 2);

	assert_true(window_hold(first));
	assert_int_equal(first->state, COPY_HELD);
	window_settle(second);
	assert_acked(window, 0, false);
	first->state = COPY_GIVEN;
	window_settle(first);
	assert_acked(window, 2, true);
}

static void
takes_none_twice(void **state)
{
	struct window *window = *state;
	struct copy *first = add(window, 7), *second = add(window, 8);
	uint64_t missing;

	assert_false(window_wants(window, 7, &missing));
	assert_false(window_wants(window, 8, &missing));
	assert_acked(window, 6, false);
	window_settle(first);
	window_settle(second);
	assert_acked(window, 8, true);
	/* The shim does not know. */
	assert_false(window_wants(window, 8, &missing));
	assert_acked(window, 8, true);
}

static void
says_what_is_missing(void **state)
{
	struct window *window = *state;
	uint64_t missing;

	window_settle(add(window, 5));
	assert_true(window_wants(window, 9, &missing));
	assert_int_equal(missing, 3);
	/* Once. */
	window_settle(window_add(window, 9, "text"));
	window_settle(add(window, 10));
}

/* The copies in between were not acknowledged either. */
static void
says_what_is_missing_after_a_reset(void **state)
{
	struct window *window = *state;
	uint64_t missing;

	window_settle(add(window, 5));
	window_hold(add(window, 6));
	window_reset(window);
	assert_true(window_wants(window, 8, &missing));
	assert_int_equal(missing, 2);
	window_add(window, 8, "text");
	window_reset(window);
	assert_true(window_wants(window, 8, &missing));
	assert_int_equal(missing, 0);
	window_add(window, 8, "text");
	window_reset(window);
	assert_true(window_wants(window, 10, &missing));
	assert_int_equal(missing, 2);
}

static void
says_what_is_missing_of_what_is_counted_anew(void **state)
{
	struct window *window = *state;
	uint64_t missing;

	window_settle(add(window, 5));
	window_restart(window);
	assert_true(window_wants(window, 3, &missing));
	assert_int_equal(missing, 2);
}

static void
tells_once_of_those_that_were_lost(void **state)
{
	struct window *window = *state;

	window_hold(add(window, 5));
	assert_true(window_loses(window, 5));
	window_reset(window);
	assert_false(window_loses(window, 5));
	assert_true(window_loses(window, 6));
	window_restart(window);
	assert_true(window_loses(window, 1));
}

static void
forgets_all_when_it_is_reset(void **state)
{
	struct window *window = *state;
	struct copy *given, *held;

	given = add(window, 5);
	held = add(window, 6);
	window_hold(held);
	window_reset(window);
	assert_int_equal(window->bytes, 0);
	assert_null(given->window);
	/* It comes again. */
	window_settle(given);
	assert_acked(window, 4, false);
	window_settle(add(window, 5));
	assert_acked(window, 5, true);
	window_restart(window);
	assert_acked(window, 0, false);
	window_settle(add(window, 1));
	assert_acked(window, 1, true);
}

static void
holds_nothing_that_nobody_wants_to_know_of(void **state)
{
	struct window *window = *state;
	struct copy *copy = add(window, 1);

	window_reset(window);
	assert_false(window_hold(copy));
}

static void
takes_no_more_than_it_can_hold(void **state)
{
	struct window *window = *state;
	char *text = calloc(1, WINDOW_BYTES / 4);
	uint64_t seq = 1, missing;
	struct copy *first = NULL, *copy;

	assert_non_null(text);
	memset(text, 'x', WINDOW_BYTES / 4 - 1);
	window_restart(window);
	while ((copy = window_add(window, seq, text)) != NULL) {
		first = first == NULL ? copy : first;
		seq++;
	}
	assert_int_equal(seq, 4);
	assert_int_equal(window->refused, 4);
	assert_false(window_is_over(window));
	assert_true(window->bytes <= WINDOW_BYTES);
	/* Nor what is small: it would be acknowledged with what is lost. */
	window_settle(first);
	assert_false(window_wants(window, 5, &missing));
	/* All that came is known when it comes again. */
	assert_false(window_wants(window, 3, &missing));
	assert_true(window_wants(window, 4, &missing));
	assert_int_equal(missing, 0);
	assert_non_null(window_add(window, 4, text));
	assert_int_equal(window->refused, 0);
	assert_true(window_wants(window, 5, &missing));
	assert_null(window_add(window, 5, text));
	window_reset(window);
	assert_int_equal(window->refused, 0);
	assert_true(window_wants(window, 2, &missing));
	free(text);
}

static void
is_over_when_nothing_waits_but_what_it_refused(void **state)
{
	struct window *window = *state;
	char *text = calloc(1, WINDOW_BYTES);
	struct copy *first;

	assert_non_null(text);
	memset(text, 'x', WINDOW_BYTES - 1);
	first = add(window, 1);
	assert_null(window_add(window, 2, text));
	assert_false(window_is_over(window));
	window_hold(first);
	assert_false(window_is_over(window));
	window_settle(first);
	assert_true(window_is_over(window));
	window_reset(window);
	assert_false(window_is_over(window));
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(acknowledges_what_has_nothing_before_it),
		TEST(acknowledges_what_needs_nothing_in_its_turn),
		TEST(does_not_acknowledge_what_is_held),
		TEST(takes_none_twice),
		TEST(says_what_is_missing),
		TEST(says_what_is_missing_after_a_reset),
		TEST(says_what_is_missing_of_what_is_counted_anew),
		TEST(tells_once_of_those_that_were_lost),
		TEST(forgets_all_when_it_is_reset),
		TEST(holds_nothing_that_nobody_wants_to_know_of),
		TEST(takes_no_more_than_it_can_hold),
		TEST(is_over_when_nothing_waits_but_what_it_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_window", tests, NULL,
					   NULL);
}
