#include "components/muc/quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "shared/arena.h"
#include "t/lib/mucbed.h"

#define PRESENCE(from, to, rest) \
	"<presence from='" from "' to='" to "@muc.example/N'" rest
#define ENTER(from, to) PRESENCE(from, to, \
	"><x xmlns='http://jabber.org/protocol/muc'/></presence>")
#define LEAVE(from, to) PRESENCE(from, to, " type='unavailable'/>")
#define SAY(from, to) \
	"<message from='" from "' to='" to "@muc.example' type='groupchat'>" \
	"<body>a</body></message>"

/* Takes as often as it goes. */
static int
count(struct mucbed *bed, const char *who, enum quota_kind kind)
{
	int n = 0;

	while (n < 1000 && quota_take(bed->muc, who, kind, &bed->err) == 0)
		n++;
	return n;
}

static void
counts_each_for_himself(void **state)
{
	struct mucbed *bed = *state;

	bed->settings.enter_rate = 1;
	bed->settings.enter_burst = 5;
	assert_int_equal(count(bed, "ann@a.example", QUOTA_ENTER), 5);
	assert_int_equal(bed->err.cond, ERROR_RESOURCE_CONSTRAINT);
	assert_int_equal(bed->err.type, ERROR_TYPE_WAIT);
	assert_int_equal(count(bed, "ann@a.example", QUOTA_MESSAGE), 50);
	assert_int_equal(count(bed, "ann@a.example", QUOTA_LIST), 50);
	assert_int_equal(count(bed, "ann@a.example", QUOTA_PAGE), 500);
	assert_int_equal(count(bed, "bob@a.example", QUOTA_ENTER), 5);
	bed->settings.message_rate = 0;
	assert_int_equal(count(bed, "ann@a.example", QUOTA_PAGE), 1000);
	bed->settings.enter_rate = 0;
	assert_int_equal(count(bed, "ann@a.example", QUOTA_ENTER), 1000);
}

static void
forgets_who_may_do_all_again(void **state)
{
	struct mucbed *bed = *state;
	struct quotas *quotas = &bed->muc->quotas;
	uint64_t now = uv_now(&bed->loop);

	bed->settings.enter_rate = 1;
	bed->settings.enter_burst = 5;
	quotas_expire(quotas, now);
	assert_null(quotas->all);
	count(bed, "ann@a.example", QUOTA_ENTER);
	assert_int_equal(quota_take(bed->muc, "bob@a.example", QUOTA_MESSAGE,
				    &bed->err), 0);
	quotas_expire(quotas, now + 4999);
	assert_int_equal(count(bed, "ann@a.example", QUOTA_ENTER), 0);
	/* Bob has gone already, and is as new. */
	assert_int_equal(count(bed, "bob@a.example", QUOTA_MESSAGE), 50);
	quotas_expire(quotas, now + 5000);
	assert_null(quotas->all);
}

/* However many there are. */
static void
is_bounded(void **state)
{
	struct mucbed *bed = *state;

	bed->settings.enter_rate = 1;
	bed->settings.enter_burst = 1;
	for (int i = 0; i < QUOTA_MAX + 1; i++)
		assert_int_equal(count(bed, arena_printf(bed->arena,
				 "u%d@a.example", i), QUOTA_ENTER), 1);
	assert_int_equal(count(bed, "u1@a.example", QUOTA_ENTER), 0);
	assert_int_equal(count(bed, "u0@a.example", QUOTA_ENTER), 1);
}

/* Entering is limited, whatever comes of it. */
static void
limits_entering(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	bed->settings.enter_rate = 1;
	bed->settings.enter_burst = 4;
	mucbed_add(room, "Cid", "cid@c.example/1", AFFILIATION_OWNER,
		   ROLE_MODERATOR);
	assert_string_equal(mucbed_errors(bed, ENTER(ANN, "r")), "");
	mucbed_receive(bed, LEAVE(ANN, "r"));
	/* Another client, another room. */
	assert_string_equal(mucbed_errors(bed,
			    ENTER("ann@a.example/2", "s")), "");
	/* Who has lost track is told all again (17.3). */
	assert_string_equal(mucbed_errors(bed,
			    ENTER("ann@a.example/2", "s")), "");
	room->options.membersonly = true;
	assert_string_equal(mucbed_errors(bed, ENTER(ANN, "r")),
			    " registration-required");
	assert_non_null(strstr(mucbed_receive(bed, ENTER(ANN, "r")),
			       "<error type='wait' by='r@muc.example'>"
			       "<resource-constraint "));
	/* But not being there, and going. */
	assert_string_equal(mucbed_errors(bed,
			    PRESENCE("ann@a.example/2", "s", "/>")), "");
	mucbed_receive(bed, LEAVE("ann@a.example/2", "s"));
	assert_null(room_find(bed->muc, "s@muc.example"));
	/* Others come as they like. */
	assert_string_equal(mucbed_errors(bed,
			    ENTER("bob@b.example/1", "s")), "");
}

/* Who is told much counts as several. */
static void
counts_long_histories(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	char *text = arena_alloc(bed->arena, 50001);

	memset(text, 'x', 50000);
	text[50000] = '\0';
	bed->settings.enter_rate = 1;
	bed->settings.enter_burst = 20;
	mucbed_add(room, "Cid", "cid@c.example/1", AFFILIATION_OWNER,
		   ROLE_MODERATOR);
	for (int i = 0; i < 20; i++)
		mucbed_receive(bed, arena_printf(bed->arena,
			"<message from='cid@c.example/1' to='r@muc.example' "
			"type='groupchat'><body>%s</body></message>", text));
	/* Each time 1000000 bytes: 1 and 15. */
	assert_string_equal(mucbed_errors(bed, ENTER(ANN, "r")), "");
	assert_string_equal(mucbed_errors(bed, ENTER(ANN, "r")), "");
	assert_string_equal(mucbed_errors(bed, ENTER(ANN, "r")),
			    " resource-constraint");
	/* It is what is asked for that counts. */
	for (int i = 0; i < 20; i++)
		assert_string_equal(mucbed_errors(bed, "<presence "
			"from='bob@b.example/1' to='r@muc.example/Bob'>"
			"<x xmlns='http://jabber.org/protocol/muc'>"
			"<history maxstanzas='1'/></x></presence>"), "");
}

/* Leaving in between brings nothing, nor does another nick. */
static void
limits_messages(void **state)
{
	struct mucbed *bed = *state;
	int refused = 0;

	for (int i = 0; i < 60; i++) {
		mucbed_receive(bed, ENTER(ANN, "r"));
		refused += *mucbed_errors(bed, SAY(ANN, "r")) != '\0';
		mucbed_receive(bed, LEAVE(ANN, "r"));
	}
	assert_int_equal(refused, 10);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(counts_each_for_himself),
		TEST(forgets_who_may_do_all_again),
		TEST(is_bounded),
		TEST(limits_entering),
		TEST(counts_long_histories),
		TEST(limits_messages),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_quota", tests, NULL, NULL);
}
