#include "shared/mam_offer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define FULLTEXT "{urn:xmpp:fulltext:0}fulltext"

static const struct {
	const char *var;
	struct mam_offer offer;
	bool has;
} cases[] = {
	{ "with", { 0 }, true },
	{ "start", { 0 }, true },
	{ "end", { 0 }, true },
	{ "before-id", { 0 }, true },
	{ "after-id", { 0 }, true },
	{ "ids", { 0 }, true },
	{ "include-groupchat", { 0 }, false },
	{ "include-groupchat", { .fulltext = true }, false },
	{ "include-groupchat", { .groupchat = true }, true },
	{ FULLTEXT, { 0 }, false },
	{ FULLTEXT, { .groupchat = true }, false },
	{ FULLTEXT, { .fulltext = true }, true },
	{ "fulltext", { .fulltext = true }, false },
	{ "withtext", { .fulltext = true }, false },
	{ "With", { 0 }, false },
	{ "before", { 0 }, false },
	{ "", { 0 }, false },
};

static void
has_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (mam_offer_has(&cases[i].offer, cases[i].var) !=
		    cases[i].has)
			fail_msg("case %zu: %s", i, cases[i].var);
	}
}

/* XEP-0313, the first example of section 4.1.5. */
#define FORM(more) \
	"<query xmlns='urn:xmpp:mam:2'>" \
	"<x xmlns='jabber:x:data' type='form'>" \
	"<field type='hidden' var='FORM_TYPE'>" \
	"<value>urn:xmpp:mam:2</value></field>" \
	"<field type='jid-single' var='with'/>" \
	"<field type='text-single' var='start'/>" \
	"<field type='text-single' var='end'/>" \
	"<field type='text-single' var='before-id'/>" \
	"<field type='text-single' var='after-id'/>" \
	"<field type='list-multi' var='ids'>" \
	"<validate xmlns='http://jabber.org/protocol/xdata-validate' " \
	"datatype='xs:string'><open/></validate></field>" \
	more "</x></query>"

static const struct {
	struct mam_offer offer;
	const char *text;
} forms[] = {
	{ { .max = 50 }, FORM("") },
	{ { .index = true }, FORM("") },
	{ { .groupchat = true },
	  FORM("<field type='boolean' var='include-groupchat'/>") },
	{ { .fulltext = true },
	  FORM("<field type='text-single' var='" FULLTEXT "'/>") },
	{ { .groupchat = true, .fulltext = true },
	  FORM("<field type='boolean' var='include-groupchat'/>"
	       "<field type='text-single' var='" FULLTEXT "'/>") },
};

static void
writes_forms(void **state)
{
	struct arena *arena = *state;

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct str out = { 0 };

		xml_print(&out, mam_offer_form(arena, &forms[i].offer), "");
		assert_string_equal(out.data, forms[i].text);
		str_fini(&out);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_fields),
		BED_ARENA_TEST(writes_forms),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mam_offer", tests, NULL, NULL);
}
