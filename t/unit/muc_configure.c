#include "components/muc/configure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/room.h"
#include "components/muc/visit.h"
#include "shared/arena.h"
#include "t/lib/fake_store.h"
#include "t/lib/gist.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define CODES(to, codes) \
	"<message from='r@muc.example' type='groupchat' to='" to "'>" \
	"<x xmlns='http://jabber.org/protocol/muc#user'>" codes \
	"</x></message>\n"
#define CODE(number) "<status code='" number "'/>"

/* Changes, each as "name=value", end with NULL. */
static struct options
changed(struct mucbed *bed, const struct room *room,
	const char *const *changes)
{
	struct options options;

	options_copy(&options, &room->options);
	for (; *changes != NULL; changes++) {
		size_t len = strcspn(*changes, "=");

		assert_int_equal(options_set(&options,
					     arena_dup(bed->arena, *changes,
						       len),
					     *changes + len + 1, &bed->err),
				 0);
	}
	return options;
}

static void
begin(struct configure *configure, struct mucbed *bed, struct room *room,
      const char *const *changes)
{
	struct options options = changed(bed, room, changes);

	configure_begin(configure, room, &options);
}

#define CHANGES(...) (const char *const[]){ __VA_ARGS__, NULL }

/* Returns what was sent. */
static const char *
apply(struct mucbed *bed, struct room *room, const char *const *changes)
{
	struct configure configure;

	begin(&configure, bed, room, changes);
	configure_end(&configure, bed->arena);
	return mucbed_sent(bed);
}

static struct room *
fill(struct mucbed *bed)
{
	return mucbed_cast(bed, "Ann Bob");
}

/* Section 10.1.2: whoever is in a new room has seen nothing else. */
static void
opens_a_new_room(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = room_new(bed->muc, "r@muc.example", ROOM_LOCKED);

	mucbed_enter(room, "Ann");
	assert_string_equal(apply(bed, room, CHANGES("roomname=Garden",
						     "whois=anyone")), "");
	assert_int_equal(room->state, ROOM_OPEN);
	assert_string_equal(room->options.roomname, "Garden");
	/* From now on it is told. */
	assert_string_equal(apply(bed, room, CHANGES("roomname=Hall")),
			    CODES(ANN, CODE("104")));
}

/* Section 10.2.1, one after the other. */
static const struct {
	const char *change;
	const char *codes;	/* to each; NULL: nothing is sent */
} changes[] = {
	{ "publicroom=1", NULL },
	{ "publicroom=0", CODE("104") },
	{ "enablelogging=1", CODE("170") },
	{ "enablelogging=1", NULL },
	{ "enablelogging=0", CODE("171") },
	{ "whois=anyone", CODE("172") },
	{ "whois=moderators", CODE("173") },
	{ "showabsent=1", CODE("102") },
	{ "showabsent=0", CODE("103") },
	{ "roomsecret=sesame", CODE("104") },
};

static void
tells_what_changed(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const char *codes = changes[i].codes;
		const char *want = codes == NULL ? "" : arena_printf(
			bed->arena, CODES(ANN, "%s") CODES(BOB, "%s"), codes,
			codes);

		assert_string_equal(apply(bed, room,
					  CHANGES(changes[i].change)), want);
	}
}

static void
tells_all_of_it_at_once(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann");

	assert_string_equal(apply(bed, room, CHANGES(
		"roomname=Hall", "showabsent=1", "whois=anyone",
		"enablelogging=1")),
		CODES(ANN, CODE("170") CODE("172") CODE("102") CODE("104")));
}

/* Who goes and who comes is told before anything else. */
static void
shows_who_is_broadcast(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct configure configure;

	begin(&configure, bed, room, CHANGES("presencebroadcast=moderator"));
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Bob' to='" ANN "' type='unavailable'>"
	"<x xmlns='http://jabber.org/protocol/muc#user'>"
	"<item affiliation='none' role='none' jid='" BOB "'/>"
	"</x></presence>\n");
	configure_end(&configure, bed->arena);
	assert_string_equal(mucbed_sent(bed), CODES(ANN, CODE("104"))
			    CODES(BOB, CODE("104")));
}

/* Where it is not moderated everybody speaks; nobody is silent for it when it
   is again. */
static void
forgets_who_had_no_voice(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room->options.moderatedroom = true;
	visit_note(occupant_find(room, "Bob"));
	apply(bed, room, CHANGES("roomname=Hall"));
	assert_int_equal(visit_role(room, "bob@b.example", AFFILIATION_NONE),
			 ROLE_PARTICIPANT);
	apply(bed, room, CHANGES("moderatedroom=0"));
	assert_null(room->visits);
}

/* Those who are made members with it stay. */
static void
removes_who_is_no_member(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Ann Bob Cid Vic");
	struct configure configure;
	const char *sent;

	begin(&configure, bed, room, CHANGES("membersonly=1"));
	assert_non_null(occupant_find(room, "Vic"));
	affiliation_set(&room->affiliates, "bob@b.example",
			AFFILIATION_MEMBER, NULL);
	occupant_find(room, "Bob")->affiliation = AFFILIATION_MEMBER;
	configure_end(&configure, bed->arena);
	sent = mucbed_sent(bed);
	assert_null(occupant_find(room, "Vic"));
	assert_non_null(occupant_find(room, "Bob"));
	assert_int_equal(HASH_COUNT(room->occupants), 3);
	assert_non_null(strstr(sent, CODE("322")));
	assert_string_equal(gist_of(bed, sent, VIC), " message Vic!*");
	/* Only when it becomes so. */
	mucbed_enter(room, "Vic");
	apply(bed, room, CHANGES("roomname=Hall"));
	assert_non_null(occupant_find(room, "Vic"));
}

static void
shows_who_is_absent(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	const char *sent;

	affiliation_set(&room->affiliates, "dan@d.example",
			AFFILIATION_MEMBER, NULL);
	affiliation_reserve(room->affiliates, "dan@d.example", "Dan");
	sent = apply(bed, room, CHANGES("showabsent=1"));
	assert_string_equal(gist_of(bed, sent, ANN), " message Dan!");
	assert_string_equal(gist_of(bed, sent, BOB), " message Dan");
	/* Only when it begins to. */
	sent = apply(bed, room, CHANGES("roomname=Hall"));
	assert_string_equal(gist_of(bed, sent, ANN), " message");
}

static void
ends_a_room_that_it_has_emptied(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_cast(bed, "Vic");

	apply(bed, room, CHANGES("membersonly=1"));
	assert_null(room_find(bed->muc, "r@muc.example"));
}

static void
is_saved(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	apply(bed, room, CHANGES("persistentroom=1", "roomname=Hall"));
	mucbed_save(bed);
	assert_int_equal(fake_store_ask(bed->runtime.store,
			 "SELECT count(*) FROM muc_room "
			 "WHERE jid = 'r@muc.example' "
			 "AND roomname = 'Hall'"), 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(opens_a_new_room),
		TEST(tells_what_changed),
		TEST(tells_all_of_it_at_once),
		TEST(shows_who_is_broadcast),
		TEST(forgets_who_had_no_voice),
		TEST(removes_who_is_no_member),
		TEST(shows_who_is_absent),
		TEST(ends_a_room_that_it_has_emptied),
		TEST(is_saved),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_configure", tests, NULL, NULL);
}
