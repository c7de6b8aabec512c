#include "components/muc/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/ns.h"
#include "shared/router.h"
#include "shared/xml.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* What stands before the to attribute, and after it. */
static const struct {
	const char *message;
	const char *head, *tail;
} cases[] = {
	{ "<message/>", "<message", "></message>" },
	{ "<message to='x@y.example'/>", "<message", "></message>" },
	{ "<message type='groupchat' to='x@y.example' from='r@muc.example/A' "
	  "id='1'><body>hi</body></message>",
	  "<message type='groupchat' from='r@muc.example/A' id='1'",
	  "><body>hi</body></message>" },
	/* All is escaped again. */
	{ "<message id='&lt;&apos;&amp;&quot;&gt;&#10;'>"
	  "<body>&lt;/message>&amp;amp;</body></message>",
	  "<message id='&lt;&apos;&amp;&quot;&gt;&#10;'",
	  "><body>&lt;/message&gt;&amp;amp;</body></message>" },
	{ "<message id=\"' to='evil@e.example\"/>",
	  "<message id='&apos; to=&apos;evil@e.example'", "></message>" },
	{ "<message xml:lang='de'><subject xml:lang='en'/></message>",
	  "<message xml:lang='de'",
	  "><subject xml:lang='en'/></message>" },
	/* Attributes of other namespaces, be they called to or lang. */
	{ "<message xmlns:e='urn:e' e:to='x@y.example' e:lang='fr' e:id='1' "
	  "id='2'/>", "<message id='2'", "></message>" },
	{ "<e:message xmlns:e='jabber:client'><e:body>hi</e:body>"
	  "<x xmlns='urn:x'><y/><e:z/></x></e:message>", "<message",
	  "><body>hi</body><x xmlns='urn:x'><y/>"
	  "<z xmlns='jabber:client'/></x></message>" },
	{ "<message> <body/>text</message>", "<message",
	  "> <body/>text</message>" },
	{ "<message><message to='x@y.example'/></message>", "<message",
	  "><message to='x@y.example'/></message>" },
	{ "<message><body>\xf0\x9f\x8c\x99\xc3\xa4</body></message>",
	  "<message", "><body>\xf0\x9f\x8c\x99\xc3\xa4</body></message>" },
};

static void
assert_part(const char *part, size_t len, const char *wanted)
{
	assert_int_equal(len, strlen(wanted));
	assert_memory_equal(part, wanted, len);
}

static void
leaves_room_for_to(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct router_template view;
		struct template template;

		template_init(&template, mucbed_xml(bed, cases[i].message));
		view = template_view(&template);
		assert_part(view.head, view.head_len, cases[i].head);
		assert_part(view.tail, view.tail_len, cases[i].tail);
		/* As history.c counts on. */
		assert_int_equal(template.head_len, view.head_len);
		assert_ptr_equal(view.head + view.head_len, view.tail);
		assert_int_equal(template.text.len,
				 view.head_len + view.tail_len);
		template_fini(&template);
		assert_null(template.text.data);
	}
}

/* More than is set aside for a message at first, on either side of to. */
static void
takes_long_messages(void **state)
{
	struct mucbed *bed = *state;
	struct router_template view;
	struct template template;
	struct xml *message;
	char text[5001];

	memset(text, '<', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	message = xml_new(bed->arena, NS_CLIENT, "message");
	xml_set(bed->arena, message, "id", text);
	xml_set(bed->arena, message, "to", text);
	xml_add_text(bed->arena, message, NULL, "body", text);
	template_init(&template, message);
	view = template_view(&template);
	/* Four bytes for each. */
	assert_int_equal(view.head_len, strlen("<message id=''") + 20000);
	assert_int_equal(view.tail_len,
			 strlen("><body></body></message>") + 20000);
	assert_memory_equal(view.head, "<message id='&lt;&lt;", 21);
	assert_memory_equal(view.tail + view.tail_len - 25,
			    "&lt;&lt;</body></message>", 25);
	template_fini(&template);
}

/* The message itself stays as it is, for whoever has it. */
static void
changes_nothing(void **state)
{
	struct mucbed *bed = *state;
	struct xml *message = mucbed_xml(bed,
		"<message to='x@y.example' id='1'><body>hi</body></message>");
	struct template template, again;

	template_init(&template, message);
	assert_string_equal(xml_attr(message, "to"), "x@y.example");
	template_init(&again, message);
	assert_string_equal(template.text.data, again.text.data);
	template_fini(&template);
	assert_string_equal(again.text.data,
			    "<message id='1'><body>hi</body></message>");
	template_fini(&again);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(leaves_room_for_to),
		TEST(takes_long_messages),
		TEST(changes_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_template", tests, NULL, NULL);
}
