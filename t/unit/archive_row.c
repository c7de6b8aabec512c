#include "shared/archive_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define MANY 60000

static const struct archive_mark mark = {
	.serial = 459769 * 256, .stamp = 459768, .uid = "x8Rk0c1Ih2",
	.ways = ARCHIVE_SENT | ARCHIVE_RECEIVED, .flags = ARCHIVE_REMOTE,
};

static int
take(struct arena *arena, const char *text, struct archive_row *row,
     struct error *err)
{
	struct stanza stanza = { 0 };

	assert_int_equal(stanza_parse(arena,
				      bed_xml(arena, NS_CLIENT, text),
				      &stanza, err), 0);
	return archive_row_of(arena, &stanza, &mark, row, err);
}

static const char *
or_none(const char *text)
{
	return text != NULL ? text : "(none)";
}

static const struct {
	const char *message;
	enum archive_type type;
	unsigned flags;
	const char *sender, *resource, *recipient, *to_resource;
	const char *id, *lang, *subject, *body, *thread, *rest;
} rows[] = {
	{ "<message from='r@a/orchard' to='j@b' type='chat' id='a1'>"
	  "<body>Wherefore?</body></message>",
	  ARCHIVE_CHAT, ARCHIVE_REMOTE, "r@a", "orchard", "j@b", "", "a1",
	  "(none)", "(none)", "Wherefore?", "(none)", "(none)" },
	{ "<message from='r@a/o' to='j@b/c' type='normal' xml:lang='en'>"
	  "<thread>t</thread><body/><subject>s &amp; &lt;</subject>"
	  "</message>",
	  ARCHIVE_NORMAL, ARCHIVE_REMOTE, "r@a", "o", "j@b", "c", "(none)",
	  "en", "s & <", "", "t", "(none)" },
	{ "<message from='a' type='headline'/>",
	  ARCHIVE_HEADLINE, ARCHIVE_REMOTE, "a", "", "a", "", "(none)",
	  "(none)", "(none)", "(none)", "(none)", "(none)" },
	{ "<message from='r@a' to='j@b' type='error'> <body>one</body> "
	  "<body xml:lang='cs'>dva</body><error type='wait'>"
	  "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
	  "</message>",
	  ARCHIVE_ERROR, ARCHIVE_REMOTE, "r@a", "", "j@b", "", "(none)",
	  "(none)", "(none)", "one", "(none)",
	  "<body xml:lang='cs'>dva</body><error type='wait'>"
	  "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>" },
	{ "<message from='r@a' to='j@b' type='groupchat'>"
	  "<body xml:lang='cs'>dva</body><thread parent='p'>t</thread>"
	  "<subject><b/>s</subject></message>",
	  ARCHIVE_GROUPCHAT, ARCHIVE_REMOTE | ARCHIVE_BODY_IN_REST |
	  ARCHIVE_THREAD_IN_REST | ARCHIVE_SUBJECT_IN_REST,
	  "r@a", "", "j@b", "", "(none)", "(none)", "s", "dva", "t",
	  "<body xml:lang='cs'>dva</body><thread parent='p'>t</thread>"
	  "<subject><b/>s</subject>" },
	{ "<message from='r@a' to='j@b'><body xmlns='urn:x'>no</body>"
	  "<encrypted xmlns='urn:xmpp:omemo:2'>x</encrypted></message>",
	  ARCHIVE_NORMAL, ARCHIVE_REMOTE | ARCHIVE_ENCRYPTED, "r@a", "",
	  "j@b", "", "(none)", "(none)", "(none)", "(none)", "(none)",
	  "<body xmlns='urn:x'>no</body>"
	  "<encrypted xmlns='urn:xmpp:omemo:2'>x</encrypted>" },
	{ "<message from='r@a' to='j@b'><body>{\"NULL\",\\'}</body>"
	  "<encryption xmlns='urn:xmpp:eme:0'/></message>",
	  ARCHIVE_NORMAL, ARCHIVE_REMOTE | ARCHIVE_ENCRYPTED, "r@a", "",
	  "j@b", "", "(none)", "(none)", "(none)", "{\"NULL\",\\'}",
	  "(none)", "<encryption xmlns='urn:xmpp:eme:0'/>" },
	{ "<message from='r@a' to='j@b'><body>b</body>"
	  "<encrypted xmlns='urn:x'/></message>",
	  ARCHIVE_NORMAL, ARCHIVE_REMOTE, "r@a", "", "j@b", "", "(none)",
	  "(none)", "(none)", "b", "(none)", "<encrypted xmlns='urn:x'/>" },
};

