#include "shared/archive_about.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/ns.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *children;
	const char *name, *id;	/* NULL: it is about none */
} cases[] = {
	{ "<body>hi</body>", NULL, NULL },
	{ "<body>hi</body><replace xmlns='urn:xmpp:message-correct:0' "
	  "id='a1'/>", "edit", "a1" },
	{ "<retract xmlns='urn:xmpp:message-retract:1' id='a1'/>",
	  "retraction", "a1" },
	{ "<reactions xmlns='urn:xmpp:reactions:0' id='a1'>"
	  "<reaction>x</reaction></reactions>", "reaction", "a1" },
	{ "<reactions xmlns='urn:xmpp:reactions:0' id='a1'/>", "reaction",
	  "a1" },
	{ "<apply-to xmlns='urn:xmpp:fasten:0' id='a1'/>", "fastening",
	  "a1" },
	{ "<reply xmlns='urn:xmpp:reply:0' to='a@b' id='a1'/>", "reply",
	  "a1" },
	{ "<received xmlns='urn:xmpp:receipts' id='a1'/>", "receipt", "a1" },
	{ "<displayed xmlns='urn:xmpp:chat-markers:0' id='a1'/>",
	  "displayed", "a1" },
	/* Several. */
	{ "<reply xmlns='urn:xmpp:reply:0' id='r'/>"
	  "<replace xmlns='urn:xmpp:message-correct:0' id='e'/>", "edit",
	  "e" },
	{ "<replace xmlns='urn:xmpp:message-correct:0' id='e'/>"
	  "<retract xmlns='urn:xmpp:message-retract:1' id='t'/>",
	  "retraction", "t" },
	/* No such thing. */
	{ "<replace xmlns='urn:xmpp:message-correct:0'/>", NULL, NULL },
	{ "<replace xmlns='urn:xmpp:message-correct:0' id=''/>", NULL, NULL },
	{ "<replace xmlns='urn:xmpp:message-correct:0'/>"
	  "<reply xmlns='urn:xmpp:reply:0' id='r'/>", "reply", "r" },
	{ "<replace xmlns='urn:xmpp:message-correct:1' id='a1'/>", NULL,
	  NULL },
	{ "<replace id='a1'/>", NULL, NULL },
	{ "<request xmlns='urn:xmpp:receipts' id='a1'/>", NULL, NULL },
	{ "<markable xmlns='urn:xmpp:chat-markers:0' id='a1'/>", NULL, NULL },
	{ "<x><replace xmlns='urn:xmpp:message-correct:0' id='a1'/></x>",
	  NULL, NULL },
};

static void
tells_what_a_message_is_about(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *text = arena_printf(*state, "<message>%s"
						"</message>",
						cases[i].children);
		enum archive_relation relation;
		const char *id = archive_about_find(
			bed_xml(*state, NS_CLIENT, text), &relation);

		if (cases[i].id == NULL) {
			assert_null(id);
			assert_int_equal(relation, ARCHIVE_ABOUT_NONE);
			continue;
		}
		assert_non_null(id);
		assert_string_equal(id, cases[i].id);
		assert_string_equal(archive_about_name(relation),
				    cases[i].name);
	}
}

static void
goes_by_no_id_without_end(void **state)
{
	static char id[ARCHIVE_ABOUT_MAX + 2];
	enum archive_relation relation;

	for (size_t len = ARCHIVE_ABOUT_MAX; len <= ARCHIVE_ABOUT_MAX + 1;
	     len++) {
		const char *text, *found;

		memset(id, 'x', len);
		text = arena_printf(*state, "<message><reply "
				    "xmlns='urn:xmpp:reply:0' id='%s'/>"
				    "</message>", id);
		found = archive_about_find(bed_xml(*state, NS_CLIENT, text),
					   &relation);
		assert_int_equal(found != NULL, len == ARCHIVE_ABOUT_MAX);
	}
}

static void
has_no_name_for_what_is_none(void **state)
{
	(void)state;
	assert_null(archive_about_name(ARCHIVE_ABOUT_NONE));
	assert_null(archive_about_name(
		(enum archive_relation)(ARCHIVE_DISPLAYED + 1)));
	assert_null(archive_about_name((enum archive_relation)255));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(tells_what_a_message_is_about),
		BED_ARENA_TEST(goes_by_no_id_without_end),
		BED_ARENA_TEST(has_no_name_for_what_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_about", tests, NULL,
					   NULL);
}
