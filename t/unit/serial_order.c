#include "shared/serial_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NOW 1795976662000000	/* 2026-11-29 */

struct entry {
	int64_t id, put, given;	/* microseconds from NOW on */
};

/* Behind another's of the same time. */
static void
begin(struct serial_order *order, int64_t stored)
{
	serial_order_init(order, 3, stored == 0 ? 0 :
			  (NOW + stored) * 256 + 200);
}

static void
read_all(struct serial_order *order, const struct entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_true(serial_order_of(order, entries[i].id,
					    NOW + entries[i].put) ==
			    (NOW + entries[i].given) * 256 + 3);
}

static void
tells_when_an_entry_was_put_in(void **state)
{
	static const struct entry entries[] = {
		{ 7, 0, 0 }, { 8, 1, 1 }, { 20, 500, 500 },
	};
	struct serial_order order;

	(void)state;
	begin(&order, 0);
	read_all(&order, entries, ARRAY_LEN(entries));
	begin(&order, -1);
	read_all(&order, entries, ARRAY_LEN(entries));
}

static void
goes_on_behind_what_is_stored(void **state)
{
	static const struct entry entries[] = {
		{ 1, 0, 1001 }, { 2, 1, 1002 }, { 4, 999, 1004 },
		{ 5, 1010, 1010 }, { 6, 1011, 1011 },
	};
	struct serial_order order;

	(void)state;
	begin(&order, 1000);
	read_all(&order, entries, ARRAY_LEN(entries));
}

static void
goes_on_behind_what_another_process_put_in(void **state)
{
	static const struct entry entries[] = {
		{ 1, 5000, 5000 }, { 2, 5001, 5001 }, { 3, 0, 5002 },
		{ 4, 3000, 5003 }, { 6, 5001, 5005 }, { 7, 6000, 6000 },
		{ 8, 6000, 6001 }, { 9, 10, 6002 },
	};
	struct serial_order order;

	(void)state;
	begin(&order, 0);
	read_all(&order, entries, ARRAY_LEN(entries));
}

/* From any place on: those before it were stored meanwhile. */
static void
gives_the_same_again(void **state)
{
	static const struct entry entries[] = {
		{ 1, 0, 101 }, { 2, 1, 102 }, { 3, 200, 200 },
		{ 4, 9, 201 }, { 5, 10, 202 }, { 6, 300, 300 },
	};
	static const struct entry next[] = { { 7, 8, 301 } };
	struct serial_order order;

	(void)state;
	begin(&order, 100);
	read_all(&order, entries, ARRAY_LEN(entries));
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		read_all(&order, entries + i, ARRAY_LEN(entries) - i);
	read_all(&order, next, ARRAY_LEN(next));
	read_all(&order, entries, ARRAY_LEN(entries));
	read_all(&order, next, ARRAY_LEN(next));
}

/* Set back before every second entry, many times. */
static void
read_pair(struct serial_order *order, int64_t n)
{
	const struct entry pair[] = {
		{ 2 * n + 1, 0, 1000 * n + 1 }, { 2 * n + 2, 1000 * n + 1000,
						  1000 * n + 1000 },
	};

	read_all(order, pair, ARRAY_LEN(pair));
}

static void
remembers_the_latest(void **state)
{
	const int64_t many = 5 * SERIAL_ORDER_STEPS;
	struct serial_order order;

	(void)state;
	begin(&order, 0);
	read_all(&order, &(struct entry){ 2, 1000, 1000 }, 1);
	for (int64_t n = 1; n < many; n++)
		read_pair(&order, n);
	for (int64_t n = many - SERIAL_ORDER_STEPS; n < many; n++)
		read_pair(&order, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_when_an_entry_was_put_in),
		cmocka_unit_test(goes_on_behind_what_is_stored),
		cmocka_unit_test(goes_on_behind_what_another_process_put_in),
		cmocka_unit_test(gives_the_same_again),
		cmocka_unit_test(remembers_the_latest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("serial_order", tests, NULL, NULL);
}