static void
makes_rows_of_messages(void **state)
{
	struct archive_row row;
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(take(*state, rows[i].message, &row, &err), 0);
		assert_int_equal(row.type, rows[i].type);
		assert_int_equal(row.mark.flags, rows[i].flags);
		assert_int_equal(row.mark.ways, mark.ways);
		assert_string_equal(row.sender, rows[i].sender);
		assert_string_equal(row.resource, rows[i].resource);
		assert_string_equal(row.recipient, rows[i].recipient);
		assert_string_equal(row.to_resource, rows[i].to_resource);
		assert_string_equal(or_none(row.id), rows[i].id);
		assert_string_equal(or_none(row.lang), rows[i].lang);
		assert_string_equal(or_none(row.subject), rows[i].subject);
		assert_string_equal(or_none(row.body), rows[i].body);
		assert_string_equal(or_none(row.thread), rows[i].thread);
		assert_string_equal(or_none(row.rest), rows[i].rest);
	}
}

static const struct {
	const char *message, *again;	/* NULL: the same */
} messages[] = {
	{ "<message from='r@a/orchard' to='j@b' type='chat' id='a1'>"
	  "<body>Wherefore?</body></message>", NULL },
	{ "<message from='r@a/o' to='j@b/c' xml:lang='en' unknown='1' "
	  "type='normal'> <thread>t</thread><body/> <subject>s &amp; &lt;"
	  "</subject></message>",
	  "<message from='r@a/o' to='j@b/c' xml:lang='en'><subject>s &amp; "
	  "&lt;</subject><body/><thread>t</thread></message>" },
	{ "<message from='a' type='headline'/>",
	  "<message from='a' to='a' type='headline'/>" },
	{ "<message from='r@a' to='j@b'><body xml:lang='cs'>dva</body>"
	  "<body>one</body><body>two</body><thread parent='p'>t</thread>"
	  "<x xmlns='urn:x'><y/></x></message>", NULL },
	{ "<message from='r@a' to='j@b'><subject>s</subject><body>b</body>"
	  "<body>c</body><z xmlns='urn:z' xml:lang='de'>&apos;</z></message>",
	  NULL },
};

static const char *
print(struct arena *arena, const struct archive_row *row)
{
	struct str out = { 0 };
	struct error err = { 0 };
	struct xml *message;
	const char *text;

	assert_int_equal(archive_row_message(arena, row, &message, &err), 0);
	xml_print(&out, message, NS_CLIENT);
	text = arena_strdup(arena, out.data);
	str_fini(&out);
	return text;
}

static void
gives_the_message_back(void **state)
{
	struct archive_row row;
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		const char *text;

		assert_int_equal(take(*state, messages[i].message, &row, &err),
				 0);
		text = print(*state, &row);
		assert_string_equal(text, messages[i].again != NULL ?
				    messages[i].again : messages[i].message);
		assert_int_equal(take(*state, text, &row, &err), 0);
		assert_string_equal(print(*state, &row), text);
	}
}

static void
refuses_what_is_no_message_of_somebody(void **state)
{
	struct archive_row row;
	struct error err = { 0 };
	struct stanza stanza = { 0 };

	assert_int_equal(take(*state, "<presence from='a' to='b'/>", &row,
			      &err), -1);
	assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	stanza.kind = STANZA_MESSAGE;
	stanza.el = bed_xml(*state, NS_CLIENT, "<message to='a'/>");
	stanza.type = "";
	assert_int_equal(archive_row_of(*state, &stanza, &mark, &row, &err),
			 -1);
	assert_int_equal(err.cond, ERROR_BAD_REQUEST);
}

