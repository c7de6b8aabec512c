#include "components/archive/rules/hostname.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/rules/pattern.h"
#include "shared/arena.h"
#include "shared/str.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define BUECHER "b\xc3\xbc" "cher"

static const struct {
	const char *host, *plain, *ascii;
} hosts[] = {
	{ "", "", "" },
	{ "Up.Example", "up.example", "up.example" },
	{ "a.b..", "a.b", "a.b" },
	{ BUECHER ".example", BUECHER ".example", "xn--bcher-kva.example" },
	{ "B\xc3\x9c" "CHER.example", BUECHER ".example",
	  "xn--bcher-kva.example" },
	{ "bu\xcc\x88" "cher.example", BUECHER ".example",
	  "xn--bcher-kva.example" },
	{ "XN--bcher-kva.Example.", BUECHER ".example",
	  "xn--bcher-kva.example" },
	{ "ev\xc2\xadil\xef\xbc\x8e\xef\xbd\x94" "est", "evil.test",
	  "evil.test" },
	{ "evil\xe3\x80\x82test\xef\xbd\xa1" "a", "evil.test.a",
	  "evil.test.a" },
	{ "evil.test\xef\xbc\x8f.good", "evil.test", "evil.test" },
	{ "xn--e28h.test", "\xf0\x9f\x98\x80.test", "xn--e28h.test" },
	{ "xn--", "xn--", "xn--" },
	{ "xn--99999999999", "xn--99999999999", "xn--99999999999" },
	{ "xn--strae-oqa", "strasse", "strasse" },
	{ "*.XN--bcher-kva.example", "*." BUECHER ".example",
	  "*.xn--bcher-kva.example" },
	{ "xn--*", "xn--*", "xn--*" },
	{ "[::1]", "[::1]", "[::1]" },
};

static void
have_one_form(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		const char *plain = hostname_plain(*state, hosts[i].host);

		assert_string_equal(plain, hosts[i].plain);
		assert_string_equal(hostname_ascii(*state, plain),
				    hosts[i].ascii);
		assert_string_equal(hostname_plain(*state, plain), plain);
	}
}

static void
stay_when_they_are_too_long(void **state)
{
	struct str host = { 0 };

	for (size_t i = 0; i < 70; i++)
		str_addz(&host, "\xc3\xa4");
	assert_string_equal(hostname_plain(*state, host.data), host.data);
	assert_string_equal(hostname_ascii(*state, host.data), host.data);
	str_fini(&host);
}

/* Where each moves all behind it, this takes far longer. */
static void
take_no_longer_for_more_dots(void **state)
{
	struct str host = { 0 };
	uint64_t began;

	str_addz(&host, "a");
	for (size_t i = 0; i < 400000; i++)
		str_addz(&host, "\xe3\x80\x82");
	began = pattern_clock_ns();
	assert_string_equal(hostname_plain(*state, host.data), "a");
	assert_true(pattern_clock_ns() - began < UINT64_C(2000000000));
	str_fini(&host);
}

static const struct {
	const char *url, *host, *plain;
} urls[] = {
	{ "urn:x", NULL, "urn:x" },
	{ "https://A.b:443/C?d#e", "a.b", "https://a.b:443/C?d#e" },
	{ "ftp://u:p@good@XN--bcher-kva.test/x@y", BUECHER ".test",
	  "ftp://" BUECHER ".test/x@y" },
	{ "https://e%76il%2etest/%41", "evil.test", "https://evil.test/%41" },
	{ "https://evil\\@good/", "evil", "https://evil\\@good/" },
	{ "http://[::1]:80/", "[::1]:80", "http://[::1]:80/" },
	{ "http://a.", "a", "http://a" },
	{ "http:///\\Evil.test/x", "evil.test", "http://evil.test/x" },
	{ "http:///", "", "http://" },
	{ "ftp://*", "*", "ftp://*" },
};

static void
stand_in_urls(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		const char *plain;
		const char *host = hostname_of(*state, urls[i].url, &plain);

		if (urls[i].host == NULL)
			assert_null(host);
		else
			assert_string_equal(host, urls[i].host);
		assert_string_equal(plain, urls[i].plain);
		assert_string_equal(hostname_plain_url(*state, urls[i].url),
				    urls[i].plain);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BED_ARENA_TEST(have_one_form),
		BED_ARENA_TEST(stay_when_they_are_too_long),
		BED_ARENA_TEST(take_no_longer_for_more_dots),
		BED_ARENA_TEST(stand_in_urls),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_hostname", tests, NULL,
					   NULL);
}
