#include "components/archive/command/role.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/archive/archive.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"

static const struct {
	const char *who;
	bool auditor;
} cases[] = {
	{ "a@b", true },
	{ "a@b/c", true },
	{ "d@b/c", true },
	{ "admin@b", false },
	{ "b", false },
	{ "a@c", false },
};

static void
knows_auditors_by_their_addresses(void **state)
{
	static const char *const admins[] = { "admin@b", NULL };
	static const char *const auditors[] = { "a@b", "d@b", NULL };
	struct archive_settings settings = {
		.component.admins = admins, .auditors = auditors,
	};
	struct archive archive = { .settings = &settings };
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct jid *jid;
		struct error err;

		assert_int_equal(jid_parsez(arena, cases[i].who, &jid, &err),
				 0);
		assert_int_equal(role_is_auditor(&archive, jid),
				 cases[i].auditor);
	}
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_auditors_by_their_addresses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("archive_role", tests, NULL, NULL);
}
