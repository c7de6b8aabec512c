#include "components/archive/rules/offer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/rules/pattern.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define FILE5 "urn:xmpp:jingle:apps:file-transfer:5"
#define SI "http://jabber.org/protocol/si"

static void
add_part(struct str *out, const char *label, const char *text)
{
	if (text != NULL)
		str_addf(out, "%s%s", label, text);
}

/* Each as "+name=type=url=its name=host", the last first; "-" where it is not
   attached. */
static const char *
describe(struct arena *arena, const struct offer *offer)
{
	struct str text = { 0 };
	const char *copy;

	str_addz(&text, "");
	for (; offer != NULL; offer = offer->next) {
		str_addz(&text, offer->attached ? "+" : "-");
		add_part(&text, "n:", offer->name);
		add_part(&text, "t:", offer->media_type);
		add_part(&text, "u:", offer->url);
		add_part(&text, " e:", offer->url_name);
		add_part(&text, " h:", offer->host);
	}
	copy = arena_strdup(arena, text.data);
	str_fini(&text);
	return copy;
}

static const struct {
	const char *children, *offers;
} cases[] = {
	{ "", "" },
	{ "<body>no://, nor : // nor w.w, see a.b/c</body>", "" },
	{ "<body>See (https://Up.Example:443/a%2ab.exe?x#y), please</body>",
	  "-u:https://Up.Example:443/a%2ab.exe?x#y e:a*b.exe h:up.example" },
	{ "<body>http://a/ ftp://u:p@b.c./d.e!</body>",
	  "-u:ftp://u:p@b.c./d.e e:d.e h:b.c-u:http://a/ h:a" },
	{ "<body>aesgcm://a.b/x.png#00</body><subject>www.c.d</subject>",
	  "-u:http://www.c.d h:www.c.d-u:aesgcm://a.b/x.png#00 e:x.png "
	  "h:a.b" },
	{ "<body>https://evil\\@good/x http://[::1]:80/ awww.x me@www.x"
	  "</body>",
	  "-u:http://[::1]:80/ h:[::1]:80-u:https://evil\\@good/x h:evil" },
	{ "<x xmlns='jabber:x:oob'><url>https://a/b.c</url></x>",
	  "+u:https://a/b.c e:b.c h:a" },
	{ "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:"
	  "metadata:0'><media-type>image/png</media-type><name>a.png</name>"
	  "</file><sources><url-data xmlns='http://jabber.org/protocol/"
	  "url-data' target='https://a/b.c'/></sources></file-sharing>",
	  "+u:https://a/b.c e:b.c h:a+n:a.pngt:image/png" },
	{ "<reference xmlns='urn:xmpp:reference:0' type='data'><media-sharing "
	  "xmlns='urn:xmpp:sims:1'><file xmlns='" FILE5 "'><name>n.exe</name>"
	  "</file><sources><reference xmlns='urn:xmpp:reference:0' "
	  "type='data' uri='https://a/b'/></sources></media-sharing>"
	  "</reference>",
	  "+u:https://a/b h:a+n:n.exe" },
	{ "<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate'>"
	  "<content><description xmlns='" FILE5 "'><file><name>n</name>"
	  "<media-type>t/u</media-type></file></description></content>"
	  "</jingle>",
	  "+n:nt:t/u" },
	{ "<propose xmlns='urn:xmpp:jingle-message:0'><description xmlns='"
	  FILE5 "'/></propose>",
	  "+" },
	{ "<si xmlns='" SI "' mime-type='t/u'><file xmlns='" SI
	  "/profile/file-transfer' name='n' size='1'/></si>",
	  "+n:nt:t/u" },
	{ "<query xmlns='jabber:iq:oob'><url>urn:x</url></query>",
	  "+u:urn:x" },
	{ "<url-data xmlns='http://jabber.org/protocol/url-data'/>", "+" },
	{ "<file xmlns='" FILE5 "'><name>C:\\x/A.exe .. </name><media-type> "
	  "Image/PNG ; charset=x</media-type></file>",
	  "+n:A.exet:Image/PNG" },
	{ "<file xmlns='" FILE5 "'><name>\xe2\x80\xae" "fdp.\xef\xbd\x85xe"
	  "</name></file>",
	  "+n:fdp.exe" },
	{ "<body>https://\xc3\x84.test/b.exe%20.</body>",
	  "-u:https://\xc3\x84.test/b.exe%20 e:b.exe h:\xc3\xa4.test" },
	{ "<data xmlns='urn:xmpp:bob' type='image/png'>AA==</data>",
	  "+t:image/png" },
	{ "<html xmlns='http://jabber.org/protocol/xhtml-im'><body "
	  "xmlns='http://www.w3.org/1999/xhtml'><a href='https://a/'>b</a>"
	  "</body></html>",
	  "-u:https://a/ h:a" },
	{ "<file xmlns='urn:x'/><url>https://a</url>", "-u:https://a h:a" },
	{ "<c xmlns='http://jabber.org/protocol/caps' node='http://a/'/>",
	  "" },
};

