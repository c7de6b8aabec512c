#include "components/archive/rules/wares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/rules/globs.h"
#include "components/archive/rules/offer.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static struct globs_watch watch = { .until_ns = UINT64_MAX };

static const struct {
	const char *globs[4];
	struct offer offer;
	bool has;
} files[] = {
	{ { "*" }, { .attached = true }, true },
	{ { "*.exe" }, { .attached = true }, false },
	{ { "!*.png" }, { .attached = true }, true },
	{ { "*" }, { .attached = false, .url = "http://a/" }, false },
	{ { "*" }, { .attached = false, .url_name = "a.b" }, true },
	{ { "*.exe" }, { .attached = true, .name = "a.EXE" }, true },
	{ { "*.exe" }, { .attached = true, .name = "a.png",
			 .url_name = "a.exe" }, true },
	{ { "*.exe" }, { .attached = true, .media_type = "x.exe" }, false },
	{ { "image/*" }, { .attached = true, .name = "image/x" }, false },
	{ { "image/*" }, { .attached = true, .media_type = "image/png" },
	  true },
	{ { "*" }, { .attached = true, .media_type = "image/png" }, true },
	{ { "*", "!*.png" }, { .attached = true, .name = "a.png" }, false },
	{ { "!*.png" }, { .attached = true, .name = "a.png" }, false },
	{ { "*", "!*.png" }, { .attached = true, .name = "a.png",
			       .url_name = "a.exe" }, true },
	{ { "*", "!*.png" }, { .attached = true, .name = "a.png",
			       .media_type = "image/png" }, true },
	{ { "*", "!*.png", "!image/*" }, { .attached = true, .name = "a.png",
		.media_type = "image/png" }, false },
};

static void
have_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (wares_have_file(files[i].globs, &files[i].offer, &watch) !=
		    files[i].has)
			fail_msg("case %zu", i);
}

static const struct {
	const char *globs[4];
	const char *url, *host;
	bool has;
} links[] = {
	{ { "*" }, "https://a.b/c", "a.b", true },
	{ { "*" }, NULL, NULL, false },
	{ { "a.b" }, "https://A.b/c", "a.b", true },
	{ { "b" }, "https://a.b/c", "a.b", false },
	{ { "*.b" }, "https://a.b/c", "a.b", true },
	{ { "*.b" }, "https://b/c", "b", false },
	{ { "*c" }, "https://a.b/c", "a.b", false },
	{ { "ftp://*" }, "ftp://a.b/c", "a.b", true },
	{ { "ftp://*" }, "https://a.b/ftp://x", "a.b", false },
	{ { "*", "!a.b" }, "https://a.b/c", "a.b", false },
	{ { "!a.b" }, "https://a.b/c", "a.b", false },
	{ { "!a.b" }, "https://b/c", "b", true },
	{ { "*", "!https://*" }, "https://a.b/c", "a.b", false },
	{ { "*" }, "urn:x", NULL, true },
};

static void
have_links(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		const struct offer offer = {
			.url = links[i].url, .plain_url = links[i].url,
			.host = links[i].host,
		};

		if (wares_have_link(links[i].globs, &offer, &watch) !=
		    links[i].has)
			fail_msg("case %zu", i);
	}
}

static void
are_looked_for_in_all_offers(void **state)
{
	static const char *const exe[] = { "*.exe", NULL };
	static const char *const far[] = { "far", NULL };
	const struct offer last = { .attached = true, .name = "a.exe",
				    .url = "x://far", .plain_url = "x://far",
				    .host = "far" };
	const struct offer first = { .name = "b", .next =
				     (struct offer *)&last };

	(void)state;
	assert_true(wares_have_file(exe, &first, &watch));
	assert_true(wares_have_link(far, &first, &watch));
	assert_false(wares_have_file(exe, NULL, &watch));
	assert_false(wares_have_link(far, NULL, &watch));
}

static void
are_looked_for_in_both_forms_of_a_host(void **state)
{
	static const char *const any[] = { "xn--*", NULL };
	static const char *const none[] = { "*", "!xn--*", NULL };
	const struct offer offer = {
		.url = "https://\xc3\x84/", .plain_url = "https://\xc3\xa4/",
		.host = "\xc3\xa4", .ascii_host = "xn--4ca",
	};

	(void)state;
	assert_true(wares_have_link(any, &offer, &watch));
	assert_false(wares_have_link(none, &offer, &watch));
}

static const struct {
	const char *glob, *file, *link;
} globs[] = {
	{ "*.exe", "*.exe", "*.exe" },
	{ "!*.XN--bcher-kva.Test.", "!*.XN--bcher-kva.Test.",
	  "!*.b\xc3\xbc" "cher.test" },
	{ "!*.\xc3\x84", "!*.\xc3\xa4", "!*.\xc3\xa4" },
	{ "https://A.test./X*", "https://A.test./X*", "https://a.test/X*" },
};

static void
are_looked_for_in_the_forms_of_offers(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(globs); i++) {
		assert_string_equal(wares_file_glob(*state, globs[i].glob),
				    globs[i].file);
		assert_string_equal(wares_link_glob(*state, globs[i].glob),
				    globs[i].link);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(have_files),
		cmocka_unit_test(have_links),
		cmocka_unit_test(are_looked_for_in_all_offers),
		cmocka_unit_test(are_looked_for_in_both_forms_of_a_host),
		BED_ARENA_TEST(are_looked_for_in_the_forms_of_offers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_wares", tests, NULL,
					   NULL);
}
