#include "components/muc/standing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "components/muc/occupant.h"
#include "components/muc/presence.h"
#include "components/muc/room.h"
#include "shared/jid.h"
#include "t/lib/mucbed.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define OUTCAST AFFILIATION_OUTCAST
#define NONE AFFILIATION_NONE
#define MEMBER AFFILIATION_MEMBER
#define ADMIN AFFILIATION_ADMIN
#define OWNER AFFILIATION_OWNER

#define OUTSIDE ROLE_NONE
#define VISITOR ROLE_VISITOR
#define PARTICIPANT ROLE_PARTICIPANT
#define MODERATOR ROLE_MODERATOR
#define KICK ROLE_NONE

#define OK ERROR_NONE
#define FORBIDDEN ERROR_FORBIDDEN
#define NOT_ALLOWED ERROR_NOT_ALLOWED

struct person {
	enum affiliation affiliation;
	enum role role;
};

/* Who gives whom which role. */
static const struct {
	struct person actor, who;
	enum role role;
	enum error_cond cond;
} roles[] = {
	/* Section 8.2: kicking. */
	{ { NONE, MODERATOR }, { NONE, PARTICIPANT }, KICK, OK },
	{ { NONE, MODERATOR }, { NONE, VISITOR }, KICK, OK },
	{ { NONE, MODERATOR }, { MEMBER, PARTICIPANT }, KICK, NOT_ALLOWED },
	{ { NONE, MODERATOR }, { ADMIN, MODERATOR }, KICK, NOT_ALLOWED },
	{ { NONE, MODERATOR }, { OWNER, MODERATOR }, KICK, NOT_ALLOWED },
	{ { MEMBER, MODERATOR }, { MEMBER, PARTICIPANT }, KICK, OK },
	{ { ADMIN, MODERATOR }, { NONE, MODERATOR }, KICK, OK },
	{ { ADMIN, MODERATOR }, { ADMIN, MODERATOR }, KICK, OK },
	{ { ADMIN, MODERATOR }, { OWNER, MODERATOR }, KICK, NOT_ALLOWED },
	{ { OWNER, MODERATOR }, { OWNER, MODERATOR }, KICK, OK },
	{ { NONE, PARTICIPANT }, { NONE, VISITOR }, KICK, FORBIDDEN },
	{ { MEMBER, PARTICIPANT }, { NONE, VISITOR }, KICK, FORBIDDEN },
	{ { NONE, OUTSIDE }, { NONE, PARTICIPANT }, KICK, FORBIDDEN },
	{ { ADMIN, OUTSIDE }, { NONE, PARTICIPANT }, KICK, OK },
	/* Section 8.3: granting voice. */
	{ { NONE, MODERATOR }, { NONE, VISITOR }, PARTICIPANT, OK },
	{ { NONE, MODERATOR }, { ADMIN, VISITOR }, PARTICIPANT, OK },
	{ { NONE, PARTICIPANT }, { NONE, VISITOR }, PARTICIPANT, FORBIDDEN },
	{ { NONE, VISITOR }, { NONE, VISITOR }, PARTICIPANT, FORBIDDEN },
	/* Section 8.4: revoking it. */
	{ { NONE, MODERATOR }, { NONE, PARTICIPANT }, VISITOR, OK },
	{ { NONE, MODERATOR }, { MEMBER, PARTICIPANT }, VISITOR,
	  NOT_ALLOWED },
	{ { MEMBER, MODERATOR }, { MEMBER, PARTICIPANT }, VISITOR,
	  NOT_ALLOWED },
	{ { ADMIN, MODERATOR }, { MEMBER, PARTICIPANT }, VISITOR, OK },
	{ { OWNER, MODERATOR }, { ADMIN, PARTICIPANT }, VISITOR,
	  NOT_ALLOWED },
	{ { OWNER, MODERATOR }, { OWNER, MODERATOR }, VISITOR, NOT_ALLOWED },
	{ { NONE, PARTICIPANT }, { NONE, PARTICIPANT }, VISITOR, FORBIDDEN },
	/* Section 9.6: granting moderator status. */
	{ { ADMIN, MODERATOR }, { NONE, PARTICIPANT }, MODERATOR, OK },
	{ { OWNER, MODERATOR }, { MEMBER, VISITOR }, MODERATOR, OK },
	{ { ADMIN, OUTSIDE }, { NONE, PARTICIPANT }, MODERATOR, OK },
	{ { NONE, MODERATOR }, { NONE, PARTICIPANT }, MODERATOR, FORBIDDEN },
	{ { MEMBER, MODERATOR }, { NONE, PARTICIPANT }, MODERATOR,
	  FORBIDDEN },
	{ { ADMIN, MODERATOR }, { OWNER, MODERATOR }, MODERATOR, OK },
	{ { OWNER, MODERATOR }, { ADMIN, MODERATOR }, MODERATOR, OK },
	/* Section 9.7: revoking it. */
	{ { ADMIN, MODERATOR }, { NONE, MODERATOR }, PARTICIPANT, OK },
	{ { ADMIN, MODERATOR }, { MEMBER, MODERATOR }, VISITOR, OK },
	{ { ADMIN, MODERATOR }, { ADMIN, MODERATOR }, PARTICIPANT,
	  NOT_ALLOWED },
	{ { ADMIN, MODERATOR }, { OWNER, MODERATOR }, PARTICIPANT,
	  NOT_ALLOWED },
	{ { OWNER, MODERATOR }, { ADMIN, MODERATOR }, PARTICIPANT,
	  NOT_ALLOWED },
	{ { NONE, MODERATOR }, { NONE, MODERATOR }, PARTICIPANT, FORBIDDEN },
	{ { NONE, MODERATOR }, { OWNER, MODERATOR }, VISITOR, NOT_ALLOWED },
	{ { NONE, PARTICIPANT }, { OWNER, MODERATOR }, VISITOR, FORBIDDEN },
};

