#include "components/offline/shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "components/offline/mailbox.h"
#include "components/offline/pile.h"
#include "shared/error.h"
#include "t/lib/fake_store.h"
#include "t/lib/offlinebed.h"

#define COUNT "SELECT COUNT(*) FROM offline_message"
/* Twice as many as share a statement, one before them and some after. */
#define MANY (2 * PILE_ROWS + 3)

/* Messages on their way. */
struct put {
	char jid[20], id[20];
	unsigned told, put, refused;
};

static struct put all[MANY], more[MANY];

static void
on_put(void *ctx, const struct store_result *result, const struct error *err)
{
	struct put *put = ctx;

	put->told++;
	put->refused += err != NULL;
	put->put += err == NULL && shelf_was_put(result, put->jid, put->id);
}

static void
put(struct offlinebed *bed, struct put *put, const char *jid, const char *id)
{
	const struct shelf_message message = {
		.id = put->id, .sender = "a@b", .resource = "", .stamp = 1,
		.stanza = "<message xmlns='jabber:client'/>",
	};

	*put = (struct put){ .told = 0 };
	snprintf(put->jid, sizeof(put->jid), "%s", jid);
	snprintf(put->id, sizeof(put->id), "%s", id);
	shelf_put(bed->offline->shelf, put->jid, 1, &message, on_put, put);
}

static void
put_many(struct offlinebed *bed)
{
	char id[20];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "x%02u", i);
		put(bed, &all[i], "j@example", id);
	}
}

static void
puts_many_by_one_statement(void **state)
{
	struct offlinebed *bed = *state;

	put_many(bed);
	/* The first, two piles, and the rest one by one. */
	assert_int_equal(fake_store_tell(bed->store), 1 + 2 + 2);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(all[i].told, 1);
		assert_int_equal(all[i].put, 1);
	}
	assert_int_equal(fake_store_ask(bed->store, COUNT), MANY);
	assert_int_equal(fake_store_ask(bed->store, COUNT " AS m WHERE id < "
		"(SELECT MAX(id) FROM offline_message AS o WHERE "
		"o.serial < m.serial)"), 0);
}

static void
tells_which_came_before(void **state)
{
	struct offlinebed *bed = *state;

	put(bed, &all[0], "j@example", "x20");
	fake_store_tell(bed->store);
	put_many(bed);
	fake_store_tell(bed->store);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(all[i].put, i != 20);
	assert_int_equal(fake_store_ask(bed->store, COUNT), MANY);
}

static void
tells_which_of_two_it_put(void **state)
{
	struct offlinebed *bed = *state;

	put(bed, &all[0], "j@example", "x0");
	for (unsigned i = 1; i <= PILE_ROWS; i++)
		put(bed, &all[i], i % 2 == 0 ? "j@example" : "k@example",
		    i < 3 ? "x1" : i < 5 ? "x2" : "x3");
	fake_store_tell(bed->store);
	for (unsigned i = 0; i <= PILE_ROWS; i++)
		assert_int_equal(all[i].put, i < 7);
	assert_int_equal(fake_store_ask(bed->store, COUNT), 7);
}

static void
keeps_the_others_of_one_refused(void **state)
{
	struct offlinebed *bed = *state;

	fake_store_set_refused(bed->store, "x05");
	put_many(bed);
	fake_store_tell(bed->store);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(all[i].told, 1);
		assert_int_equal(all[i].put, i != 5);
		assert_int_equal(all[i].refused, i == 5);
	}
	assert_int_equal(fake_store_ask(bed->store, COUNT), MANY - 1);
}

static void
does_the_rest_after_what_was_asked_before(void **state)
{
	struct offlinebed *bed = *state;

	put_many(bed);
	shelf_withdraw(bed->offline->shelf, "j@example", all[MANY - 1].id,
		       NULL, NULL);
	assert_int_equal(fake_store_ask(bed->store, COUNT), MANY - 1);
	fake_store_tell(bed->store);
	assert_int_equal(fake_store_ask(bed->store, COUNT), MANY - 1);
}

static void
on_counted(struct mailbox *mailbox, const struct error *err)
{
	(void)mailbox;
	assert_null(err);
}

static void
counts_many_users_at_once(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailboxes[MANY];
	char jid[20];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(jid, sizeof(jid), "u%u@example", i);
		if (i % 3 > 0)
			put(bed, &all[i], jid, "x1");
		if (i % 3 > 1)
			put(bed, &more[i], jid, "x2");
	}
	fake_store_tell(bed->store);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(jid, sizeof(jid), "u%u@example", i);
		mailboxes[i] = mailbox_use(bed->offline, jid);
		mailbox_count(mailboxes[i], on_counted);
	}
	assert_int_equal(fake_store_tell(bed->store), 1 + 2 + 2);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(mailboxes[i]->state, MAILBOX_READY);
		assert_int_equal(mailboxes[i]->count, i % 3);
	}
}

/* Its mailbox may be doubted meanwhile. */
static void
counts_what_was_put_before(void **state)
{
	struct offlinebed *bed = *state;
	struct mailbox *mailbox = mailbox_use(bed->offline, "j@example");

	put_many(bed);
	mailbox_count(mailbox, on_counted);
	fake_store_tell(bed->store);
	assert_int_equal(mailbox->count, MANY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, offlinebed_setup, \
						   offlinebed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(puts_many_by_one_statement),
		TEST(tells_which_came_before),
		TEST(tells_which_of_two_it_put),
		TEST(keeps_the_others_of_one_refused),
		TEST(does_the_rest_after_what_was_asked_before),
		TEST(counts_many_users_at_once),
		TEST(counts_what_was_put_before),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("offline_shelf", tests, NULL, NULL);
}
