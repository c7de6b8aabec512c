#include "components/muc/configure.h"

#include "components/muc/absent.h"
#include "components/muc/coverage.h"
#include "components/muc/muc.h"
#include "components/muc/presence.h"
#include "components/muc/room.h"
#include "components/muc/roomstore.h"
#include "components/muc/standing.h"
#include "components/muc/visit.h"

static bool
is_logged(const struct room *room, const struct options *options)
{
	return coverage_is_logged(room->muc, options);
}

/* Whether they differ in what is told by no code of its own. */
static bool
differ_otherwise(const struct options *was, const struct options *is,
		 bool logging)
{
	struct options same = *was;

	if (logging) {
		same.enablelogging = is->enablelogging;
		same.enablearchiving = is->enablearchiving;
	}
	same.whois = is->whois;
	same.showabsent = is->showabsent;
	return !options_equal(&same, is);
}

/* Section 10.2.1. */
static void
tell_changes(const struct room *room, struct arena *arena,
	     const struct options *was)
{
	const struct options *is = &room->options;
	bool logging = is_logged(room, was) != is_logged(room, is);
	unsigned codes[5] = { 0 }, n = 0;

	if (logging)
		codes[n++] = is_logged(room, is) ? STATUS_LOGGING_ON :
						   STATUS_LOGGING_OFF;
	if (was->whois != is->whois)
		codes[n++] = is->whois == WHOIS_ANYONE ?
			     STATUS_NON_ANONYMOUS : STATUS_SEMI_ANONYMOUS;
	if (was->showabsent != is->showabsent)
		codes[n++] = is->showabsent ? STATUS_SHOWS_UNAVAILABLE :
					      STATUS_HIDES_UNAVAILABLE;
	if (differ_otherwise(was, is, logging))
		codes[n++] = STATUS_CONFIGURATION_CHANGED;
	if (n != 0)
		room_tell_codes(room, arena, codes);
}

void
configure_begin(struct configure *configure, struct room *room,
		const struct options *options)
{
	configure->room = room;
	configure->is_new = room->state == ROOM_LOCKED;
	configure->was = presence_change_options(room, options);
	room_set_state(room, ROOM_OPEN);
	if (!room->options.moderatedroom)
		visits_clear(room);
	roomstore_save(room);
}

void
configure_end(struct configure *configure, struct arena *arena)
{
	struct room *room = configure->room;
	struct options *was = &configure->was;

	if (!configure->is_new)
		tell_changes(room, arena, was);
	if (room->options.showabsent && !was->showabsent)
		absent_broadcast(room);
	if (room->options.membersonly && !was->membersonly)
		standing_remove_strangers(room);
	options_fini(was);
	room_settle(&room);
}