static const struct xml *
message(struct arena *arena, const char *children)
{
	return bed_xml(arena, NS_CLIENT, arena_printf(
		arena, "<message>%s</message>", children));
}

static int
find(struct arena *arena, const struct xml *el, const struct offer **offers_r,
     struct error *err)
{
	return offer_find_all(arena, el, UINT64_MAX, offers_r, err);
}

static void
finds_files_and_links(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct xml *el = message(*state, cases[i].children);
		const struct offer *offers;
		struct error err = { 0 };

		assert_int_equal(find(*state, el, &offers, &err), 0);
		assert_string_equal(describe(*state, offers),
				    cases[i].offers);
		assert_int_equal(offer_is_attached(el),
				 strchr(cases[i].offers, '+') != NULL);
	}
}

static void
refuses_too_many(void **state)
{
	struct arena *arena = *state;
	const struct offer *offers;
	struct error err = { 0 };
	struct str text = { 0 };

	str_addz(&text, "<message><body>");
	for (size_t i = 0; i < OFFER_MAX; i++)
		str_addz(&text, "a://b ");
	assert_int_equal(find(arena, bed_xml(
		arena, NS_CLIENT, arena_printf(arena, "%s</body></message>",
					       text.data)), &offers, &err),
			 0);
	assert_int_equal(find(arena, bed_xml(
		arena, NS_CLIENT, arena_printf(arena, "%sa://b</body>"
					       "</message>", text.data)),
			      &offers, &err), -1);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
	str_fini(&text);
}

static const char *
repeated(struct arena *arena, const char *text, size_t times)
{
	struct str out = { 0 };
	const char *copy;

	for (size_t i = 0; i < times; i++)
		str_addz(&out, text);
	copy = arena_dup(arena, out.data, out.len);
	str_fini(&out);
	return copy;
}

static void
refuses_hosts_without_an_end(void **state)
{
	const struct offer *offers;
	struct error err = { 0 };

	assert_int_equal(find(*state, message(*state, arena_printf(
		*state, "<body>a://%s/%s</body>", repeated(*state, "b", 4096),
		repeated(*state, "c", 9999))), &offers, &err), 0);
	assert_int_equal(find(*state, message(*state, arena_printf(
		*state, "<body>a://%s</body>", repeated(*state, "b", 4097))),
			      &offers, &err), -1);
	assert_int_equal(err.cond, ERROR_POLICY_VIOLATION);
}

/* Each character becomes eighteen. */
static void
takes_no_longer_than_it_may(void **state)
{
	const char *dear = repeated(*state, "\xef\xb7\xba", 30000);
	const char *const texts[] = {
		arena_printf(*state, "<file xmlns='" FILE5 "'><name>%s</name>"
			     "</file>", dear),
		arena_printf(*state, "<body>a://b/%s.c</body>", dear),
		"<body>a://b</body>",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct xml *el = message(*state, texts[i]);
		uint64_t left = i == ARRAY_LEN(texts) - 1 ? 0 : 2000000;
		const struct offer *offers;
		struct error err = { 0 };

		assert_int_equal(offer_find_all(
			*state, el, pattern_clock_ns() + left, &offers, &err),
				 -1);
		assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(finds_files_and_links),
		BED_ARENA_TEST(refuses_too_many),
		BED_ARENA_TEST(refuses_hosts_without_an_end),
		BED_ARENA_TEST(takes_no_longer_than_it_may),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_offer", tests, NULL,
					   NULL);
}
