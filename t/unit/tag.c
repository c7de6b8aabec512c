#include "shared/tag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/str.h"

/* In a case below: "@N" stands for N times x. */
static void
write_out(struct str *out, const char *text)
{
	for (; *text != '\0'; text++) {
		char *end;
		unsigned long n;

		if (*text != '@') {
			str_addc(out, *text);
			continue;
		}
		n = strtoul(text + 1, &end, 10);
		while (n-- > 0)
			str_addc(out, 'x');
		text = end - 1;
	}
}

static void
the_longest_tag_counts_if_it_is_long(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
		{ "<a/>", 0 },
		{ "<a b='@900'/>", 0 },
		/* A tag without its '>'. */
		{ "<a b='@1016'/>", 0 },
		{ "<a b='@1017'/>", 1025 },
		{ "<a b='@5000'/>", 5008 },
		/* Text is none. */
		{ "<a>@5000</a>", 0 },
		{ "<a>@5000<b c='@2000'/></a>", 2008 },
		{ "<a b='@1200'><b c='@2000'/></a>", 2008 },
		{ "<a b='@2000'><b c='@1200'/></a>", 2007 },
		{ "<a><b c='@600'/><b c='@600'/></a>", 0 },
		{ "<a><b/>@1020<b c='@1100'/></a>", 1108 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str text = { 0 };

		str_addz(&text, "");
		write_out(&text, cases[i].text);
		assert_int_equal(tag_long(text.data, text.len), cases[i].len);
		str_fini(&text);
	}
}

static void
it_is_followed_by_as_many_blanks(void **state)
{
	struct str out = { 0 };

	(void)state;
	str_addz(&out, "<a/>");
	tag_push(&out, 0);
	assert_int_equal(out.len, 4);
	tag_push(&out, 3);
	str_addz(&out, "<b/>");
	assert_string_equal(out.data, "<a/>   <b/>");
	str_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_tag_counts_if_it_is_long),
		cmocka_unit_test(it_is_followed_by_as_many_blanks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
