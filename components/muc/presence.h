/*
 * presence.h - the presence a room sends about its occupants, as each kind
 * of recipient may see it (XEP-0045 sections 7.2.2 to 7.2.4 and 17.3).
 */
#ifndef MUC_PRESENCE_H
#define MUC_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "components/muc/options.h"
#include "components/muc/role.h"

struct occupant;
struct room;
struct session;
struct xml;

/* Status codes (section 16.6.2). */
enum {
	STATUS_ANYONE_SEES_JID = 100,
	STATUS_AFFILIATION_CHANGED = 101,
	STATUS_SHOWS_UNAVAILABLE = 102,
	STATUS_HIDES_UNAVAILABLE = 103,
	STATUS_CONFIGURATION_CHANGED = 104,
	STATUS_SELF = 110,
	STATUS_LOGGING_ON = 170,
	STATUS_LOGGING_OFF = 171,
	STATUS_NON_ANONYMOUS = 172,
	STATUS_SEMI_ANONYMOUS = 173,
	STATUS_CREATED = 201,
	STATUS_NICK_CHANGED_BY_SERVICE = 210,
	STATUS_BANNED = 301,
	STATUS_NEW_NICK = 303,
	STATUS_KICKED = 307,
	STATUS_NO_LONGER_AFFILIATED = 321,
	STATUS_NOT_A_MEMBER = 322,
	STATUS_SHUTDOWN = 332,
	STATUS_TECHNICAL = 333,
};

#define NOTICE_CODES 6

/* What is to be told about an occupant, beyond what it is. */
struct notice {
	bool unavailable;
	enum role role;			/* as shown */
	enum affiliation affiliation;
	const char *nick;		/* the new one, with 303 */
	const char *actor;		/* nick of who did it */
	const char *reason;
	const char *payload;		/* XML; NULL: the session's presence,
					   or nothing when unavailable */
	const struct xml *destroy;	/* to go into the muc#user element */
	unsigned codes[NOTICE_CODES];	/* for all; ended by 0 */
	unsigned self[NOTICE_CODES];	/* for itself alone, beyond 110 */
};

/* The occupant as it is. */
struct notice notice_of(const struct occupant *occupant);
/* The same, going: role none. */
struct notice notice_going(const struct occupant *occupant);
void notice_add_code(unsigned codes[NOTICE_CODES], unsigned code);

/* Whether others are told about occupants of that role. */
bool presence_is_broadcast(const struct room *room, enum role role);

/* Whether somebody sees the real addresses of others. */
bool presence_shows_address(const struct session *to);

/* Tells everyone about the session, its own occupant first. */
void presence_broadcast(const struct session *about,
			const struct notice *notice);
/* Tells everyone but the session's own occupant. */
void presence_tell_others(const struct session *about,
			  const struct notice *notice);
/* Gives the occupant another role; if others may no longer see it, they are
   told that it went.  All the rest is the caller's to tell. */
void presence_change_role(struct occupant *who, enum role role);
/* Gives the room other options, which are taken; returns those before, which
   are the caller's.  Where other roles are broadcast from now on, others are
   told who goes, as whois was, and who comes, as it is.  All the rest is the
   caller's to tell. */
struct options presence_change_options(struct room *room,
				       const struct options *options);
/* Tells one session; with 110 when it is of the same occupant. */
void presence_send(const struct session *about, const struct notice *notice,
		   const struct session *to);
/* Tells all others who are gathered (fanout.h); full: with the address. */
void presence_send_gathered(const struct session *about,
			    const struct notice *notice, bool full);
/* Tells a newcomer about all others (7.2.2). */
void presence_send_others(const struct session *to);

#endif