static void
checks_roles(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	struct occupant *who = mucbed_add(room, "Bob", "bob@b.example/1",
					  NONE, PARTICIPANT);

	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		struct actor actor = {
			.jid = mucbed_jid(bed, "ann@a.example/1"),
			.affiliation = roles[i].actor.affiliation,
			.role = roles[i].actor.role,
		};
		struct error err = { 0 };
		int ret;

		who->affiliation = roles[i].who.affiliation;
		who->role = roles[i].who.role;
		ret = standing_check_role(&actor, who, roles[i].role, &err);
		if (err.cond != roles[i].cond || ret != (err.cond ? -1 : 0))
			fail_msg("case %zu: %s", i, error_cond_name(err.cond));
	}
	room_free(&room);
}

/* Who gives which affiliation to somebody who has had which. */
static const struct {
	enum affiliation actor, was, is;
	enum error_cond cond;
} affiliations[] = {
	/* Section 9.1. */
	{ ADMIN, NONE, OUTCAST, OK },
	{ ADMIN, MEMBER, OUTCAST, OK },
	{ ADMIN, ADMIN, OUTCAST, NOT_ALLOWED },
	{ ADMIN, OWNER, OUTCAST, NOT_ALLOWED },
	{ OWNER, ADMIN, OUTCAST, OK },
	{ OWNER, OWNER, OUTCAST, OK },
	{ MEMBER, NONE, OUTCAST, FORBIDDEN },
	{ NONE, NONE, OUTCAST, FORBIDDEN },
	{ OUTCAST, NONE, OUTCAST, FORBIDDEN },
	/* Section 9.2: lifting a ban. */
	{ ADMIN, OUTCAST, NONE, OK },
	{ MEMBER, OUTCAST, NONE, FORBIDDEN },
	/* Sections 9.3 and 9.4. */
	{ ADMIN, NONE, MEMBER, OK },
	{ ADMIN, OUTCAST, MEMBER, OK },
	{ ADMIN, MEMBER, NONE, OK },
	{ MEMBER, NONE, MEMBER, FORBIDDEN },
	{ MEMBER, MEMBER, NONE, FORBIDDEN },
	/* Sections 10.6 and 10.7: admins are the owners' business. */
	{ OWNER, NONE, ADMIN, OK },
	{ OWNER, ADMIN, NONE, OK },
	{ OWNER, ADMIN, MEMBER, OK },
	{ ADMIN, NONE, ADMIN, FORBIDDEN },
	{ ADMIN, MEMBER, ADMIN, FORBIDDEN },
	{ ADMIN, ADMIN, MEMBER, FORBIDDEN },
	{ ADMIN, ADMIN, NONE, FORBIDDEN },
	/* Sections 10.3 and 10.4. */
	{ OWNER, NONE, OWNER, OK },
	{ OWNER, OWNER, ADMIN, OK },
	{ OWNER, OWNER, NONE, OK },
	{ ADMIN, NONE, OWNER, FORBIDDEN },
	{ ADMIN, OWNER, ADMIN, FORBIDDEN },
	{ ADMIN, OWNER, NONE, FORBIDDEN },
};

