#include "components/muc/pseudonym.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/arena.h"
#include "shared/str.h"
#include "shared/xml.h"
#include "t/lib/bed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The first half of an HMAC by SHA-256, as openssl(1) makes it. */
static const struct {
	const char *key, *jid, *pseudonym;
} cases[] = {
	{ "k", "ann@a.example", "a4563cd0ef581d2e4ded493c0029a532" },
	{ "k", "bob@b.example", "ff2fff140cb351896792835360d56968" },
	{ "l", "ann@a.example", "de398d22c59253f8ee3603d8a5ca2e70" },
};

static void
tells_people_apart(void **state)
{
	char pseudonym[PSEUDONYM_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		pseudonym_make(cases[i].key, cases[i].jid, pseudonym);
		assert_string_equal(pseudonym, cases[i].pseudonym);
	}
}

static void
makes_another_key_each_time(void **state)
{
	char one[PSEUDONYM_KEY_SIZE], other[PSEUDONYM_KEY_SIZE];

	(void)state;
	pseudonym_make_key(one);
	pseudonym_make_key(other);
	assert_int_equal(strspn(one, "0123456789abcdef"), 64);
	assert_int_equal(strlen(one), 64);
	assert_string_not_equal(one, other);
}

#define ID "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='ab'/>"

static void
is_said_in_stanzas(void **state)
{
	struct arena *arena = arena_new();
	struct xml *message = bed_xml(arena, "jabber:client",
				      "<message><body>a</body></message>");
	struct str out = { 0 };

	(void)state;
	pseudonym_print(&out, "ab");
	assert_string_equal(out.data, ID);
	str_clear(&out);
	pseudonym_add(arena, message, "ab");
	xml_print(&out, message, "jabber:client");
	assert_string_equal(out.data,
			    "<message><body>a</body>" ID "</message>");
	str_fini(&out);
	arena_free(&arena);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_people_apart),
		cmocka_unit_test(makes_another_key_each_time),
		cmocka_unit_test(is_said_in_stanzas),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_pseudonym", tests, NULL,
					   NULL);
}
