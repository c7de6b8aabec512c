#include "components/offline/mailbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/shelf.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"
#include "t/lib/offlineshim.h"

#define USER "j@example"

static int counted, failed;

static void
on_counted(struct mailbox *mailbox, const struct error *err)
{
	assert_non_null(mailbox);
	counted++;
	failed += err != NULL;
}

/* Puts one into the database. */
static void
put(struct offlinebed *bed, const char *id, const char *sender)
{
	const struct shelf_message message = {
		.id = id, .sender = sender, .resource = "", .stamp = 1,
		.stanza = "<message xmlns='jabber:client'/>",
	};

	shelf_put(bed->offline->shelf, USER, 1, &message, NULL, NULL);
}

static struct mailbox *
count(struct offlinebed *bed)
{
	struct mailbox *mailbox = mailbox_use(bed->offline, USER);

	counted = failed = 0;
	mailbox_count(mailbox, on_counted);
	fake_store_tell(bed->store);
	return mailbox;
}

static void
is_found_once_it_is_used(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox;

	assert_null(mailbox_find(bed->offline, USER));
	mailbox = mailbox_use(bed->offline, USER);
	assert_string_equal(mailbox->jid, USER);
	assert_ptr_equal(mailbox_use(bed->offline, USER), mailbox);
	assert_ptr_equal(mailbox_find(bed->offline, USER), mailbox);
	assert_null(mailbox_find(bed->offline, "k@example"));
}

static void
counts_what_there_is_of_whom(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox;

	put(bed, "x1", "a@b");
	put(bed, "x2", "a@b");
	put(bed, "x3", "c@d");
	mailbox = count(bed);
	assert_int_equal(counted, 1);
	assert_int_equal(failed, 0);
	assert_int_equal(mailbox->count, 3);
	assert_int_equal(mailbox_count_of(mailbox, "a@b"), 2);
	assert_int_equal(mailbox_count_of(mailbox, "c@d"), 1);
	assert_int_equal(mailbox_count_of(mailbox, "e@f"), 0);
	/* Known by now. */
	mailbox_count(mailbox, on_counted);
	assert_int_equal(counted, 2);
}

/* All who wait are told by one answer. */
static void
asks_once_while_it_counts(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox = mailbox_use(bed->offline, USER);

	counted = failed = 0;
	mailbox_count(mailbox, on_counted);
	mailbox_count(mailbox, on_counted);
	assert_int_equal(counted, 0);
	assert_int_equal(fake_store_tell(bed->store), 1);
	assert_int_equal(counted, 1);
}

static void
counts_again_when_the_database_failed(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox;

	put(bed, "x1", "a@b");
	fake_store_set_away(bed->store, true);
	mailbox = count(bed);
	assert_int_equal(failed, 1);
	assert_int_equal(mailbox->state, MAILBOX_NEW);
	fake_store_set_away(bed->store, false);
	assert_ptr_equal(count(bed), mailbox);
	assert_int_equal(failed, 0);
	assert_int_equal(mailbox->count, 1);
}

static void
adds_and_subtracts(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox = count(bed);

	mailbox_add(mailbox, "a@b", 2);
	mailbox_add(mailbox, "c@d", 1);
	mailbox_subtract(mailbox, "a@b", 1);
	assert_int_equal(mailbox->count, 2);
	assert_int_equal(mailbox_count_of(mailbox, "a@b"), 1);
	/* Never below what there is. */
	mailbox_subtract(mailbox, "a@b", 5);
	mailbox_subtract(mailbox, "e@f", 1);
	assert_int_equal(mailbox->count, 1);
	assert_int_equal(mailbox_count_of(mailbox, "a@b"), 0);
	assert_int_equal(mailbox_count_of(mailbox, "c@d"), 1);
}

static void
forgets_the_old_count_when_it_is_in_doubt(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox;

	put(bed, "x1", "a@b");
	mailbox = count(bed);
	mailbox_add(mailbox, "a@b", 7);
	mailbox_doubt(mailbox);
	count(bed);
	assert_int_equal(mailbox->count, 1);
	assert_int_equal(mailbox_count_of(mailbox, "a@b"), 1);
}

