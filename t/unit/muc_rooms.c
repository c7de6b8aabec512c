#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/listing.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "shared/dispatch.h"
#include "shared/xml.h"
#include "t/lib/fake_store.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define NS "http://jabber.org/protocol/disco#items"
#define QUERY(rest) \
	"<iq from='" OUT "' to='muc.example' type='get' id='1'>" \
	"<query xmlns='" NS "'" rest "</iq>"
#define ALL QUERY("/>")
#define SET(children) \
	"<set xmlns='http://jabber.org/protocol/rsm'>" children "</set>"
#define PAGE(children) QUERY(">" SET(children) "</query>")
#define LIST(items) \
	"<iq from='muc.example' to='" OUT "' type='result' id='1'>" \
	"<query xmlns='" NS "'" items "</iq>\n"
#define ROOM(jid, name) "<item jid='" jid "' name='" name "'/>"

static struct room *
add(struct mucbed *bed, const char *jid, const char *name, bool persistent)
{
	struct room *room = mucbed_room(bed, jid);

	assert_int_equal(options_set(&room->options, "roomname", name,
				     &bed->err), 0);
	room->options.persistentroom = persistent;
	roomstore_save(room);
	return room;
}

/* Section 6.3: public rooms, in the order of their addresses' bytes, whether
   stored for good, temporary, or not in memory. */
static void
lists_rooms(void **state)
{
	struct mucbed *bed = *state;

	assert_string_equal(mucbed_receive(bed, ALL), LIST("/>"));
	add(bed, "s@muc.example", "S & T", true);
	add(bed, "\xc3\xa4@muc.example", "", true);
	add(bed, "a@muc.example", "", true);
	mucbed_restart(bed);
	add(bed, "z@muc.example", "", true);
	add(bed, "r@muc.example", "", false);
	add(bed, "a-b@muc.example", "<'&\">", false);
	add(bed, "h@muc.example", "", true)->options.publicroom = false;
	add(bed, "i@muc.example", "", false)->options.publicroom = false;
	add(bed, "l@muc.example", "", true)->state = ROOM_LOCKED;
	add(bed, "m@muc.example", "", false)->state = ROOM_LOCKED;
	assert_string_equal(mucbed_receive(bed, ALL),
		LIST(">" ROOM("a-b@muc.example",
			      "&lt;&apos;&amp;&quot;&gt;")
		     ROOM("a@muc.example", "a") ROOM("r@muc.example", "r")
		     ROOM("s@muc.example", "S &amp; T")
		     ROOM("z@muc.example", "z")
		     ROOM("\xc3\xa4@muc.example", "\xc3\xa4") "</query>"));
}

/* What has changed a moment ago, which mucbed_receive() would write first. */
static const char *
list_at_once(struct mucbed *bed)
{
	struct arena *arena = arena_new();

	mucbed_sent(bed);
	dispatch_stanza(bed->dispatch, arena,
			xml_copy(arena, mucbed_xml(bed, ALL)));
	fake_store_tell(bed->runtime.store);
	return mucbed_sent(bed);
}

static void
lists_no_room_twice(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = add(bed, "r@muc.example", "", true);

	for (int i = 0; i < 4; i++) {
		assert_string_equal(list_at_once(bed),
			LIST(">" ROOM("r@muc.example", "r") "</query>"));
		room->options.persistentroom = i % 2 != 0;
		roomstore_save(room);
	}
	room_destroy(&room, bed->arena, NULL, NULL, NULL);
	assert_string_equal(list_at_once(bed), LIST("/>"));
}

/* Another domain's rooms may be in the same database. */
static void
lists_its_own(void **state)
{
	struct mucbed *bed = *state;

	add(bed, "r@muc.example", "", true);
	add(bed, "s@muc.example", "", true);
	mucbed_restart(bed);
	fake_store_ask(bed->runtime.store, "UPDATE muc_room SET "
		       "domain = 'x.example' WHERE jid = 's@muc.example'");
	assert_string_equal(mucbed_receive(bed, PAGE("")),
		LIST(">" ROOM("r@muc.example", "r")
		     SET("<first>r@muc.example</first>"
			 "<last>r@muc.example</last><count>1</count>")
		     "</query>"));
}

