#include "components/archive/format/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/archive_row.h"
#include "t/lib/bed.h"

static const struct {
	unsigned ways, flags;
	const char *copies;
} cases[] = {
	{ ARCHIVE_SENT, 0, "sent" },
	{ ARCHIVE_SENT | ARCHIVE_RECEIVED | ARCHIVE_SHOWN, 0,
	  "sent, received, shown" },
	{ ARCHIVE_UNSEEN(ARCHIVE_SENT), 0, "unseen sent" },
	{ ARCHIVE_SENT | ARCHIVE_UNSEEN(ARCHIVE_RECEIVED), 0,
	  "sent, unseen received" },
	/* One of them is seen. */
	{ ARCHIVE_SENT | ARCHIVE_UNSEEN(ARCHIVE_SENT), 0, "sent" },
	{ ARCHIVE_UNSEEN(ARCHIVE_SHOWN) | ARCHIVE_CONCEALED, 0,
	  "unseen shown, removed" },
	{ ARCHIVE_SENT, ARCHIVE_ERASED | ARCHIVE_REST_LOST,
	  "sent, removed, cut" },
	{ ARCHIVE_SENT, ARCHIVE_ENCRYPTED | ARCHIVE_BODY_IN_REST, "sent" },
	{ 0, 0, "" },
};

static void
tells_which_copies_there_were(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct archive_row row = {
			.mark = { .ways = cases[i].ways,
				  .flags = cases[i].flags },
		};

		assert_string_equal(record_copies_line(*state, &row),
				    cases[i].copies);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(tells_which_copies_there_were),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_record", tests, NULL,
					   NULL);
}
