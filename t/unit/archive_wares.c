#include "components/archive/wares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/archive/offer.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

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
		if (wares_have_file(files[i].globs, &files[i].offer) !=
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
			.url = links[i].url, .host = links[i].host,
		};

		if (wares_have_link(links[i].globs, &offer) != links[i].has)
			fail_msg("case %zu", i);
	}
}

static void
are_looked_for_in_all_offers(void **state)
{
	static const char *const exe[] = { "*.exe", NULL };
	static const char *const far[] = { "far", NULL };
	const struct offer last = { .attached = true, .name = "a.exe",
				    .url = "x://far", .host = "far" };
	const struct offer first = { .name = "b", .next =
				     (struct offer *)&last };

	(void)state;
	assert_true(wares_have_file(exe, &first));
	assert_true(wares_have_link(far, &first));
	assert_false(wares_have_file(exe, NULL));
	assert_false(wares_have_link(far, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(have_files),
		cmocka_unit_test(have_links),
		cmocka_unit_test(are_looked_for_in_all_offers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_wares", tests, NULL,
					   NULL);
}
