/*
 * room.h - one room: its parts, and its life from creation to destruction.
 */
#ifndef MUC_ROOM_H
#define MUC_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "components/muc/affiliation.h"
#include "components/muc/history.h"
#include "components/muc/options.h"
#include "components/muc/role.h"
#include "components/muc/table.h"
#include "components/muc/unsaved.h"

struct arena;
struct attendance;
struct error;
struct jid;
struct memo;
struct muc;
struct notice;
struct occupant;
struct request;
struct router_template;
struct session;
struct template;
struct xml;

enum room_state {
	ROOM_LOADING,	/* its rows are on the way; requests wait for them */
	ROOM_LOCKED,	/* created, but not yet configured (10.1.1) */
	ROOM_OPEN,
};

/* What all see above the talk (XEP-0045 section 7.2.15). */
struct subject {
	char *text;		/* the subject elements, and the pseudonym of
				   who set it, as XML; "" when none */
	char *nick;		/* who set it; "" when nobody did */
	int64_t stamp;		/* microseconds since 1970; 0: never set */
};

struct room {
	struct muc *muc;
	char *jid;
	char *key;			/* pseudonym.h's */
	int64_t created;		/* microseconds since 1970 */
	enum room_state state;
	struct options options;
	struct affiliate *affiliates;
	struct occupant *occupants;	/* by nick */
	struct session *sessions;	/* by full address, in the order of
					   entering */
	struct memo *visits;		/* by bare address */
	struct attendance *attendance;	/* NULL: nobody has been inside */
	struct subject subject;
	struct history history;
	struct waiting *waiting;	/* requests: queue.c's */
	unsigned waiting_count;
	unsigned held;			/* messages to be said first: queue.c's
					   as well */
	bool awaited;			/* somebody waits to enter: door.c's */
	uint64_t idle_ms;		/* uv_now() when the last one left */
	int64_t serial;			/* of the newest session */
	struct unsaved unsaved;
	UT_hash_handle hh;		/* in muc->rooms, by jid */
};

/* The longest address of a room that people can make.  A key of PostgreSQL's
   has at most 2704 bytes, and that of an affiliation holds besides the address
   of a person, of up to 2047. */
#define ROOM_JID_BYTES 600

/* Makes a room with the service's default options and puts it into
   muc->rooms. */
struct room *room_new(struct muc *muc, const char *jid, enum room_state state);
/* Takes it from the service, telling nobody. */
void room_free(struct room **room);

void room_set_state(struct room *room, enum room_state state);

/* The room, loaded, or NULL. */
struct room *room_find(const struct muc *muc, const char *jid);
/* The same for the room a request was sent to, or ERROR_ITEM_NOT_FOUND; a
   locked room is there for its owners alone (10.1.1, 17.2). */
int room_require(const struct muc *muc, const struct request *req,
		 struct room **room_r, struct error *err);
/* Its occupant's session from which the request comes; of what was let go on
   later (release.h) any session of that person where that one has left; or the
   error for those who are not inside: ERROR_NOT_ACCEPTABLE (7.4, 7.5). */
int room_require_session(const struct room *room, const struct request *req,
			 struct session **session_r, struct error *err);

/* What a person is to the room; administrators of the service own all. */
enum affiliation room_affiliation(const struct room *room,
				  const struct jid *jid);
bool room_is_owner(const struct room *room, const struct jid *jid);

void room_set_subject(struct room *room, const char *text, const char *nick,
		      int64_t stamp);
/* The text of its first subject element; "" when there is none. */
const char *room_subject_text(const struct room *room, struct arena *arena);
/* As session_send(). */
void room_send_subject(const struct room *room, const struct session *to);

/* The address of an occupant of that nick. */
const char *room_address(const struct room *room, struct arena *arena,
			 const char *nick);
/* Sends a message, which has from, to every session, or to none and returns
   false: the router would not take it. */
bool room_broadcast(const struct room *room, const struct template *message);
/* Sends a groupchat message of the room itself holding just these status
   codes (10.2.1), ended by 0. */
void room_tell_codes(const struct room *room, struct arena *arena,
		     const unsigned *codes);

/* A session goes: it and the others are told by notice, and it is freed.  The
   caller then calls room_settle(). */
void room_remove(struct session **session, const struct notice *notice);
/* Does what follows when somebody has gone: an empty temporary room ends, a
   locked one without its owner as well. */
void room_settle(struct room **room);
/* Tells everyone, with where they may go instead (venue and password may be
   NULL), and ends the room, in the store too (10.9). */
void room_destroy(struct room **room, struct arena *arena, const char *venue,
		  const char *password, const char *reason);

#endif