static void
refuses_a_wrong_mark(void **state)
{
	static char long_uid[ARCHIVE_UID_MAX + 2];
	struct archive_mark marks[] = { mark, mark, mark, mark, mark, mark };
	struct stanza stanza = { 0 };
	struct archive_row row;
	struct error err = { 0 };

	memset(long_uid, 'x', sizeof(long_uid) - 1);
	marks[0].uid = "";
	marks[1].uid = long_uid;
	marks[2].serial = 0;
	marks[3].stamp = -1;
	marks[4].ways = 0;
	marks[5].ways = 64;
	assert_int_equal(stanza_parse(*state, bed_xml(*state, NS_CLIENT,
			 "<message from='a' to='b'/>"), &stanza, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		err = (struct error){ 0 };
		assert_int_equal(archive_row_of(*state, &stanza, &marks[i],
						&row, &err), -1);
		assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	}
}

static void
keeps_who_wrote_what_is_too_large(void **state)
{
	struct arena *arena = *state;
	struct xml *el = bed_xml(arena, NS_CLIENT,
				 "<message from='a' to='b'><x/></message>");
	char *text = arena_alloc(arena, ARCHIVE_ROW_MAX + 1);
	struct stanza stanza = { 0 };
	struct archive_row row;
	struct error err = { 0 };

	memset(text, 'x', ARCHIVE_ROW_MAX);
	xml_add_text(arena, el, NULL, "body", text);
	assert_int_equal(stanza_parse(arena, el, &stanza, &err), 0);
	assert_int_equal(archive_row_of(arena, &stanza, &mark, &row, &err),
			 0);
	assert_null(row.body);
	assert_int_equal(row.mark.flags, mark.flags | ARCHIVE_REST_LOST);
	assert_string_equal(print(arena, &row), "<message from='a' to='b'>"
			    "<x/></message>");
}

static void
refuses_what_is_too_large(void **state)
{
	struct arena *arena = *state;
	struct xml *el = bed_xml(arena, NS_CLIENT,
				 "<message from='a' to='b'><body>b</body>"
				 "</message>");
	char *text = arena_alloc(arena, ARCHIVE_ROW_MAX + 1);
	struct stanza stanza = { 0 };
	struct archive_row row;
	struct error err = { 0 };

	memset(text, 'x', ARCHIVE_ROW_MAX);
	xml_set(arena, el, "id", text);
	assert_int_equal(stanza_parse(arena, el, &stanza, &err), 0);
	assert_int_equal(archive_row_of(arena, &stanza, &mark, &row, &err),
			 -1);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
}

static void
repeat(struct str *out, int times, const char *text)
{
	for (int i = 0; i < times; i++)
		str_addz(out, text);
}

/* A message to the parser's limit: to look for the columns at each of its
   children takes minutes. */
static void
takes_many_children(void **state)
{
	struct str text = { 0 };
	struct archive_row row;
	struct error err = { 0 };
	clock_t before;

	str_addz(&text, "<message from='a' to='b'>");
	repeat(&text, MANY, "<a/>");
	str_addz(&text, "<body>last</body></message>");
	before = clock();
	assert_int_equal(take(*state, text.data, &row, &err), 0);
	assert_true(clock() - before < 2 * CLOCKS_PER_SEC);
	assert_int_equal(strlen(row.rest), MANY * strlen("<a/>"));
	assert_string_equal(row.body, "last");
	str_fini(&text);
}

static void
assert_grows(struct arena *arena, const char *text, const char *printed)
{
	struct str in = { 0 }, out = { 0 };
	struct archive_row row;
	struct error err = { 0 };

	str_addz(&in, "<message from='a' to='b' xmlns:y='y'><x>");
	repeat(&in, MANY, text);
	str_addz(&in, "</x></message>");
	assert_int_equal(take(arena, in.data, &row, &err), 0);
	assert_int_equal(row.mark.flags, mark.flags);
	str_addz(&out, "<message from='a' to='b'><x>");
	repeat(&out, MANY, printed);
	str_addz(&out, "</x></message>");
	assert_string_equal(print(arena, &row), out.data);
	str_fini(&in);
	str_fini(&out);
}

/* It is escaped, and has an attribute for each namespace. */
static void
gives_back_what_grows(void **state)
{
	assert_grows(*state, "''''", "&apos;&apos;&apos;&apos;");
	assert_grows(*state, "<y:x/>", "<x xmlns='y'/>");
}

/* A namespace of a thousand characters, declared once. */
static void
loses_what_grows_without_bound(void **state)
{
	char uri[1001] = "";
	struct str text = { 0 };
	struct archive_row row;
	struct error err = { 0 };

	memset(uri, 'u', sizeof(uri) - 1);
	str_addf(&text, "<message from='a' to='b' xmlns:y='%s'>", uri);
	repeat(&text, 500, "<y:x/>");
	str_addz(&text, "<body>b</body></message>");
	assert_int_equal(take(*state, text.data, &row, &err), 0);
	assert_null(row.rest);
	assert_string_equal(row.body, "b");
	assert_int_equal(row.mark.flags, mark.flags | ARCHIVE_REST_LOST);
	str_fini(&text);
}

/* Two prefixes in turn become a declaration for each element, and those in
   force at once are limited for whoever reads it. */
static void
loses_what_could_not_be_read(void **state)
{
	for (int depth = 20; depth <= 120; depth += 20) {
		struct str text = { 0 };
		struct archive_row row;
		struct error err = { 0 };

		str_addz(&text, "<message from='a' to='b' xmlns:x='urn:x' "
			 "xmlns:y='urn:y'>");
		for (int i = 0; i < depth; i++)
			str_addz(&text, i % 2 ? "<x:a>" : "<y:a>");
		for (int i = depth; i-- > 0;)
			str_addz(&text, i % 2 ? "</x:a>" : "</y:a>");
		str_addz(&text, "<body>b</body></message>");
		assert_int_equal(take(*state, text.data, &row, &err), 0);
		assert_int_equal(row.mark.flags & ARCHIVE_REST_LOST,
				 depth <= 60 ? 0 : ARCHIVE_REST_LOST);
		assert_memory_equal(print(*state, &row), "<message from='a' "
				    "to='b'><body>b</body>", 38);
		str_fini(&text);
	}
}

static void
assert_rest_lost(struct arena *arena, const struct archive_row *row)
{
	assert_null(row->rest);
	assert_int_equal(row->mark.flags, mark.flags | ARCHIVE_REST_LOST);
	assert_string_equal(print(arena, row), "<message from='a' to='b'>"
			    "<body>b</body></message>");
}

static void
keeps_the_body_where_the_rest_is_too_large(void **state)
{
	struct arena *arena = *state;
	struct xml *el = bed_xml(arena, NS_CLIENT, "<message from='a' to='b'>"
				 "<body xml:lang='en'>b</body></message>");
	char *text = arena_alloc(arena, ARCHIVE_ROW_MAX + 1);
	struct stanza stanza = { 0 };
	struct archive_row row;
	struct error err = { 0 };

	memset(text, 'x', ARCHIVE_ROW_MAX);
	xml_add_text(arena, el, NULL, "x", text);
	assert_int_equal(stanza_parse(arena, el, &stanza, &err), 0);
	assert_int_equal(archive_row_of(arena, &stanza, &mark, &row, &err),
			 0);
	assert_rest_lost(arena, &row);
}

/* The most memory that was ever in use. */
static long
peak_mib(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_maxrss / 1024;
}

/* It would be nearly two hundred megabytes. */
static void
prints_no_more_than_fits(void **state)
{
	static const char *const texts[] = { "<y:x/>", "<x y:y=''/>" };
	long before = peak_mib();

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct str text = { 0 };
		struct archive_row row;
		struct error err = { 0 };

		str_addz(&text, "<message from='a' to='b' xmlns:y=\"");
		repeat(&text, 1000, "'");
		str_addz(&text, "\"><body>b</body><x>");
		repeat(&text, MANY / 2, texts[i]);
		str_addz(&text, "</x></message>");
		assert_int_equal(take(*state, text.data, &row, &err), 0);
		assert_rest_lost(*state, &row);
		str_fini(&text);
	}
	assert_true(peak_mib() - before < 100);
}