static void
checks_affiliations(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	const struct jid *who = mucbed_jid(bed, "bob@b.example");

	for (size_t i = 0; i < ARRAY_LEN(affiliations); i++) {
		struct actor actor = {
			.jid = mucbed_jid(bed, "ann@a.example/1"),
			.affiliation = affiliations[i].actor,
		};
		struct error err = { 0 };
		int ret;

		affiliation_set(&room->affiliates, who->bare,
				affiliations[i].was, NULL);
		ret = standing_check_affiliation(room, &actor, who,
						 affiliations[i].is, &err);
		if (err.cond != affiliations[i].cond ||
		    ret != (err.cond ? -1 : 0))
			fail_msg("case %zu: %s", i, error_cond_name(err.cond));
	}
	room_free(&room);
}

/* Who administers the service owns every room, whatever its list says. */
static const struct {
	enum affiliation actor, is;
	enum error_cond cond;
} powers[] = {
	{ OWNER, OUTCAST, NOT_ALLOWED },
	{ ADMIN, OUTCAST, NOT_ALLOWED },
	{ ADMIN, MEMBER, FORBIDDEN },
	{ OWNER, MEMBER, OK },
	{ OWNER, NONE, OK },
};

static void
protects_administrators(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	const struct jid *who = mucbed_jid(bed, "admin@example");

	for (size_t i = 0; i < ARRAY_LEN(powers); i++) {
		struct actor actor = {
			.jid = mucbed_jid(bed, "ann@a.example/1"),
			.affiliation = powers[i].actor,
		};
		struct error err = { 0 };

		standing_check_affiliation(room, &actor, who, powers[i].is,
					   &err);
		if (err.cond != powers[i].cond)
			fail_msg("case %zu: %s", i, error_cond_name(err.cond));
	}
	room_free(&room);
}

/* Section 9.2 knows domains in bans alone.  Some services live at a domain
   itself. */
static const struct {
	const char *jid;
	enum affiliation was, is;
	bool inside;
	enum error_cond cond;
} addresses[] = {
	{ "b.example", NONE, OUTCAST, false, OK },
	{ "b.example", OUTCAST, NONE, false, OK },
	{ "b.example", NONE, MEMBER, false, ERROR_NOT_ACCEPTABLE },
	{ "b.example", OUTCAST, MEMBER, false, ERROR_NOT_ACCEPTABLE },
	{ "b.example", NONE, ADMIN, false, ERROR_NOT_ACCEPTABLE },
	{ "b.example", NONE, OWNER, false, ERROR_NOT_ACCEPTABLE },
	{ "b.example", MEMBER, ADMIN, false, OK },
	{ "b.example", NONE, MEMBER, true, OK },
	{ "bob@b.example", NONE, MEMBER, false, OK },
};

static void
checks_addresses(void **state)
{
	struct mucbed *bed = *state;
	struct actor actor = {
		.jid = mucbed_jid(bed, "ann@a.example/1"),
		.affiliation = OWNER,
	};

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct room *room = mucbed_room(bed, "r@muc.example");
		const struct jid *who = mucbed_jid(bed, addresses[i].jid);
		struct error err = { 0 };

		mucbed_add(room, "Bob", "bob@b.example/1", NONE, PARTICIPANT);
		if (addresses[i].inside)
			mucbed_add(room, "Bot", who->bare, NONE, PARTICIPANT);
		affiliation_set(&room->affiliates, who->bare,
				addresses[i].was, NULL);
		standing_check_affiliation(room, &actor, who, addresses[i].is,
					   &err);
		if (err.cond != addresses[i].cond)
			fail_msg("case %zu: %s", i, error_cond_name(err.cond));
		room_free(&room);
	}
}

