/*
 * occupant.h - who is in a room: a nick of one account, with a session for
 * each of its clients (XEP-0045 section 7.2.8).
 */
#ifndef MUC_OCCUPANT_H
#define MUC_OCCUPANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "components/muc/limit.h"
#include "components/muc/pseudonym.h"
#include "components/muc/role.h"
#include "components/muc/table.h"

struct fanout;
struct jid;
struct room;
struct router_template;
struct xml;

struct session {
	struct occupant *occupant;
	char *jid;		/* full */
	char *to;		/* the same, escaped for an attribute */
	size_t to_len;
	char *presence;		/* what its last presence held, as XML */
	int64_t changed;	/* when; microseconds since 1970 */
	int64_t serial;		/* its row's: see schema/muc */
	bool unsaved, stored;	/* unsaved.c's: to be written; has a row */
	struct session *next;	/* of the same occupant */
	UT_hash_handle hh;	/* in room->sessions, by jid */
};

struct occupant {
	struct room *room;
	char *nick;
	char *jid;		/* bare */
	char pseudonym[PSEUDONYM_SIZE];
	enum role role;
	enum affiliation affiliation;
	struct session *sessions; /* the first is the one others see: that
				     whose presence changed last */
	struct limit presences;
	UT_hash_handle hh;	/* in room->occupants, by nick */
};

struct occupant *occupant_find(const struct room *room, const char *nick);
struct session *session_find(const struct room *room, const char *jid);
/* The one of somebody, by his bare address, that came first; or NULL. */
struct session *session_of(const struct room *room, const char *bare);

/* Adds a session, and its occupant when the nick is not there yet; an
   occupant of that nick must be of the same account. */
struct session *session_new(struct room *room, const char *nick,
			    const struct jid *jid);
/* Puts one back that was stored, as the one that others see; role and
   affiliation are those of its occupant.  NULL when it cannot have been in the
   room. */
struct session_past {
	const struct jid *jid;
	const char *nick, *presence;
	enum role role;
	enum affiliation affiliation;
	int64_t serial, changed;
};
struct session *session_restore(struct room *room,
				const struct session_past *past);
/* Takes it from the room, with its occupant if it was the last one. */
void session_free(struct session **session);

/* Sends it a stanza; or, when it is NULL, all who are gathered. */
void session_send(const struct session *to, struct fanout *fanout,
		  struct router_template *stanza);

/* Keeps what a presence holds, but for what only a room may say. */
void session_set_presence(struct session *session, const struct xml *presence);
/* Gives the occupant, or this session of several, another nick; the nick is
   free, or held by the same account. */
void session_rename(struct session *session, const char *nick);

#endif
