#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stringprep.h>

#include "shared/error.h"
#include "shared/prep.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

typedef int prep_fn(const char *text, size_t len, struct prep *prep_r,
		    struct error *err);

struct text_case {
	const char *text;
	const char *prepared;	/* NULL: refused */
};

static void
check_text(prep_fn *fn, const struct text_case *one)
{
	struct error err = { 0 };
	struct prep prep, again;
	int ret = fn(one->text, strlen(one->text), &prep, &err);

	if (one->prepared == NULL) {
		if (ret == 0)
			print_message("accepted: %s\n", one->text);
		assert_int_equal(ret, -1);
		assert_int_equal(err.cond, ERROR_JID_MALFORMED);
		assert_string_not_equal(err.text, "");
		return;
	}
	if (ret < 0)
		print_message("refused: %s: %s\n", one->text, err.text);
	assert_int_equal(ret, 0);
	assert_string_equal(prep.text, one->prepared);
	assert_int_equal(prep.len, strlen(one->prepared));
	assert_int_equal(fn(prep.text, prep.len, &again, &err), 0);
	assert_string_equal(again.text, one->prepared);
}

static const struct text_case locals[] = {
	{ "alice",		"alice" },
	{ "ALICE",		"alice" },
	{ "a.b-c_d+e=f!g",	"a.b-c_d+e=f!g" },
	{ "call\\20me",		"call\\20me" },
	{ "#room%irc.example",	"#room%irc.example" },
	{ "J\xc3\x9cRGEN",	"j\xc3\xbcrgen" },
	/* Sharp s and the final sigma, both folded by RFC 3454 table B.2. */
	{ "stra\xc3\x9f" "e",	"strasse" },
	{ "\xcf\x82",		"\xcf\x83" },
	/* u and a combining diaeresis, which NFKC joins. */
	{ "u\xcc\x88",		"\xc3\xbc" },
	/* Fullwidth A; the ligature fi. */
	{ "\xef\xbc\xa1",	"a" },
	{ "\xef\xac\x81n",	"fin" },
	/* A soft hyphen, mapped to nothing. */
	{ "a\xc2\xad" "b",	"ab" },
	{ "\xc2\xad",		NULL },
	/* Unicode 3.2 did not have it. */
	{ "\xf0\x9f\x98\x80",	"\xf0\x9f\x98\x80" },
	{ "",			NULL },
	{ "a b",		NULL },
	{ "a\"b",		NULL },
	{ "a&b",		NULL },
	{ "a'b",		NULL },
	{ "a/b",		NULL },
	{ "a:b",		NULL },
	{ "a<b",		NULL },
	{ "a>b",		NULL },
	{ "a@b",		NULL },
	{ "a\tb",		NULL },
	{ "a\x7f" "b",		NULL },
	/* Fullwidth @ and solidus, account of, no-break space, ogham space. */
	{ "a\xef\xbc\xa0" "b",	NULL },
	{ "a\xef\xbc\x8f" "b",	NULL },
	{ "\xe2\x84\x80",	NULL },
	{ "a\xc2\xa0" "b",	NULL },
	{ "a\xe1\x9a\x80" "b",	NULL },
	/* C1 control, private use, noncharacter, right-to-left override. */
	{ "a\xc2\x85",		NULL },
	{ "a\xee\x80\x80",	NULL },
	{ "a\xef\xbf\xbe",	NULL },
	{ "a\xe2\x80\xae" "b",	NULL },
	/* Hebrew alone, before Latin, and not at both ends. */
	{ "\xd7\x90\xd7\x91",	"\xd7\x90\xd7\x91" },
	{ "\xd7\x90" "a",	NULL },
	{ "\xd7\x90" "1",	NULL },
};

static void
prepares_local_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(locals); i++)
		check_text(prep_local, &locals[i]);
}

static const struct text_case resources[] = {
	{ "Home",		"Home" },
	{ "a b",		"a b" },
	{ " ",			" " },
	{ "\"&'/:<>@",		"\"&'/:<>@" },
	{ "J\xc3\x9crgen",	"J\xc3\x9crgen" },
	{ "u\xcc\x88",		"\xc3\xbc" },
	{ "stra\xc3\x9f" "e",	"stra\xc3\x9f" "e" },
	/* A no-break space becomes a space (RFC 3454 table C.1.2). */
	{ "a\xc2\xa0" "b",	"a b" },
	{ "\xf0\x9f\x98\x80",	"\xf0\x9f\x98\x80" },
	/* The joiners of a family go, as in routers. */
	{ "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
	  "\xf0\x9f\x91\xa8\xf0\x9f\x91\xa9" },
	{ "\xe2\x84\x80",	"a/c" },
	{ "",			NULL },
	{ "\xc2\xad",		NULL },
	{ "a\nb",		NULL },
	{ "a\x7f",		NULL },
	{ "a\xe2\x80\xa8" "b",	NULL },
	{ "a\xef\xbf\xbd",	NULL },
	{ "a\xd7\x90",		NULL },
};