/* Section 9.1: nobody bans himself. */
static void
bans_not_oneself(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	struct actor actor = {
		.jid = mucbed_jid(bed, "ann@a.example/1"),
		.affiliation = OWNER,
	};
	struct error err = { 0 };

	assert_int_equal(standing_check_affiliation(
		room, &actor, mucbed_jid(bed, "ann@a.example"), OUTCAST,
		&err), -1);
	assert_int_equal(err.cond, ERROR_CONFLICT);
	room_free(&room);
}

static void
knows_the_actor(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	struct actor actor;

	mucbed_add(room, "Ann", "ann@a.example/1", MEMBER, MODERATOR);
	actor = standing_actor(room, mucbed_jid(bed, "ann@a.example/1"));
	assert_int_equal(actor.affiliation, MEMBER);
	assert_int_equal(actor.role, MODERATOR);
	assert_string_equal(actor.nick, "Ann");

	/* Another client of hers, which is not inside. */
	actor = standing_actor(room, mucbed_jid(bed, "ann@a.example/2"));
	assert_int_equal(actor.affiliation, MEMBER);
	assert_int_equal(actor.role, ROLE_NONE);
	assert_null(actor.nick);

	actor = standing_actor(room, mucbed_jid(bed, "admin@example/1"));
	assert_int_equal(actor.affiliation, OWNER);
	room_free(&room);
}

#define X "<x xmlns='http://jabber.org/protocol/muc#user'>"

/* A room with an owner, two participants, one of them with two clients. */
static struct room *
fill(struct mucbed *bed)
{
	return mucbed_cast(bed, "Ann Bob Bob2 Cid");
}

static void
kicks(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	standing_set_role(occupant_find(room, "Bob"), &(struct standing){
		.actor = "Ann", .reason = "Off & away", .role = ROLE_NONE });
	assert_null(occupant_find(room, "Bob"));
	assert_int_equal(HASH_COUNT(room->sessions), 2);
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Bob' to='bob@b.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='bob@b.example/1'>"
	"<actor nick='Ann'/><reason>Off &amp; away</reason></item>"
	"<status code='307'/><status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='bob@b.example/2' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='bob@b.example/2'>"
	"<actor nick='Ann'/><reason>Off &amp; away</reason></item>"
	"<status code='307'/><status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='ann@a.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='bob@b.example/2'>"
	"<actor nick='Ann'/><reason>Off &amp; away</reason></item>"
	"<status code='307'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='cid@c.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none'>"
	"<actor nick='Ann'/><reason>Off &amp; away</reason></item>"
	"<status code='307'/></x></presence>\n");
	room_free(&room);
}

static void
takes_voice(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);
	struct occupant *cid = occupant_find(room, "Cid");

	standing_set_role(cid, &(struct standing){ .role = VISITOR });
	assert_int_equal(cid->role, VISITOR);
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Cid' to='cid@c.example/1'>" X
	"<item affiliation='member' role='visitor' jid='cid@c.example/1'/>"
	"<status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='ann@a.example/1'>" X
	"<item affiliation='member' role='visitor' jid='cid@c.example/1'/>"
	"</x></presence>\n"
"<presence from='r@muc.example/Cid' to='bob@b.example/1'>" X
	"<item affiliation='member' role='visitor'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='bob@b.example/2'>" X
	"<item affiliation='member' role='visitor'/></x></presence>\n");
	room_free(&room);
}

/* Where the presence of visitors is not broadcast, who becomes one goes, and
   comes again with voice. */
static void
hides_who_lost_voice(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	struct occupant *cid;

	mucbed_add(room, "Ann", "ann@a.example/1", OWNER, MODERATOR);
	cid = mucbed_add(room, "Cid", "cid@c.example/1", NONE, PARTICIPANT);
	room->options.presencebroadcast = OPTION_MODERATOR |
					  OPTION_PARTICIPANT;
	standing_set_role(cid, &(struct standing){ .role = VISITOR });
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Cid' to='ann@a.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='cid@c.example/1'/>"
	"</x></presence>\n"
"<presence from='r@muc.example/Cid' to='cid@c.example/1'>" X
	"<item affiliation='none' role='visitor' jid='cid@c.example/1'/>"
	"<status code='110'/></x></presence>\n");

	standing_set_role(cid, &(struct standing){ .role = PARTICIPANT });
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Cid' to='cid@c.example/1'>" X
	"<item affiliation='none' role='participant' jid='cid@c.example/1'/>"
	"<status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='ann@a.example/1'>" X
	"<item affiliation='none' role='participant' jid='cid@c.example/1'/>"
	"</x></presence>\n");
	room_free(&room);
}

