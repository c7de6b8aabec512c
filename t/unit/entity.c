#include "shared/entity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/component.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const char *const nobody[] = { NULL };
static const struct component_settings plain = {
	.title = "Tests & more", .admins = nobody,
};
static const struct component component = {
	.name = "test", .category = "conference", .type = "text",
};

/* In place of shared/dispatch.c: the last answer, as text. */
static struct str answered;
static unsigned answers;

void
request_reply(struct request *req, struct xml *payload)
{
	(void)req;
	str_clear(&answered);
	answers++;
	if (payload != NULL)
		xml_print(&answered, payload, NS_CLIENT);
	else
		str_addz(&answered, "(empty)");
}

/* Asks with an element of that name and, if not NULL, that node. */
static int
ask(struct arena *arena, struct entity *entity, const char *ns,
    const char *name, const char *node, struct error *err)
{
	struct request req = { .arena = arena, .stanza.type = "get" };

	answers = 0;
	req.payload = xml_new(arena, ns, name);
	xml_set(arena, req.payload, "node", node);
	return entity_on_get(&req, entity, err);
}

static const char *
answer(struct arena *arena, struct entity *entity, const char *ns,
       const char *name)
{
	struct error err = { 0 };

	assert_int_equal(ask(arena, entity, ns, name, NULL, &err), 0);
	assert_int_equal(answers, 1);
	return answered.data;
}

#define USUAL_FEATURES \
	"<feature var='http://jabber.org/protocol/commands'/>" \
	"<feature var='http://jabber.org/protocol/disco#info'/>" \
	"<feature var='http://jabber.org/protocol/disco#items'/>" \
	"<feature var='jabber:iq:last'/>" \
	"<feature var='urn:xmpp:ping'/>" \
	"<feature var='urn:xmpp:time'/>" \
	"<feature var='jabber:iq:version'/>"
#define INFO(identity, rest) \
	"<query xmlns='http://jabber.org/protocol/disco#info'>" \
	"<identity category='conference' type='text' " identity "/>" \
	USUAL_FEATURES rest "</query>"

static void
says_what_it_is(void **state)
{
	static const char *const features[] = {
		"urn:f", NS_PING, "urn:xmpp:ping:2", NS_DISCO_INFO, NULL
	};
	struct component more = component;
	struct entity entity;

	entity_init(&entity, &component, &plain);
	assert_string_equal(answer(*state, &entity, NS_DISCO_INFO, "query"),
			    INFO("name='Tests &amp; more'", ""));
	assert_string_equal(answer(*state, &entity, NS_DISCO_ITEMS, "query"),
		"<query xmlns='http://jabber.org/protocol/disco#items'/>");

	/* None of them twice. */
	more.features = features;
	entity_init(&entity, &more, &plain);
	assert_string_equal(answer(*state, &entity, NS_DISCO_INFO, "query"),
			    INFO("name='Tests &amp; more'",
				 "<feature var='urn:f'/>"
				 "<feature var='urn:xmpp:ping:2'/>"));
}

/* Settings are those in force, as a reload makes them. */
static void
says_what_it_has_become(void **state)
{
	static const struct component_settings renamed = {
		.title = "Other", .admins = nobody,
	};
	struct entity entity;

	entity_init(&entity, &component, &plain);
	entity.settings = &renamed;
	assert_string_equal(answer(*state, &entity, NS_DISCO_INFO, "query"),
			    INFO("name='Other'", ""));
}

static const struct {
	const char *address, *uri;
} addresses[] = {
	{ "ann@b.c", "xmpp:ann@b.c" },
	{ "b.c", "xmpp:b.c" },
	{ "AZaz09-._~!$()*+,;=@:[]", "xmpp:AZaz09-._~!$()*+,;=@:[]" },
	{ "o'hara%x@b.c/d e", "xmpp:o%27hara%25x@b.c%2Fd%20e" },
	{ "a@b.c?message;body=x#y", "xmpp:a@b.c%3Fmessage;body=x%23y" },
	{ "a&amp;<b>\"@c", "xmpp:a%26amp;%3Cb%3E%22@c" },
	{ "\\^`{|}\x7f", "xmpp:%5C%5E%60%7B%7C%7D%7F" },
	{ "j\xc3\xbcrgen@\xe4\xbe\x8b", "xmpp:j%C3%BCrgen@%E4%BE%8B" },
	{ "\x01\xff", "xmpp:%01%FF" },
	{ "", "xmpp:" },
};

