#include "components/archive/rules/exhibit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/rules/offer.h"
#include "components/archive/rules/pattern.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/stanza.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"
#include "t/lib/hookbed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define OOB "<x xmlns='jabber:x:oob'><url>https://a/</url></x>"

static int
set_up(void **state)
{
	static const struct hook_use use = { .uses = HOOK_CHECK };
	static const char *const hosts[] = { "example", "other", NULL };

	*state = hookbed_new(&use, hosts);
	return 0;
}

static int
tear_down(void **state)
{
	struct hookbed *bed = *state;

	hookbed_free(&bed);
	return 0;
}

static struct exhibit
show(struct hookbed *bed, const char *text, struct stanza *stanza)
{
	struct error err = { 0 };

	if (stanza_parse(bed->arena, bed_xml(bed->arena, NS_CLIENT, text),
			 stanza, &err) < 0)
		fail_msg("%s", err.text);
	return exhibit_of(bed->arena, bed->runtime.hook, stanza, 7);
}

static const struct {
	const char *to;
	const char *recipient;
	bool outside;
} addresses[] = {
	{ "", "r@example", false },
	{ "to='j@example/x'", "j@example", false },
	{ "to='example'", "example", false },
	{ "to='hall@rooms.other'", "hall@rooms.other", false },
	{ "to='j@myexample'", "j@myexample", true },
	{ "to='j@far.test'", "j@far.test", true },
};

static void
tells_who_is_outside(void **state)
{
	struct hookbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct stanza stanza;
		struct exhibit exhibit = show(bed, arena_printf(
			bed->arena, "<message from='r@example/o' %s/>",
			addresses[i].to), &stanza);

		assert_string_equal(exhibit.sender, "r@example");
		assert_false(exhibit.sender_outside);
		assert_string_equal(exhibit.recipient,
				    addresses[i].recipient);
		assert_int_equal(exhibit.recipient_outside,
				 addresses[i].outside);
	}
}

#define ADDRESSES(list) "<addresses xmlns='http://jabber.org/protocol/" \
	"address'>" list "</addresses>"
#define MANY ADDRESSES("<address type='to' jid='a@example'/>" \
	"<address type='cc' jid='B@Far/x'/>" \
	"<address type='bcc' jid='c@other'/>" \
	"<address type='replyto' jid='d@far'/><address jid='e@far'/>" \
	"<address type='to' uri='f@far'/><address type='to' jid='@'/>" \
	"<address type='to' jid='g@far' delivered='true'/>")

/* Whom it is for; "!" where that is outside. */
static const struct {
	const char *stanza, *who;
} sent_on[] = {
	{ "<message to='m.example'>" MANY "</message>",
	  "m.example c@other !b@far a@example " },
	{ "<message to='j@example'>" MANY "</message>", "j@example " },
	{ "<message>" MANY "</message>", "r@example " },
	{ "<presence to='m.example' type='subscribe'>" MANY "</presence>",
	  "m.example " },
	{ "<message to='m.far'>" ADDRESSES("<address type='to' jid='a@far'/>")
	  ADDRESSES("<address type='to' jid='b@far'/>") "</message>",
	  "!m.far !b@far !a@far " },
	/* Routers send to domains that we know nothing of. */
	{ "<message to='m.example'>" ADDRESSES(
		"<address type='to' jid='a@xn--i-7iq.ws'/>"
		"<address type='cc' jid='b@far' delivered='false'/>"
		"<address type='cc' jid='c@far' delivered='1'/>") "</message>",
	  "m.example !b@far !a@xn--i-7iq.ws " },
};

static bool
add_to(const void *ctx, const struct exhibit *exhibit,
       const struct exhibit_addressee *one)
{
	(void)exhibit;
	str_addf((struct str *)ctx, "%s%s ", one->outside ? "!" : "",
		 one->bare);
	return false;
}

static void
knows_whom_it_is_for(void **state)
{
	struct hookbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(sent_on); i++) {
		struct stanza stanza;
		struct exhibit exhibit;
		struct str who = { 0 };
		struct xml *el = bed_xml(bed->arena, NS_CLIENT,
					 sent_on[i].stanza);
		struct error err;

		xml_set(bed->arena, el, "from", "r@example/o");
		assert_int_equal(stanza_parse(bed->arena, el, &stanza, &err),
				 0);
		exhibit = exhibit_of(bed->arena, bed->runtime.hook, &stanza,
				     7);
		assert_false(exhibit.crowded);
		assert_false(exhibit_any(&exhibit, add_to, &who));
		assert_string_equal(who.data, sent_on[i].who);
		str_fini(&who);
	}
}