/* XEP-0059, over what is stored and what is not. */
static const struct {
	const char *asked;
	const char *rooms, *set;
} pages[] = {
	{ PAGE("<max>2</max>"),
	  ROOM("a@muc.example", "a") ROOM("b@muc.example", "b"),
	  "<first>a@muc.example</first><last>b@muc.example</last>" },
	{ PAGE("<max>2</max><after>b@muc.example</after>"),
	  ROOM("c@muc.example", "c") ROOM("d@muc.example", "d"),
	  "<first>c@muc.example</first><last>d@muc.example</last>" },
	{ PAGE("<max>2</max><after>d@muc.example</after>"), "", "" },
	{ PAGE("<max>3</max><before/>"),
	  ROOM("b@muc.example", "b") ROOM("c@muc.example", "c")
	  ROOM("d@muc.example", "d"),
	  "<first>b@muc.example</first><last>d@muc.example</last>" },
	{ PAGE("<max>2</max><before>d@muc.example</before>"),
	  ROOM("b@muc.example", "b") ROOM("c@muc.example", "c"),
	  "<first>b@muc.example</first><last>c@muc.example</last>" },
	{ PAGE("<max>2</max><before>a@muc.example</before>"), "", "" },
	{ PAGE("<max>0</max>"), "", "" },
	{ PAGE("<max>0</max><before/>"), "", "" },
	{ PAGE("<max>1</max><after/>"), ROOM("a@muc.example", "a"),
	  "<first>a@muc.example</first><last>a@muc.example</last>" },
	/* Those may have ended that stood there, or never been. */
	{ PAGE("<max>1</max><after>bb@muc.example</after>"),
	  ROOM("c@muc.example", "c"),
	  "<first>c@muc.example</first><last>c@muc.example</last>" },
	{ PAGE("<after>z' OR '' = '</after>"), "", "" },
	{ PAGE("<max>2147483647</max><before>\xf0\x9f\x8c\x99</before>"),
	  ROOM("a@muc.example", "a") ROOM("b@muc.example", "b")
	  ROOM("c@muc.example", "c") ROOM("d@muc.example", "d"),
	  "<first>a@muc.example</first><last>d@muc.example</last>" },
};

static void
pages_through_rooms(void **state)
{
	struct mucbed *bed = *state;

	add(bed, "a@muc.example", "", true);
	add(bed, "b@muc.example", "", false);
	add(bed, "c@muc.example", "", true);
	add(bed, "d@muc.example", "", false);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		assert_string_equal(mucbed_receive(bed, pages[i].asked),
			arena_printf(bed->arena,
				     LIST(">%s" SET("%s<count>4</count>")
					  "</query>"),
				     pages[i].rooms, pages[i].set));
}

/* Who does not ask for pages gets one, and learns that it is not all. */
static void
bounds_a_page(void **state)
{
	struct mucbed *bed = *state;
	const char *sent;

	for (int i = 0; i < 200; i++)
		add(bed, arena_printf(bed->arena, "%03d@muc.example", i), "",
		    i % 2 == 0);
	assert_null(strstr(mucbed_receive(bed, ALL), "<set"));
	add(bed, "200@muc.example", "", false);
	sent = mucbed_receive(bed, ALL);
	assert_non_null(strstr(sent, ROOM("199@muc.example", "199")
		SET("<first>000@muc.example</first>"
		    "<last>199@muc.example</last><count>201</count>")));
	sent = mucbed_receive(bed, PAGE("<max>1000</max><before/>"));
	assert_null(strstr(sent, "'000@muc.example'"));
	assert_non_null(strstr(sent, "<first>001@muc.example</first>"
				     "<last>200@muc.example</last>"));
}

static const struct {
	const char *stanza, *errors;
} refusals[] = {
	{ QUERY(" node='x'/>"), " item-not-found" },
	{ PAGE("<max>2</max><index>1</index>"), " feature-not-implemented" },
	{ PAGE("<max>-1</max>"), " bad-request" },
	{ PAGE("<max>2147483648</max>"), " bad-request" },
	{ PAGE("<max>99999999999999999999</max>"), " bad-request" },
	{ PAGE("<max>many</max>"), " bad-request" },
	{ PAGE("<max/>"), " bad-request" },
	{ PAGE("<before/><after>a@muc.example</after>"), " bad-request" },
};

static void
refuses(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const char *errors = mucbed_errors(bed, refusals[i].stanza);

		if (strcmp(errors, refusals[i].errors) != 0)
			fail_msg("%s:%s", refusals[i].stanza, errors);
	}
	fake_store_set_away(bed->runtime.store, true);
	assert_string_equal(mucbed_errors(bed, ALL), " resource-constraint");
	fake_store_set_away(bed->runtime.store, false);
	assert_string_equal(mucbed_errors(bed, ALL), "");
}

#define ONE PAGE("<max>1</max>")

/* Of many, once a minute is enough. */
static void
counts_no_more_than_it_must(void **state)
{
	struct mucbed *bed = *state;

	add(bed, "p@muc.example", "", false);
	add(bed, "q@muc.example", "", true);
	assert_non_null(strstr(mucbed_receive(bed, ONE), "<count>2</count>"));
	listing_counted(&bed->muc->listing, LISTING_FEW + 1,
			uv_now(&bed->loop));
	assert_non_null(strstr(mucbed_receive(bed, ONE),
			       "<count>1002</count>"));
	/* Without knowing, it does without. */
	bed->muc->listing.counted = false;
	bed->muc->listing.counting = true;
	assert_null(strstr(mucbed_receive(bed, ONE), "<count>"));
	assert_non_null(strstr(mucbed_receive(bed, ONE),
			       "<last>p@muc.example</last>"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(lists_rooms),
		TEST(lists_no_room_twice),
		TEST(lists_its_own),
		TEST(pages_through_rooms),
		TEST(bounds_a_page),
		TEST(refuses),
		TEST(counts_no_more_than_it_must),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_rooms", tests, NULL, NULL);
}
