#include "shared/handler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/xml.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static void
kinds_are_of_element_and_type(void **state)
{
	static const struct {
		enum stanza_kind kind;
		const char *type;
		enum handler_kind wanted;
	} cases[] = {
		{ STANZA_MESSAGE, "normal", MESSAGE },
		{ STANZA_MESSAGE, "chat", MESSAGE },
		{ STANZA_MESSAGE, "headline", MESSAGE },
		{ STANZA_MESSAGE, "unheard-of", MESSAGE },
		{ STANZA_MESSAGE, "groupchat", MESSAGE_GROUPCHAT },
		{ STANZA_MESSAGE, "error", MESSAGE_ERROR },
		{ STANZA_PRESENCE, "", PRESENCE },
		{ STANZA_PRESENCE, "unavailable", PRESENCE },
		{ STANZA_PRESENCE, "probe", PRESENCE_SUBSCRIPTION },
		{ STANZA_PRESENCE, "unsubscribed", PRESENCE_SUBSCRIPTION },
		{ STANZA_PRESENCE, "error", PRESENCE_ERROR },
		{ STANZA_IQ, "get", IQ_GET },
		{ STANZA_IQ, "set", IQ_SET },
		{ STANZA_IQ, "result", IQ_ANSWER },
		{ STANZA_IQ, "error", IQ_ANSWER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct stanza stanza = { .kind = cases[i].kind,
					       .type = cases[i].type };

		assert_int_equal(handler_kind_of(&stanza), cases[i].wanted);
	}
}

static void
addresses_are_of_host_room_or_nick(void **state)
{
	static const struct {
		const char *to;
		enum handler_to wanted;
	} cases[] = {
		{ "h.example", TO_HOST },
		{ "h.example/x", TO_ANY },
		{ "room@h.example", TO_BARE },
		{ "room@h.example/nick", TO_FULL },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct jid *to;
		struct error err;

		assert_int_equal(jid_parsez(arena, cases[i].to, &to, &err),
				 0);
		assert_int_equal(handler_to_of(to), cases[i].wanted);
	}
	arena_free(&arena);
}

#define MESSAGE_WITH(content) \
	"<message xmlns='" NS_CLIENT "'>" content "</message>"
#define IQ_WITH(content) "<iq xmlns='" NS_CLIENT "'>" content "</iq>"

static void
payloads_are_what_handlers_name(void **state)
{
	static const struct {
		const char *ns, *name;
		enum stanza_kind kind;
		const char *stanza;
		bool finds;
		const char *payload;	/* NULL: none */
	} cases[] = {
		{ NS_CLIENT, "subject", STANZA_MESSAGE,
		  MESSAGE_WITH("<body/><subject/>"), true, "subject" },
		{ NS_CLIENT, "subject", STANZA_MESSAGE,
		  MESSAGE_WITH("<body/><subject xmlns='urn:x'/>"), false,
		  NULL },
		{ "urn:x", NULL, STANZA_MESSAGE,
		  MESSAGE_WITH("<body/><a xmlns='urn:x'/>"), true, "a" },
		{ NULL, NULL, STANZA_MESSAGE, MESSAGE_WITH("<body/>"), true,
		  NULL },
		{ "urn:x", "a", STANZA_IQ, IQ_WITH("<a xmlns='urn:x'/>"),
		  true, "a" },
		/* Only the first of an IQ counts. */
		{ "urn:x", "a", STANZA_IQ,
		  IQ_WITH("<b xmlns='urn:x'/><a xmlns='urn:x'/>"), false,
		  "b" },
		{ NULL, NULL, STANZA_IQ, IQ_WITH("<b xmlns='urn:y'/>"), true,
		  "b" },
		{ "urn:x", "a", STANZA_IQ, IQ_WITH(""), false, NULL },
		{ NULL, NULL, STANZA_IQ, IQ_WITH(""), true, NULL },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct handler handler = { .ns = cases[i].ns,
						 .name = cases[i].name };
		struct request req = { .stanza.kind = cases[i].kind };
		struct error err;

		assert_int_equal(parser_document(arena, cases[i].stanza,
						 strlen(cases[i].stanza),
						 &parser_limits_default,
						 &req.stanza.el, &err), 0);
		assert_int_equal(handler_finds_payload(&handler, &req),
				 cases[i].finds);
		if (cases[i].payload == NULL)
			assert_null(req.payload);
		else
			assert_string_equal(req.payload->name,
					    cases[i].payload);
	}
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_of_element_and_type),
		cmocka_unit_test(addresses_are_of_host_room_or_nick),
		cmocka_unit_test(payloads_are_what_handlers_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