static void
knows_that_it_is_for_too_many(void **state)
{
	struct hookbed *bed = *state;
	struct stanza stanza;
	struct exhibit exhibit;
	struct str text = { 0 };

	str_addz(&text, "<message from='r@example' to='m.example'><addresses "
		 "xmlns='http://jabber.org/protocol/address'>");
	for (int i = 0; i <= EXHIBIT_ADDRESSEES_MAX; i++)
		str_addz(&text, "<address/>");
	str_addz(&text, "</addresses></message>");
	exhibit = show(bed, text.data, &stanza);
	assert_true(exhibit.crowded);
	str_fini(&text);
}

static const struct {
	const char *stanza;
	unsigned kinds;
} stanzas[] = {
	{ "<message/>", EXHIBIT_MESSAGE },
	{ "<message>" OOB "</message>", EXHIBIT_MESSAGE | EXHIBIT_FILE },
	{ "<presence type='subscribe'/>", EXHIBIT_SUBSCRIPTION },
	{ "<iq type='set' id='1'><x xmlns='urn:x'/></iq>", EXHIBIT_IQ },
	{ "<iq type='set' id='1'>" OOB "</iq>", EXHIBIT_IQ | EXHIBIT_FILE },
};

static void
knows_what_it_is(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(stanzas); i++) {
		struct stanza stanza;
		const struct exhibit exhibit = show(
			*state, stanzas[i].stanza, &stanza);

		for (unsigned kind = 1; kind <= EXHIBIT_FILE; kind *= 2)
			assert_int_equal(exhibit_is(&exhibit, kind),
					 (stanzas[i].kinds & kind) != 0);
		assert_true(exhibit_is(&exhibit, ~0u));
	}
}

static void
finds_offers_once(void **state)
{
	struct stanza stanza;
	struct exhibit exhibit = show(*state, "<message>" OOB "</message>",
				      &stanza);
	const struct offer *first, *second;
	struct error err;

	exhibit.until_ns = UINT64_MAX;
	assert_int_equal(exhibit_offers(&exhibit, &first, &err), 0);
	assert_int_equal(exhibit_offers(&exhibit, &second, &err), 0);
	assert_string_equal(first->url, "https://a/");
	assert_ptr_equal(first, second);
}

/* Separated by bars. */
static const struct {
	const char *children, *texts;
} written[] = {
	{ "", "" },
	{ "<body>a</body><body xml:lang='de'>b</body><subject>c</subject>",
	  "a|b|c|" },
	{ "<body/>", "|" },
	{ "<html xmlns='x'><body>a<b>c</b>d</body> e</html>",
	  "acd e| a c d  e|" },
	{ "<html xmlns='x'><body xmlns='http://www.w3.org/1999/xhtml'>"
	  "<p>x</p><p>se<i>cret</i><br/>y</p></body></html>",
	  "xsecrety|  x  secret  y  |" },
	{ "<body>a</body><encrypted xmlns='urn:xmpp:omemo:2'><payload>b"
	  "</payload></encrypted><subject>c</subject>", "a|c|" },
	{ "<html xmlns='x'>b</html><openpgp xmlns='urn:xmpp:openpgp:0'>c"
	  "</openpgp><x xmlns='jabber:x:encrypted'>d</x>", "b|" },
	{ "<x xmlns='jabber:x:oob'><url>u</url><desc>d</desc></x>",
	  "ud| u  d |" },
	{ "<x xmlns='jabber:x:conference' jid='a@b' reason='r'/>", "|r|" },
	{ "<html xmlns='x'>a<img alt='b' src='c'/><a id='1' title='d'/></html>",
	  "a|a    |b\nc\nd|" },
	{ "<body>s\xc2\xad</body>", "s\xc2\xad|s|" },
	{ "<x xmlns='jabber:x:conference' reason='S\xc2\xad'/>",
	  "|S\xc2\xad|S|" },
};

static const char *
join(struct arena *arena, const char *const *texts)
{
	const char *all = "";

	for (; *texts != NULL; texts++)
		all = arena_printf(arena, "%s%s|", all, *texts);
	return all;
}

