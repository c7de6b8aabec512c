#include "shared/archive_address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void
knows_what_it_was_told(void **state)
{
	struct archive_address *addresses = archive_address_new(10);
	char jid[] = "a@x";

	(void)state;
	assert_int_equal(archive_address_find(addresses, "a@x"), 0);
	archive_address_add(addresses, jid, 7);
	jid[0] = 'b';
	assert_int_equal(archive_address_find(addresses, "a@x"), 7);
	assert_int_equal(archive_address_find(addresses, "b@x"), 0);
	archive_address_add(addresses, "a@x", INT64_MAX);
	assert_true(archive_address_find(addresses, "a@x") == INT64_MAX);
	assert_int_equal(archive_address_count(addresses), 1);
	archive_address_free(&addresses);
	assert_null(addresses);
	archive_address_free(&addresses);
}

static void
forgets_what_nobody_wants(void **state)
{
	struct archive_address *addresses = archive_address_new(3);

	(void)state;
	archive_address_add(addresses, "a", 1);
	archive_address_add(addresses, "b", 2);
	archive_address_add(addresses, "c", 3);
	assert_int_equal(archive_address_find(addresses, "a"), 1);
	archive_address_add(addresses, "d", 4);
	assert_int_equal(archive_address_find(addresses, "b"), 0);
	assert_int_equal(archive_address_find(addresses, "a"), 1);
	assert_int_equal(archive_address_find(addresses, "c"), 3);
	archive_address_add(addresses, "e", 5);
	assert_int_equal(archive_address_find(addresses, "d"), 0);
	assert_int_equal(archive_address_count(addresses), 3);
	archive_address_free(&addresses);
}

static void
never_has_more_than_its_limit(void **state)
{
	struct archive_address *addresses = archive_address_new(1);
	char jid[16];

	(void)state;
	for (int i = 1; i <= 100; i++) {
		snprintf(jid, sizeof(jid), "%d@x", i);
		archive_address_add(addresses, jid, i);
		assert_int_equal(archive_address_count(addresses), 1);
		assert_int_equal(archive_address_find(addresses, jid), i);
	}
	archive_address_free(&addresses);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_it_was_told),
		cmocka_unit_test(forgets_what_nobody_wants),
		cmocka_unit_test(never_has_more_than_its_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_address", tests, NULL,
					   NULL);
}
