#include "components/archive/policy/question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/hook_answer.h"
#include "shared/str.h"
#include "t/lib/hookbed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static struct str asked;

static int
on_check(struct hook_event *event, void *ctx, struct error *err)
{
	struct question question = question_of(event);

	(void)ctx;
	(void)err;
	str_clear(&asked);
	question_print(&asked, &question);
	hook_judge(event, &(struct hook_verdict){
		   .action = HOOK_ALLOW });
	return 0;
}

static const struct hook_use use = { .on = { [HOOK_ON_CHECK] = on_check } };

static int
set_up(void **state)
{
	struct hookbed *bed = hookbed_new(&use, NULL);

	hook_attend(bed->runtime.hook, bed);
	hookbed_greet(bed, "hooks='check'");
	*state = bed;
	return 0;
}

static int
tear_down(void **state)
{
	struct hookbed *bed = *state;

	hookbed_free(&bed);
	str_fini(&asked);
	return 0;
}

#define CHECK(attributes, stanza) \
	"<iq type='set' id='c1' from='example' to='comp.example'>" \
	"<check xmlns='urn:x-annex:0' id='x8' " attributes ">" \
	"<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' " \
	"stamp='2026-11-29T12:00:00.5Z'/>" stanza "</forwarded></check></iq>"
#define CLIENT " xmlns='jabber:client'"
#define BEGIN "{\"id\":\"x8\",\"time\":\"2026-11-29T12:00:00.500Z\"," \
	      "\"host\":\"example\","

static const struct {
	const char *check, *question;
} cases[] = {
	{ CHECK("point='send' profile='strict'",
		"<message" CLIENT " from='r@example/o' to='j@example' "
		"type='chat'><body>a &amp; \"b\"\n</body></message>"),
	  BEGIN "\"point\":\"send\",\"direction\":\"local\","
	  "\"profile\":\"strict\",\"kind\":\"message\",\"type\":\"chat\","
	  "\"from\":\"r@example/o\",\"to\":\"j@example\","
	  "\"body\":\"a & \\\"b\\\"\\n\","
	  "\"bodies\":[{\"text\":\"a & \\\"b\\\"\\n\"}],\"encrypted\":false,"
	  "\"xml\":\"<message xmlns='jabber:client' from='r@example/o' "
	  "to='j@example' type='chat'><body>a &amp; &quot;b&quot;\\n</body>"
	  "</message>\"}" },
	{ CHECK("point='send'",
		"<message" CLIENT " from='r@example/o' to='j@far/b'>"
		"<subject>s</subject><thread>t</thread>"
		"<openpgp xmlns='urn:xmpp:openpgp:0'/></message>"),
	  BEGIN "\"point\":\"send\",\"direction\":\"out\",\"profile\":\"\","
	  "\"kind\":\"message\",\"type\":\"normal\",\"from\":\"r@example/o\","
	  "\"to\":\"j@far/b\",\"subject\":\"s\","
	  "\"subjects\":[{\"text\":\"s\"}],\"thread\":\"t\","
	  "\"encrypted\":true,\"xml\":\"<message xmlns='jabber:client' "
	  "from='r@example/o' to='j@far/b'><subject>s</subject><thread>t"
	  "</thread><openpgp xmlns='urn:xmpp:openpgp:0'/></message>\"}" },
	{ CHECK("point='receive'",
		"<presence" CLIENT " from='j@far' to='r@example' "
		"type='subscribe'/>"),
	  BEGIN "\"point\":\"receive\",\"direction\":\"in\",\"profile\":\"\","
	  "\"kind\":\"subscription\",\"type\":\"subscribe\",\"from\":\"j@far\","
	  "\"to\":\"r@example\",\"xml\":\"<presence xmlns='jabber:client' "
	  "from='j@far' to='r@example' type='subscribe'/>\"}" },
	{ CHECK("point='send'",
		"<iq" CLIENT " from='r@example/o' to='j@far/b' type='set' "
		"id='1'><si xmlns='urn:x'/></iq>"),
	  BEGIN "\"point\":\"send\",\"direction\":\"out\",\"profile\":\"\","
	  "\"kind\":\"iq\",\"type\":\"set\",\"from\":\"r@example/o\","
	  "\"to\":\"j@far/b\",\"xml\":\"<iq xmlns='jabber:client' "
	  "from='r@example/o' to='j@far/b' type='set' id='1'>"
	  "<si xmlns='urn:x'/></iq>\"}" },
	{ CHECK("point='send'",
		"<message" CLIENT " from='r@example/o'><body/></message>"),
	  BEGIN "\"point\":\"send\",\"direction\":\"local\",\"profile\":\"\","
	  "\"kind\":\"message\",\"type\":\"normal\",\"from\":\"r@example/o\","
	  "\"to\":\"r@example\",\"body\":\"\",\"bodies\":[{\"text\":\"\"}],"
	  "\"encrypted\":false,"
	  "\"xml\":\"<message xmlns='jabber:client' from='r@example/o'>"
	  "<body/></message>\"}" },
	{ CHECK("point='receive'",
		"<message" CLIENT " from='j@far' to='r@example' type='chat' "
		"xml:lang='en'><subject xml:lang='de'>s</subject><body>a"
		"</body><subject>t</subject><body xml:lang='de'>b</body>"
		"</message>"),
	  BEGIN "\"point\":\"receive\",\"direction\":\"in\",\"profile\":\"\","
	  "\"kind\":\"message\",\"type\":\"chat\",\"from\":\"j@far\","
	  "\"to\":\"r@example\",\"subject\":\"s\","
	  "\"subjects\":[{\"text\":\"s\",\"lang\":\"de\"},"
	  "{\"text\":\"t\",\"lang\":\"en\"}],\"body\":\"a\","
	  "\"bodies\":[{\"text\":\"a\",\"lang\":\"en\"},"
	  "{\"text\":\"b\",\"lang\":\"de\"}],\"encrypted\":false,"
	  "\"xml\":\"<message xmlns='jabber:client' from='j@far' "
	  "to='r@example' type='chat' xml:lang='en'><subject xml:lang='de'>s"
	  "</subject><body>a</body><subject>t</subject><body xml:lang='de'>b"
	  "</body></message>\"}" },
};

static void
says_what_there_is(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		hookbed_receive(*state, cases[i].check);
		assert_string_equal(asked.data, cases[i].question);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(says_what_there_is, set_up,
						tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_question", tests, NULL,
					   NULL);
}
