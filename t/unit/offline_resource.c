#include "components/offline/resource.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/mailbox.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "t/lib/offlinebed.h"

static const struct jid *
jid(struct offlinebed *bed, const char *text)
{
	const struct jid *jid;
	struct error err;

	assert_int_equal(jid_parsez(bed->hooks->arena, text, &jid, &err), 0);
	return jid;
}

/* A session of which the shim told. */
static struct resource *
add(struct offlinebed *bed, const char *text, bool takes)
{
	const struct jid *who = jid(bed, text);
	struct resource *session =
		resource_add(mailbox_use(bed->offline, who->bare), who);

	session->known = true;
	session->takes = takes;
	return session;
}

static struct mailbox *
mailbox_of(struct offlinebed *bed)
{
	return mailbox_use(bed->offline, "j@example");
}

static void
is_there_once(void **state)
{
	struct offlinebed *bed = *state;
	struct resource *session = add(bed, "j@example/b", true);

	assert_ptr_equal(add(bed, "j@example/b", false), session);
	assert_ptr_equal(resource_find(mailbox_of(bed), "j@example/b"),
			 session);
	assert_null(resource_find(mailbox_of(bed), "j@example/c"));
	assert_null(mailbox_of(bed)->sessions->next);
}

static void
the_last_that_came_takes_messages(void **state)
{
	struct offlinebed *bed = *state;
	struct resource *first = add(bed, "j@example/b", true);
	struct resource *last = add(bed, "j@example/c", true);

	assert_ptr_equal(resource_taking(mailbox_of(bed)), last);
	add(bed, "j@example/d", false);
	assert_ptr_equal(resource_taking(mailbox_of(bed)), last);
	resource_end(last);
	assert_ptr_equal(resource_taking(mailbox_of(bed)), first);
	first->takes = false;
	assert_null(resource_taking(mailbox_of(bed)));
}

static void
none_takes_messages_while_one_reads_them(void **state)
{
	struct offlinebed *bed = *state;

	add(bed, "j@example/b", true);
	resource_ask(bed->offline, jid(bed, "j@example/c"));
	assert_null(resource_taking(mailbox_of(bed)));
	resource_end(resource_find(mailbox_of(bed), "j@example/c"));
	assert_non_null(resource_taking(mailbox_of(bed)));
}

/* The shim tells of all who are there after its hello. */
static void
nobody_is_known_to_be_there_after_a_hello(void **state)
{
	struct offlinebed *bed = *state;
	struct resource *asked;

	add(bed, "j@example/b", true);
	add(bed, "k@other", true);
	resource_ask(bed->offline, jid(bed, "j@example/c"));
	resource_forget_host(bed->offline, "example", false);
	assert_null(resource_find(mailbox_of(bed), "j@example/b"));
	asked = resource_find(mailbox_of(bed), "j@example/c");
	assert_non_null(asked);
	assert_true(asked->asked);
	assert_false(asked->known);
	assert_non_null(mailbox_find(bed->offline, "k@other")->sessions);
}

/* It may have gone in the meantime. */
static void
one_that_asked_counts_once_it_is_known_again(void **state)
{
	struct offlinebed *bed = *state;
	const struct resource *other;

	resource_ask(bed->offline, jid(bed, "j@example/c"));
	resource_forget_host(bed->offline, "example", false);
	other = add(bed, "j@example/b", true);
	assert_ptr_equal(resource_taking(mailbox_of(bed)), other);
	add(bed, "j@example/c", true);
	assert_null(resource_taking(mailbox_of(bed)));
}

/* One that is not known to be there does not stay for ever. */
static void
one_that_asked_goes_with_the_second_hello(void **state)
{
	struct offlinebed *bed = *state;

	resource_ask(bed->offline, jid(bed, "j@example/c"));
	resource_forget_host(bed->offline, "example", false);
	resource_forget_host(bed->offline, "example", false);
	assert_null(mailbox_of(bed)->sessions);
}

static void
nobody_is_left_when_the_router_is_another(void **state)
{
	struct offlinebed *bed = *state;

	add(bed, "j@example/b", true);
	resource_ask(bed->offline, jid(bed, "j@example/c"));
	add(bed, "k@other", true);
	resource_forget_host(bed->offline, "example", true);
	assert_null(mailbox_of(bed)->sessions);
	resource_end_all(bed->offline);
	assert_null(mailbox_find(bed->offline, "k@other")->sessions);
}

static void
any_of_several_may_end(void **state)
{
	struct offlinebed *bed = *state;

	add(bed, "j@example/b", false);
	add(bed, "j@example/c", false);
	add(bed, "j@example/d", false);
	resource_end(resource_find(mailbox_of(bed), "j@example/c"));
	assert_null(resource_find(mailbox_of(bed), "j@example/c"));
	assert_non_null(resource_find(mailbox_of(bed), "j@example/b"));
	assert_non_null(resource_find(mailbox_of(bed), "j@example/d"));
}

static void
passes_over_by_session(void **state)
{
	struct offlinebed *bed = *state;
	struct resource *session = add(bed, "j@example/b", true);

	assert_false(resource_has_passed(session, 7));
	resource_pass(session, 7);
	resource_pass(session, 9);
	assert_true(resource_has_passed(session, 7));
	assert_true(resource_has_passed(session, 9));
	assert_false(resource_has_passed(session, 8));
	assert_false(resource_has_passed(add(bed, "j@example/c", true), 7));
	resource_end(session);
	assert_false(resource_has_passed(add(bed, "j@example/b", true), 7));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(is_there_once),
		OFFLINEBED_TEST(the_last_that_came_takes_messages),
		OFFLINEBED_TEST(none_takes_messages_while_one_reads_them),
		OFFLINEBED_TEST(nobody_is_known_to_be_there_after_a_hello),
		OFFLINEBED_TEST(one_that_asked_counts_once_it_is_known_again),
		OFFLINEBED_TEST(one_that_asked_goes_with_the_second_hello),
		OFFLINEBED_TEST(nobody_is_left_when_the_router_is_another),
		OFFLINEBED_TEST(any_of_several_may_end),
		OFFLINEBED_TEST(passes_over_by_session),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_resource", tests, NULL,
					   NULL);
}
