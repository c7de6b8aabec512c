#include "shared/archive_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/str.h"
#include "t/lib/bed.h"

static const struct archive_event kicked = {
	.mark = { .serial = 256, .stamp = 7, .uid = "u1" },
	.kind = ARCHIVE_EVENT_KICK, .sender = "ann@a", .resource = "1",
	.recipient = "r@muc/77", .about = "bob@a", .detail = "{\"nick\":\"B\"}",
};

/* They are in the database. */
static void
has_names_and_numbers_that_stay(void **state)
{
	static const char *const names[] = {
		NULL, "join", "leave", "kick", "invitation", "creation",
		"configuration", "affiliation", "destruction", "subscription",
		"file", "presence", "verdict", "removal",
	};

	(void)state;
	assert_int_equal(ARCHIVE_EVENTS, sizeof(names) / sizeof(names[0]));
	for (size_t i = 1; i < ARCHIVE_EVENTS; i++) {
		assert_string_equal(archive_event_name(i), names[i]);
		assert_int_equal(archive_event_find(names[i]), i);
	}
	assert_int_equal(archive_event_find("message"), ARCHIVE_EVENT_NONE);
	assert_int_equal(archive_event_find(""), ARCHIVE_EVENT_NONE);
}

static void
goes_through_a_journal(void **state)
{
	const struct archive_row in = archive_event_row(&kicked);
	struct archive_event event;
	struct str text = { 0 };
	struct archive_row out;
	struct error err;

	archive_row_print(&text, &in);
	assert_string_equal(text.data, "100 256 7 1 0 3 0 2:u15:ann@a8:r@muc/77"
			    "1:10:5:bob@a--12:{\"nick\":\"B\"}---");
	assert_int_equal(archive_row_parse(*state, text.data, text.len, &out,
					   &err), 0);
	event = archive_event_of(&out);
	assert_int_equal(event.kind, ARCHIVE_EVENT_KICK);
	assert_true(event.mark.serial == 256 && event.mark.stamp == 7);
	assert_string_equal(event.mark.uid, "u1");
	assert_string_equal(event.sender, "ann@a");
	assert_string_equal(event.resource, "1");
	assert_string_equal(event.recipient, "r@muc/77");
	assert_string_equal(event.about, "bob@a");
	assert_string_equal(event.detail, "{\"nick\":\"B\"}");
	str_fini(&text);
}

static void
leaves_out_what_is_too_long(void **state)
{
	char *text = malloc(ARCHIVE_EVENT_MAX + 2);
	struct archive_event event = kicked;
	struct archive_row row;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', ARCHIVE_EVENT_MAX + 1);
	text[ARCHIVE_EVENT_MAX + 1] = '\0';
	event.resource = event.detail = text;
	row = archive_event_row(&event);
	assert_string_equal(archive_event_of(&row).resource, "");
	assert_null(archive_event_of(&row).detail);
	event.resource = event.detail = text + 1;
	row = archive_event_row(&event);
	assert_string_equal(archive_event_of(&row).resource, text + 1);
	assert_string_equal(archive_event_of(&row).detail, text + 1);
	free(text);
}

static void
writes_details(void **state)
{
	assert_null(archive_event_detail(*state, NULL));
	assert_null(archive_event_detail(*state, json_object()));
	assert_string_equal(archive_event_detail(*state, json_pack(
		"{s:s, s:i}", "a", "\"", "b", 2)), "{\"a\":\"\\\"\",\"b\":2}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_names_and_numbers_that_stay),
		BED_ARENA_TEST(goes_through_a_journal),
		cmocka_unit_test(leaves_out_what_is_too_long),
		BED_ARENA_TEST(writes_details),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_event", tests, NULL,
					   NULL);
}