static void
set(struct mucbed *bed, struct room *room, const char *jid,
    enum affiliation affiliation)
{
	standing_set_affiliation(room, bed->arena, mucbed_jid(bed, jid),
				 &(struct standing){
					.affiliation = affiliation,
					.by = "ann@a.example" });
}

/* Section 5.1.3: what is gained with an affiliation, and lost with it. */
static const struct {
	bool moderated;
	struct person was;
	enum affiliation affiliation;
	enum role role;
} changes[] = {
	{ false, { NONE, PARTICIPANT }, MEMBER, PARTICIPANT },
	{ false, { NONE, PARTICIPANT }, ADMIN, MODERATOR },
	{ false, { MEMBER, VISITOR }, OWNER, MODERATOR },
	{ false, { NONE, VISITOR }, MEMBER, PARTICIPANT },
	{ false, { ADMIN, MODERATOR }, MEMBER, PARTICIPANT },
	{ false, { OWNER, MODERATOR }, ADMIN, MODERATOR },
	{ false, { OWNER, MODERATOR }, NONE, PARTICIPANT },
	{ false, { MEMBER, MODERATOR }, NONE, MODERATOR },
	{ true, { NONE, VISITOR }, MEMBER, PARTICIPANT },
	{ true, { OWNER, MODERATOR }, NONE, VISITOR },
	{ true, { ADMIN, MODERATOR }, MEMBER, PARTICIPANT },
};

static void
gives_the_role_that_goes_with_it(void **state)
{
	struct mucbed *bed = *state;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		struct room *room = mucbed_room(bed, "r@muc.example");
		struct occupant *who = mucbed_add(
			room, "Bob", "bob@b.example/1",
			changes[i].was.affiliation, changes[i].was.role);

		room->options.moderatedroom = changes[i].moderated;
		set(bed, room, "bob@b.example", changes[i].affiliation);
		assert_int_equal(who->affiliation, changes[i].affiliation);
		if (who->role != changes[i].role)
			fail_msg("case %zu: %s", i, role_name(who->role));
		room_free(&room);
	}
}

static void
bans(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	standing_set_affiliation(room, bed->arena,
				 mucbed_jid(bed, "cid@c.example"),
				 &(struct standing){
					.actor = "Ann", .reason = "Treason",
					.affiliation = OUTCAST });
	assert_null(occupant_find(room, "Cid"));
	assert_string_equal(affiliate_find(room->affiliates,
					   "cid@c.example")->reason,
			    "Treason");
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Cid' to='cid@c.example/1' type='unavailable'>"
	X "<item affiliation='outcast' role='none' jid='cid@c.example/1'>"
	"<actor nick='Ann'/><reason>Treason</reason></item>"
	"<status code='301'/><status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='ann@a.example/1' type='unavailable'>"
	X "<item affiliation='outcast' role='none' jid='cid@c.example/1'>"
	"<actor nick='Ann'/><reason>Treason</reason></item>"
	"<status code='301'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='bob@b.example/1' type='unavailable'>"
	X "<item affiliation='outcast' role='none'>"
	"<actor nick='Ann'/><reason>Treason</reason></item>"
	"<status code='301'/></x></presence>\n"
"<presence from='r@muc.example/Cid' to='bob@b.example/2' type='unavailable'>"
	X "<item affiliation='outcast' role='none'>"
	"<actor nick='Ann'/><reason>Treason</reason></item>"
	"<status code='301'/></x></presence>\n");
	room_free(&room);
}

/* Section 9.2: all of them, but for those who have an affiliation. */
static void
bans_a_domain(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	mucbed_add(room, "Dan", "dan@b.example/1", MEMBER, PARTICIPANT);
	mucbed_add(room, "Eve", "eve@sub.b.example/1", NONE, PARTICIPANT);
	set(bed, room, "b.example", OUTCAST);
	assert_null(occupant_find(room, "Bob"));
	assert_non_null(occupant_find(room, "Dan"));
	assert_non_null(occupant_find(room, "Eve"));
	assert_int_equal(HASH_COUNT(room->sessions), 4);
	room_free(&room);
}