static const char *const *
texts_of(struct exhibit *exhibit)
{
	const char *const *texts = NULL;
	struct error err;

	exhibit->until_ns = UINT64_MAX;
	assert_int_equal(exhibit_texts(exhibit, &texts, &err), 0);
	return texts;
}

static const char *const *
folded_of(struct exhibit *exhibit)
{
	const char *const *texts = NULL;
	struct error err;

	exhibit->until_ns = UINT64_MAX;
	assert_int_equal(exhibit_folded(exhibit, &texts, &err), 0);
	return texts;
}

static void
has_what_is_written(void **state)
{
	struct hookbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(written); i++) {
		struct stanza stanza;
		struct exhibit exhibit = show(bed, arena_printf(
			bed->arena, "<message>%s</message>",
			written[i].children), &stanza);
		const char *const *texts = texts_of(&exhibit);

		assert_ptr_equal(texts_of(&exhibit), texts);
		assert_string_equal(join(bed->arena, texts),
				    written[i].texts);
	}
}

static void
has_it_folded_as_well(void **state)
{
	struct hookbed *bed = *state;
	struct stanza stanza;
	struct exhibit exhibit = show(bed, "<message><body>A</body><body>"
				      "S\xc3\x9f</body></message>", &stanza);
	const char *const *texts = folded_of(&exhibit);

	assert_ptr_equal(folded_of(&exhibit), texts);
	assert_string_equal(join(bed->arena, texts), "A|S\xc3\x9f|sss|");
	assert_string_equal(join(bed->arena, texts_of(&exhibit)),
			    "A|S\xc3\x9f|");
}

/* Other forms are made within the time. */
static void
is_not_read_for_ever(void **state)
{
	struct hookbed *bed = *state;
	struct stanza stanza;
	struct exhibit exhibit = show(bed, "<message><body>S\xc3\x9f</body>"
				      "</message>", &stanza);
	const char *const *texts = NULL;
	struct error err = { 0 };

	exhibit.until_ns = pattern_clock_ns();
	assert_int_equal(exhibit_texts(&exhibit, &texts, &err), -1);
	assert_int_equal(err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(exhibit_folded(&exhibit, &texts, &err), -1);
	assert_null(texts);
	exhibit = show(bed, "<message><body>S</body></message>", &stanza);
	assert_int_equal(exhibit_texts(&exhibit, &texts, &err), 0);
}

static void
knows_what_can_be_added_to(void **state)
{
	static const struct {
		const char *stanza;
		bool encrypted, takes;
	} some[] = {
		{ "<message><body/></message>", false, true },
		{ "<message><subject/></message>", false, false },
		{ "<message><body/><encrypted xmlns='urn:xmpp:omemo:2'/>"
		  "</message>", true, false },
		{ "<presence type='subscribe'><body/></presence>", false,
		  false },
	};

	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		struct stanza stanza;
		const struct exhibit exhibit = show(*state, some[i].stanza,
						    &stanza);

		assert_int_equal(exhibit_is_encrypted(&exhibit),
				 some[i].encrypted);
		assert_int_equal(exhibit_takes_more(&exhibit),
				 some[i].takes);
	}
}

static void
reads_kinds(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const two[] = { "file", "message", NULL };
	static const char *const odd[] = { "file", "presence", NULL };
	unsigned kinds;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(exhibit_read_kinds(none, &kinds, &err), 0);
	assert_int_equal(kinds, ~0u);
	assert_int_equal(exhibit_read_kinds(two, &kinds, &err), 0);
	assert_int_equal(kinds, EXHIBIT_FILE | EXHIBIT_MESSAGE);
	assert_int_equal(exhibit_read_kinds(odd, &kinds, &err), -1);
	assert_non_null(strstr(err.text, "presence is none of"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_who_is_outside),
		TEST(knows_whom_it_is_for),
		TEST(knows_that_it_is_for_too_many),
		TEST(knows_what_it_is),
		TEST(finds_offers_once),
		TEST(has_what_is_written),
		TEST(has_it_folded_as_well),
		TEST(is_not_read_for_ever),
		TEST(knows_what_can_be_added_to),
		cmocka_unit_test(reads_kinds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_exhibit", tests, NULL,
					   NULL);
}