static void
prepares_resources(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(resources); i++)
		check_text(prep_resource, &resources[i]);
}

static const struct text_case domains[] = {
	{ "muc.example",	"muc.example" },
	{ "MUC.Example",	"muc.example" },
	{ "localhost",		"localhost" },
	{ "example.",		"example" },
	{ "a_b._tcp.example",	"a_b._tcp.example" },
	{ "ab--cd.example",	"ab--cd.example" },
	{ "-a-.example",	"-a-.example" },
	{ "192.0.2.1",		"192.0.2.1" },
	{ "[::1]",		"[::1]" },
	{ "[2001:DB8::1]",	"[2001:db8::1]" },
	{ "[::ffff:192.0.2.1]",	"[::ffff:192.0.2.1]" },
	{ "B\xc3\x9c" "CHER.example", "b\xc3\xbc" "cher.example" },
	{ "b\xc3\xbc" "cher.EXAMPLE.", "b\xc3\xbc" "cher.example" },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
	{ "XN--BCHER-KVA.example", "xn--bcher-kva.example" },
	{ "_x.xn--bcher-kva",	"_x.xn--bcher-kva" },
	/* What routers make of a sharp s is another domain than IDNA2008. */
	{ "stra\xc3\x9f" "e.example", "strasse.example" },
	{ "xn--strae-oqa.example", "xn--strae-oqa.example" },
	/* Fullwidth letters and a fullwidth full stop. */
	{ "\xef\xbc\xa1\xef\xbc\x8e\xef\xbc\xa2", "a.b" },
	/* Hebrew beside Latin is a matter of the single labels. */
	{ "\xd7\x90\xd7\x91.example", "\xd7\x90\xd7\x91.example" },
	{ "xn--4dbc.example",	"xn--4dbc.example" },
	{ "",			NULL },
	{ ".",			NULL },
	{ "..",			NULL },
	{ ".example",		NULL },
	{ "a..example",		NULL },
	{ "example..",		NULL },
	{ "a\xef\xbc\x8e\xef\xbc\x8e" "b", NULL },
	{ "a\xef\xbc\x8e",	NULL },
	{ "a b.example",	NULL },
	{ "a@b",		NULL },
	{ "a!b",		NULL },
	{ "a:5222",		NULL },
	{ "a%b",		NULL },
	{ "a\\b",		NULL },
	{ "a\xef\xbc\xa0" "b",	NULL },
	{ "a\xef\xbc\x8f" "b",	NULL },
	{ "[]",			NULL },
	{ "[",			NULL },
	{ "[::1",		NULL },
	{ "[::1]x",		NULL },
	{ "[fe80::1%eth0]",	NULL },
	{ "[192.0.2.1]",	NULL },
	{ "[0000:0000:0000:0000:0000:0000:0000:0000:0000]", NULL },
	{ "xn--",		NULL },
	{ "xn--abc-",		NULL },
	/* Would be capital, a heart, not in NFC. */
	{ "xn--A-1ga-.example",	NULL },
	{ "xn--i-7iq.example",	NULL },
	{ "xn--u-ccb.example",	NULL },
	{ "i\xe2\x9d\xa4.example", NULL },
	/* An ideographic full stop, which routers do not take for a dot. */
	{ "a\xe3\x80\x82" "b",	NULL },
	{ "b\xc3\xbc_x",	NULL },
	{ "\xd7\x90" "a.example", NULL },
	{ "\xcc\x88" "a.example", NULL },
	/* Hebrew, 17 with a full stop in one character, Hebrew. */
	{ "\xd7\x9c\xe2\x92\x98\xd7\x9c", NULL },
};

static void
prepares_domains(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		check_text(prep_domain, &domains[i]);
}

static const struct {
	const char *bytes;
	size_t len;
} not_utf8[] = {
	{ "a\0b", 3 },
	{ "\0", 1 },
	{ "\xc3\xbc\0", 3 },
	{ "\x80", 1 },
	{ "\xbf" "a", 2 },
	{ "\xc3", 1 },
	{ "\xc3" "a", 2 },
	{ "\xe2\x82", 2 },
	{ "\xe2\x82" "a", 3 },
	{ "\xf0\x9f\x98", 3 },
	{ "\xc0\xaf", 2 },
	{ "\xc1\x81", 2 },
	{ "\xe0\x80\xaf", 3 },
	{ "\xe0\x9f\xbf", 3 },
	{ "\xf0\x8f\xbf\xbf", 4 },
	{ "\xed\xa0\x80", 3 },
	{ "\xed\xbf\xbf", 3 },
	{ "\xf4\x90\x80\x80", 4 },
	{ "\xf5\x80\x80\x80", 4 },
	{ "\xf8\x88\x80\x80\x80", 5 },
	{ "\xfe", 1 },
	{ "\xff", 1 },
};

