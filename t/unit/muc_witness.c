#include "components/muc/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/options.h"
#include "components/muc/presence.h"
#include "shared/archive_profile.h"
#include "shared/arena.h"
#include "t/lib/chroniclebed.h"

#define COUNT "SELECT count(*) FROM archive_event e " \
	"JOIN archive_address s ON s.id = e.sender " \
	"JOIN archive_address r ON r.id = e.recipient " \
	"LEFT JOIN archive_address a ON a.id = e.about "

static const char *const none[] = { NULL };
static const char *const joins[] = { "join", NULL };
static const struct archive_profile_settings all = {
	none, none, none, none, none,
};
static const struct archive_profile_settings some = {
	joins, none, none, none, none,
};
static const struct setting_titled of_all[] = {
	{ "all", &all }, { .title = NULL },
};
static const struct setting_titled of_some[] = {
	{ "some", &some }, { .title = NULL },
};

/* Ann, by her client "1". */
struct guest {
	char nick[4], jid[16], full[20];
	struct occupant occupant;
	struct session session;
};

static void
come(struct guest *guest, struct chroniclebed *bed)
{
	*guest = (struct guest){
		.nick = "Ann", .jid = "ann@a.example",
		.full = "ann@a.example/1",
		.occupant = { .room = &bed->room, .nick = guest->nick,
			      .jid = guest->jid },
		.session = { .occupant = &guest->occupant,
			     .jid = guest->full },
	};
	bed->muc.runtime = &bed->runtime;
	bed->muc.settings = &bed->settings;
	bed->settings.events = of_all;
}

static void
wait_for(struct chroniclebed *bed, const char *where, int64_t wanted)
{
	chroniclebed_wait(bed, arena_printf(bed->arena, COUNT "WHERE %s",
					    where), wanted);
}

static void
tells_who_comes_and_goes(void **state)
{
	struct chroniclebed *bed = *state;
	struct guest guest;

	come(&guest, bed);
	witness_joined(&guest.session);
	witness_left(&guest.session);
	wait_for(bed, "s.jid = 'ann@a.example' AND e.resource = '1' AND "
		 "r.jid = 'r@muc.example/77' AND e.about IS NULL AND "
		 "e.detail = '{\"nick\":\"Ann\"}' AND kind IN (1, 2)", 2);
	wait_for(bed, "kind = 1 AND serial < (SELECT serial FROM "
		 "archive_event WHERE kind = 2)", 1);
}

static void
tells_who_had_to_go(void **state)
{
	struct chroniclebed *bed = *state;
	struct notice notice = { .reason = "noise", .codes = { 307 } };
	struct guest guest;

	come(&guest, bed);
	witness_removed(&guest.occupant, "mod@a.example", &notice);
	wait_for(bed, "kind = 3 AND s.jid = 'mod@a.example' AND "
		 "a.jid = 'ann@a.example' AND e.resource IS NULL AND "
		 "e.detail = '{\"nick\":\"Ann\",\"status\":307,"
		 "\"reason\":\"noise\"}'", 1);
	notice.reason = NULL;
	witness_removed(&guest.occupant, NULL, &notice);
	wait_for(bed, "kind = 3 AND s.jid = 'muc.example' AND e.detail = "
		 "'{\"nick\":\"Ann\",\"status\":307}'", 1);
}

static void
tells_who_was_invited(void **state)
{
	struct chroniclebed *bed = *state;
	struct guest guest;

	come(&guest, bed);
	witness_invited(&guest.occupant, "bob@a.example", NULL);
	wait_for(bed, "kind = 4 AND s.jid = 'ann@a.example' AND "
		 "a.jid = 'bob@a.example' AND e.detail IS NULL", 1);
}

/* No password is told. */
static void
tells_what_is_configured(void **state)
{
	struct chroniclebed *bed = *state;
	struct options was, is;
	struct guest guest;

	come(&guest, bed);
	options_init(&was);
	options_init(&is);
	assert_int_equal(options_set(&is, "roomname", "Coven", &bed->err), 0);
	assert_int_equal(options_set(&is, "roomsecret", "broom", &bed->err),
			 0);
	is.membersonly = true;
	bed->room.options = is;
	witness_configured(&bed->room, "ann@a.example", &was);
	witness_configured(&bed->room, "ann@a.example", &is);
	wait_for(bed, "kind = 6", 1);
	wait_for(bed, "kind = 6 AND s.jid = 'ann@a.example' AND e.detail LIKE "
		 "'%\"roomname\":\"Coven\"%' AND e.detail LIKE "
		 "'%\"membersonly\":\"1\"%' AND e.detail LIKE "
		 "'%\"roomsecret\":null%' AND e.detail NOT LIKE '%broom%'", 1);
	options_fini(&was);
	options_fini(&is);
}

static void
tells_of_the_room_and_its_people(void **state)
{
	struct chroniclebed *bed = *state;
	struct guest guest;

	come(&guest, bed);
	witness_created(&bed->room, NULL);
	witness_affiliated(&bed->room, "ann@a.example", "bob@a.example",
			   AFFILIATION_NONE, AFFILIATION_MEMBER);
	witness_affiliated(&bed->room, "ann@a.example", "bob@a.example",
			   AFFILIATION_MEMBER, AFFILIATION_MEMBER);
	witness_destroyed(&bed->room, "ann@a.example", "over");
	wait_for(bed, "kind = 5 AND s.jid = 'muc.example'", 1);
	wait_for(bed, "kind = 7 AND a.jid = 'bob@a.example' AND e.detail = "
		 "'{\"was\":\"none\",\"is\":\"member\"}'", 1);
	wait_for(bed, "kind = 8 AND e.detail = '{\"reason\":\"over\"}'", 1);
	wait_for(bed, "true", 3);
}

static void
tells_what_is_wanted_alone(void **state)
{
	static const struct setting_titled nothing[] = { { .title = NULL } };
	struct chroniclebed *bed = *state;
	struct guest guest;

	come(&guest, bed);
	bed->settings.events = nothing;
	witness_joined(&guest.session);
	bed->settings.events = of_some;
	witness_left(&guest.session);
	witness_joined(&guest.session);
	bed->settings.events = of_all;
	witness_left(&guest.session);
	wait_for(bed, "kind = 2", 1);
	wait_for(bed, "true", 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHRONICLEBED_TEST(tells_who_comes_and_goes),
		CHRONICLEBED_TEST(tells_who_had_to_go),
		CHRONICLEBED_TEST(tells_who_was_invited),
		CHRONICLEBED_TEST(tells_what_is_configured),
		CHRONICLEBED_TEST(tells_of_the_room_and_its_people),
		CHRONICLEBED_TEST(tells_what_is_wanted_alone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_witness", tests,
					   chroniclebed_folder,
					   database_teardown);
}