/* Section 9.4. */
static void
removes_who_is_no_longer_a_member(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room->options.membersonly = true;
	set(bed, room, "cid@c.example", NONE);
	assert_null(occupant_find(room, "Cid"));
	assert_non_null(strstr(mucbed_sent(bed),
"<presence from='r@muc.example/Cid' to='cid@c.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='cid@c.example/1'/>"
	"<status code='321'/><status code='110'/></x></presence>\n"));
	room_free(&room);
}

/* The room has become members-only (10.2). */
static void
removes_strangers(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = fill(bed);

	room->options.membersonly = true;
	standing_remove_strangers(room);
	assert_null(occupant_find(room, "Bob"));
	assert_int_equal(HASH_COUNT(room->sessions), 2);
	assert_string_equal(mucbed_sent(bed),
"<presence from='r@muc.example/Bob' to='bob@b.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='bob@b.example/1'/>"
	"<status code='322'/><status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='bob@b.example/2' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='bob@b.example/2'/>"
	"<status code='322'/><status code='110'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='ann@a.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none' jid='bob@b.example/2'/>"
	"<status code='322'/></x></presence>\n"
"<presence from='r@muc.example/Bob' to='cid@c.example/1' type='unavailable'>"
	X "<item affiliation='none' role='none'/>"
	"<status code='322'/></x></presence>\n");
	room_free(&room);
}

/* Section 18.1; and an invitation into a members-only room (9.3). */
static void
tells_who_is_absent(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");

	set(bed, room, "dan@d.example", MEMBER);
	assert_string_equal(mucbed_sent(bed),
"<message from='r@muc.example' to='dan@d.example'>" X
	"<item affiliation='member' jid='dan@d.example'/>"
	"<status code='101'/></x></message>\n");
	set(bed, room, "dan@d.example", MEMBER);
	assert_string_equal(mucbed_sent(bed), "");
	set(bed, room, "d.example", OUTCAST);
	assert_string_equal(mucbed_sent(bed), "");

	room->options.membersonly = true;
	set(bed, room, "eve@e.example", MEMBER);
	assert_string_equal(mucbed_sent(bed),
"<message from='r@muc.example' to='eve@e.example'>" X
	"<item affiliation='member' jid='eve@e.example'/>"
	"<status code='101'/></x></message>\n"
"<message from='r@muc.example' to='eve@e.example'>" X
	"<invite from='r@muc.example'/></x></message>\n");
	room_free(&room);
}

static void
reserves_a_nick(void **state)
{
	struct mucbed *bed = *state;
	struct room *room = mucbed_room(bed, "r@muc.example");
	const struct jid *dan = mucbed_jid(bed, "dan@d.example");
	struct standing change = {
		.affiliation = MEMBER, .nick = "Dan", .by = "dan@d.example",
	};

	standing_set_affiliation(room, bed->arena, dan, &change);
	assert_string_equal(affiliate_find(room->affiliates,
					   "dan@d.example")->nick, "Dan");
	change.nick = NULL;
	standing_set_affiliation(room, bed->arena, dan, &change);
	assert_non_null(affiliate_find_nick(room->affiliates, "Dan"));
	change.nick = "";
	standing_set_affiliation(room, bed->arena, dan, &change);
	assert_null(affiliate_find_nick(room->affiliates, "Dan"));
	change.affiliation = OUTCAST;
	change.nick = "Dan";
	standing_set_affiliation(room, bed->arena, dan, &change);
	assert_null(affiliate_find_nick(room->affiliates, "Dan"));
	room_free(&room);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, mucbed_setup, mucbed_teardown)
		TEST(checks_roles),
		TEST(checks_affiliations),
		TEST(protects_administrators),
		TEST(checks_addresses),
		TEST(bans_not_oneself),
		TEST(knows_the_actor),
		TEST(kicks),
		TEST(takes_voice),
		TEST(hides_who_lost_voice),
		TEST(gives_the_role_that_goes_with_it),
		TEST(bans),
		TEST(bans_a_domain),
		TEST(removes_who_is_no_longer_a_member),
		TEST(removes_strangers),
		TEST(tells_who_is_absent),
		TEST(reserves_a_nick),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("muc_standing", tests,
					   mucbed_setup, mucbed_teardown);
}