static void
refuses_what_is_not_utf8(void **state)
{
	static prep_fn *const fns[] = {
		prep_local, prep_domain, prep_resource,
	};
	struct prep prep;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(not_utf8); i++) {
		for (size_t j = 0; j < ARRAY_LEN(fns); j++) {
			memset(&err, 0, sizeof(err));
			assert_int_equal(fns[j](not_utf8[i].bytes,
						not_utf8[i].len, &prep, &err),
					 -1);
			assert_int_equal(err.cond, ERROR_JID_MALFORMED);
		}
	}
}

/* ASCII goes without libidn; what libidn says is the expectation. */
static void
compare(prep_fn *fn, const Stringprep_profile *profile, const char *also,
	const char *text)
{
	char expected[64];
	struct error err = { 0 };
	struct prep prep;
	int ret = fn(text, strlen(text), &prep, &err), code;

	snprintf(expected, sizeof(expected), "%s", text);
	code = stringprep(expected, sizeof(expected), 0, profile);
	if (code == STRINGPREP_OK && also != NULL &&
	    strspn(expected, also) != strlen(expected))
		code = STRINGPREP_CONTAINS_PROHIBITED;
	assert_int_equal(ret, code == STRINGPREP_OK ? 0 : -1);
	if (ret == 0)
		assert_string_equal(prep.text, expected);
}

static void
compare_all(const char *text)
{
	compare(prep_local, stringprep_xmpp_nodeprep, NULL, text);
	compare(prep_resource, stringprep_xmpp_resourceprep, NULL, text);
	compare(prep_domain, stringprep_nameprep,
		"abcdefghijklmnopqrstuvwxyz0123456789-_.", text);
}

static void
agrees_with_libidn_on_ascii(void **state)
{
	char text[8];

	(void)state;
	for (int c = 1; c < 0x80; c++) {
		snprintf(text, sizeof(text), "a%cz", c);
		compare_all(text);
		if (c == '.' || c == '[')
			continue;
		snprintf(text, sizeof(text), "%c", c);
		compare_all(text);
		for (int d = 1; d < 0x80; d++) {
			snprintf(text, sizeof(text), "%c%cx", c, d);
			compare_all(text);
		}
	}
}

/* 57 times a u with diaeresis. */
#define A_LABEL "xn--tdaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
check_size(prep_fn *fn, const char *unit, size_t count, int expected)
{
	size_t size = strlen(unit);
	char *text = calloc(count, size);
	struct prep prep;
	struct error err = { 0 };

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * size, unit, size);
	assert_int_equal(fn(text, count * size, &prep, &err), expected);
	if (expected < 0)
		assert_int_equal(err.cond, ERROR_JID_MALFORMED);
	free(text);
}

/* RFC 7622 sections 3.2 to 3.4: at most 1023 bytes after the mapping. */
static void
keeps_to_1023_bytes(void **state)
{
	(void)state;
	check_size(prep_local, "a", 1023, 0);
	check_size(prep_local, "a", 1024, -1);
	check_size(prep_resource, "a", 1023, 0);
	check_size(prep_resource, "a", 1024, -1);
	check_size(prep_domain, "a", 1023, 0);
	check_size(prep_domain, "a", 1024, -1);
	check_size(prep_local, "\xc3\xbc", 511, 0);
	check_size(prep_local, "\xc3\xbc", 512, -1);
	/* Fullwidth A shrinks to a third. */
	check_size(prep_local, "\xef\xbc\xa1", 1023, 0);
	check_size(prep_local, "\xef\xbc\xa1", 1024, -1);
	/* An Arabic ligature of 3 bytes grows to 33. */
	check_size(prep_resource, "\xef\xb7\xba", 31, 0);
	check_size(prep_resource, "\xef\xb7\xba", 32, -1);
	check_size(prep_resource, "\xef\xb7\xba", 1023, -1);
	check_size(prep_resource, "\xef\xb7\xba", 100000, -1);
	/* A label has at most 63 bytes as an A-label, 114 as a U-label. */
	check_size(prep_domain, "\xc3\xbc", 57, 0);
	check_size(prep_domain, "\xc3\xbc", 58, -1);
	check_size(prep_domain, A_LABEL ".", 15, 0);
	check_size(prep_domain, A_LABEL ".", 17, -1);
	check_size(prep_domain, A_LABEL "a.", 1, -1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(prepares_local_parts),
		cmocka_unit_test(prepares_resources),
		cmocka_unit_test(prepares_domains),
		cmocka_unit_test(refuses_what_is_not_utf8),
		cmocka_unit_test(agrees_with_libidn_on_ascii),
		cmocka_unit_test(keeps_to_1023_bytes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("prep", tests, NULL, NULL);
}