static void
contacts_are_uris(void **state)
{
	struct str want = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		const char *const admins[] = {
			"first@b.c", addresses[i].address, NULL
		};
		const struct component_settings settings = {
			.title = "x", .admins = admins,
		};
		struct entity entity;

		entity_init(&entity, &component, &settings);
		str_clear(&want);
		str_addf(&want, INFO("name='x'",
			 "<x xmlns='jabber:x:data' type='result'>"
			 "<field type='hidden' var='FORM_TYPE'><value>"
			 "http://jabber.org/network/serverinfo"
			 "</value></field><field type='list-multi' "
			 "var='admin-addresses'>"
			 "<value>xmpp:first@b.c</value>"
			 "<value>%s</value></field></x>"), addresses[i].uri);
		assert_string_equal(answer(*state, &entity, NS_DISCO_INFO,
					   "query"), want.data);
	}
	str_fini(&want);
}

static void
has_no_nodes(void **state)
{
	static const char *const kinds[] = { NS_DISCO_INFO, NS_DISCO_ITEMS };
	struct entity entity;

	entity_init(&entity, &component, &plain);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct error err = { 0 };

		assert_int_equal(ask(*state, &entity, kinds[i], "query", "n",
				     &err), -1);
		assert_int_equal(err.cond, ERROR_ITEM_NOT_FOUND);
		assert_int_equal(answers, 0);
		assert_int_equal(ask(*state, &entity, kinds[i], "query", "",
				     &err), 0);
		assert_int_equal(answers, 1);
	}
}

static void
answers_small_questions(void **state)
{
	struct entity entity;

	entity_init(&entity, &component, &plain);
	assert_string_equal(answer(*state, &entity, NS_PING, "ping"),
			    "(empty)");
	assert_string_equal(answer(*state, &entity, NS_VERSION, "query"),
			    "<query xmlns='jabber:iq:version'>"
			    "<name>annex-test</name>"
			    "<version>" PACKAGE_VERSION "</version></query>");
}

static const struct {
	uint64_t ms;
	const char *seconds;
} uptimes[] = {
	{ 0, "0" },
	{ 500, "0" },
	{ 1100, "1" },
	{ 90500, "90" },
	{ 5000000000500, "5000000000" },
};

static void
counts_from_its_start(void **state)
{
	struct str want = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(uptimes); i++) {
		struct entity entity;

		entity_init(&entity, &component, &plain);
		entity.started_ms -= uptimes[i].ms;
		str_clear(&want);
		str_addf(&want, "<query xmlns='jabber:iq:last' "
			 "seconds='%s'/>", uptimes[i].seconds);
		assert_string_equal(answer(*state, &entity, NS_LAST, "query"),
				    want.data);
	}
	str_fini(&want);
}

static void
tells_the_time_in_utc(void **state)
{
	static const char head[] = "<time xmlns='urn:xmpp:time'>"
				   "<tzo>+00:00</tzo><utc>";
	time_t before = time(NULL), told;
	struct entity entity;
	struct tm tm = { 0 };
	const char *text, *end;

	entity_init(&entity, &component, &plain);
	text = answer(*state, &entity, NS_TIME, "time");
	assert_memory_equal(text, head, strlen(head));
	end = strptime(text + strlen(head), "%Y-%m-%dT%H:%M:%SZ", &tm);
	assert_non_null(end);
	assert_string_equal(end, "</utc></time>");
	told = timegm(&tm);
	assert_true(told >= before && told <= time(NULL));
}

static const struct {
	const char *ns, *name;
} others[] = {
	{ "urn:x", "query" },
	{ "", "query" },
	{ NS_CLIENT, "ping" },
	{ NS_PING, "query" },
	{ NS_PING, "PING" },
	{ NS_TIME, "query" },
	{ NS_VERSION, "version" },
	{ NS_DISCO_INFO, "info" },
	{ "urn:xmpp:ping ", "ping" },
};

static void
declines_the_rest(void **state)
{
	struct request empty = { .arena = *state, .stanza.type = "get" };
	struct error err = { 0 };
	struct entity entity;

	entity_init(&entity, &component, &plain);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		assert_int_equal(ask(*state, &entity, others[i].ns,
				     others[i].name, NULL, &err),
				 HANDLER_DECLINE);
		assert_int_equal(answers, 0);
	}
	assert_int_equal(entity_on_get(&empty, &entity, &err),
			 HANDLER_DECLINE);
	assert_int_equal(answers, 0);
}

static int
end(void **state)
{
	(void)state;
	str_fini(&answered);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(says_what_it_is),
		BED_ARENA_TEST(says_what_it_has_become),
		BED_ARENA_TEST(contacts_are_uris),
		BED_ARENA_TEST(has_no_nodes),
		BED_ARENA_TEST(answers_small_questions),
		BED_ARENA_TEST(counts_from_its_start),
		BED_ARENA_TEST(tells_the_time_in_utc),
		BED_ARENA_TEST(declines_the_rest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("entity", tests, NULL, end);
}