/* One that is being counted will be told what is there. */
static void
is_not_in_doubt_while_it_counts(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox = mailbox_use(bed->offline, USER);

	counted = failed = 0;
	mailbox_count(mailbox, on_counted);
	mailbox_doubt(mailbox);
	assert_int_equal(mailbox->state, MAILBOX_COUNTING);
	fake_store_tell(bed->store);
	assert_int_equal(mailbox->state, MAILBOX_READY);
}

static void
needs_no_count_where_nothing_was_found(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox = mailbox_use(bed->offline, USER);

	mailbox_found_empty(mailbox);
	assert_int_equal(mailbox->state, MAILBOX_READY);
	assert_int_equal(mailbox->count, 0);
	mailbox_add(mailbox, "a@b", 1);
	mailbox_doubt(mailbox);
	mailbox_found_empty(mailbox);
	assert_int_equal(mailbox->state, MAILBOX_NEW);
}

static void
takes_what_was_removed_of_whomever(void **state)
{
	struct offlinebed *bed = *state;
	const struct mailbox *other;

	offlineshim_store(bed, USER, "x1", "a@b/c");
	offlineshim_store(bed, USER, "x2", "c@d/e");
	offlineshim_store(bed, "k@example", "x3", "a@b/c");
	other = mailbox_find(bed->offline, "k@example");
	OFFLINEBED_COMMAND(bed, "purge", "user=" USER, "sender=a@b");
	assert_int_equal(mailbox_find(bed->offline, USER)->count, 1);
	assert_int_equal(other->count, 1);
	assert_int_equal(other->state, MAILBOX_READY);
}

/* Whose they were is not known when an expiry is done twice. */
static void
doubts_all_where_nobody_is_named(void **state)
{
	static const struct error err = { .cond = ERROR_RESOURCE_CONSTRAINT };
	struct offlinebed *bed = *state;
	const struct mailbox *mailbox = count(bed);

	mailbox_take_removed(bed->offline, "k@example", NULL, &err);
	assert_int_equal(mailbox->state, MAILBOX_READY);
	mailbox_take_removed(bed->offline, NULL, NULL, &err);
	assert_int_equal(mailbox->state, MAILBOX_NEW);
}

/* One with nothing to do goes when so many others were used after it. */
static void
use_others(struct offlinebed *bed)
{
	struct arena *arena = arena_new();

	for (int i = 0; i < MAILBOX_IDLE_MAX + 16; i++)
		mailbox_use(bed->offline, arena_printf(arena, "u%d@example",
						       i));
	arena_free(&arena);
}

static void
goes_when_others_were_used_after_it(void **state)
{
	struct offlinebed *bed = *state;

	mailbox_use(bed->offline, USER);
	use_others(bed);
	assert_null(mailbox_find(bed->offline, USER));
	assert_int_equal(HASH_COUNT(bed->offline->mailboxes),
			 MAILBOX_IDLE_MAX);
}

static void
stays_while_there_is_something_to_do(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox = mailbox_use(bed->offline, USER);

	mailbox_hold(mailbox);
	offlineshim_online(bed, "k@example/b", "");
	use_others(bed);
	assert_ptr_equal(mailbox_find(bed->offline, USER), mailbox);
	assert_non_null(mailbox_find(bed->offline, "k@example"));
	mailbox_release(mailbox);
	use_others(bed);
	assert_null(mailbox_find(bed->offline, USER));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OFFLINEBED_TEST(is_found_once_it_is_used),
		OFFLINEBED_TEST(counts_what_there_is_of_whom),
		OFFLINEBED_TEST(asks_once_while_it_counts),
		OFFLINEBED_TEST(counts_again_when_the_database_failed),
		OFFLINEBED_TEST(adds_and_subtracts),
		OFFLINEBED_TEST(forgets_the_old_count_when_it_is_in_doubt),
		OFFLINEBED_TEST(is_not_in_doubt_while_it_counts),
		OFFLINEBED_TEST(needs_no_count_where_nothing_was_found),
		OFFLINEBED_TEST(takes_what_was_removed_of_whomever),
		OFFLINEBED_TEST(doubts_all_where_nobody_is_named),
		OFFLINEBED_TEST(goes_when_others_were_used_after_it),
		OFFLINEBED_TEST(stays_while_there_is_something_to_do),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_mailbox", tests, NULL,
					   NULL);
}
