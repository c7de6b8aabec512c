#include "shared/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The examples of FIPS 180-2. */
static const struct {
	const char *parts[3];
	const char *wanted;
} cases[] = {
	{ { "" }, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b"
		  "7852b855" },
	{ { "abc" }, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
		     "f20015ad" },
	{ { "a", "", "bc" }, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
			     "b410ff61f20015ad" },
	{ { "abcdbcdecdefdefgefghfghighijhijk", "ijkljklmklmnlmnomnopnopq" },
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void
knows_the_examples(void **state)
{
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct digest *digest = digest_new();

		for (size_t j = 0; j < 3 && cases[i].parts[j] != NULL; j++)
			digest_add(digest, cases[i].parts[j],
				   strlen(cases[i].parts[j]));
		assert_ptr_equal(digest_end(&digest, text), text);
		assert_null(digest);
		assert_string_equal(text, cases[i].wanted);
	}
}

static void
may_be_given_up(void **state)
{
	struct digest *digest = digest_new();

	(void)state;
	digest_add(digest, "a", 1);
	digest_free(&digest);
	assert_null(digest);
	digest_free(&digest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_examples),
		cmocka_unit_test(may_be_given_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