static void
names_a_rest_that_is_no_xml(void **state)
{
	static const char *const wrong[] = { "<a>", "</rest>", "<!--", "&x;" };
	struct archive_row row;
	struct error err = { 0 };
	struct xml *message;

	assert_int_equal(take(*state, rows[0].message, &row, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		row.rest = wrong[i];
		assert_int_equal(archive_row_message(*state, &row, &message,
						     &err), -1);
		assert_int_equal(err.cond, ERROR_BAD_REQUEST);
	}
}

static void
names_a_type_that_is_none(void **state)
{
	struct archive_row row;
	struct error err = { 0 };
	struct xml *message;

	assert_int_equal(take(*state, rows[0].message, &row, &err), 0);
	row.type = (enum archive_type)(ARCHIVE_ERROR + 1);
	assert_int_equal(archive_row_message(*state, &row, &message, &err),
			 -1);
	assert_int_equal(err.cond, ERROR_BAD_REQUEST);
}

/* By flags, or by ways. */
static void
knows_what_is_shown_as_removed(void **state)
{
	(void)state;
	assert_false(archive_row_is_removed(&(struct archive_mark){
		.ways = ARCHIVE_UNSEEN(7) | 7, .flags = 127 }));
	assert_true(archive_row_is_removed(&(struct archive_mark){
		.ways = ARCHIVE_RECEIVED, .flags = ARCHIVE_ERASED }));
	assert_true(archive_row_is_removed(&(struct archive_mark){
		.ways = ARCHIVE_CONCEALED | ARCHIVE_RECEIVED }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(makes_rows_of_messages),
		BED_ARENA_TEST(gives_the_message_back),
		BED_ARENA_TEST(refuses_what_is_no_message_of_somebody),
		BED_ARENA_TEST(refuses_a_wrong_mark),
		BED_ARENA_TEST(keeps_who_wrote_what_is_too_large),
		BED_ARENA_TEST(refuses_what_is_too_large),
		BED_ARENA_TEST(takes_many_children),
		BED_ARENA_TEST(gives_back_what_grows),
		BED_ARENA_TEST(loses_what_grows_without_bound),
		BED_ARENA_TEST(loses_what_could_not_be_read),
		BED_ARENA_TEST(keeps_the_body_where_the_rest_is_too_large),
		BED_ARENA_TEST(prints_no_more_than_fits),
		BED_ARENA_TEST(names_a_rest_that_is_no_xml),
		BED_ARENA_TEST(names_a_type_that_is_none),
		cmocka_unit_test(knows_what_is_shown_as_removed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_row", tests, NULL, NULL);
}
