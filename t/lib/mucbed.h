/*
 * mucbed.h - annex-muc without a router and a database: whole stanzas in,
 * through its real handlers, whole stanzas out.
 *
 * The service is "muc.example"; "admin@example" administers it, everybody may
 * create rooms, which are open at once.  Time stands still.
 */
#ifndef T_LIB_MUCBED_H
#define T_LIB_MUCBED_H

#include <stdbool.h>
#include <uv.h>

#include "components/muc/muc.h"
#include "components/muc/role.h"
#include "shared/component.h"
#include "shared/entity.h"
#include "shared/error.h"

struct adhoc;
struct calls;
struct dispatch;
struct occupant;
struct room;

struct mucbed {
	uv_loop_t loop;
	struct runtime runtime;
	struct muc_settings settings;
	struct entity entity;
	struct calls *calls;
	struct adhoc *adhoc;
	struct dispatch *dispatch;
	struct muc *muc;
	struct store *own_store;
	bool held;		/* the database does not answer yet */
	struct arena *arena;	/* for the test's own */
	struct error err;	/* the same */
};

struct mucbed *mucbed_new(void);
/* On a database that outlives it. */
struct mucbed *mucbed_new_on(struct store *store);
void mucbed_free(struct mucbed **bed);
/* Another process takes over, with the same database. */
void mucbed_restart(struct mucbed *bed);
/* The same after the process was killed; what is unsaved is lost. */
void mucbed_crash(struct mucbed *bed);
/* Writes what is unsaved, as happens by itself after each stanza. */
void mucbed_save(struct mucbed *bed);
/* For cmocka: the state becomes a mucbed. */
int mucbed_setup(void **state);
int mucbed_teardown(void **state);
/* The same where the shims of such hosts are listened to, and "example" has
   said hello with these attributes besides those it needs. */
int mucbed_setup_hooked(void **state, const char *const *hosts,
			const char *attributes);
int mucbed_teardown_hooked(void **state);

/* Lets the component have one stanza and all that follows from it. */
void mucbed_take(struct mucbed *bed, struct arena *arena, struct xml *el);
/* The same from text.  Returns what was sent, as mucbed_sent(). */
const char *mucbed_receive(struct mucbed *bed, const char *stanza);
/* What was sent since this was called last, as fake_router_sent(), but
   mucbed_without_ids(). */
const char *mucbed_sent(struct mucbed *bed);
/* The two with all that is sent. */
const char *mucbed_receive_whole(struct mucbed *bed, const char *stanza);
const char *mucbed_sent_whole(struct mucbed *bed);
/* The text without the ids that rooms make, of occupants and of messages: they
   are others each time. */
const char *mucbed_without_ids(struct mucbed *bed, const char *text);
/* The conditions of the errors sent in answer to stanza, with a space before
   each; "" when there are none. */
const char *mucbed_errors(struct mucbed *bed, const char *stanza);

/* Has the administrator use a command: fields, each as "name=value", end with
   NULL.  Returns all that was sent. */
const char *mucbed_command(struct mucbed *bed, const char *name,
			   const char *const *fields);
#define MUCBED_COMMAND(bed, name, ...) \
	mucbed_command(bed, name, \
		       (const char *const[]){ __VA_ARGS__, NULL })

/* An address and an element, which must be right. */
const struct jid *mucbed_jid(struct mucbed *bed, const char *text);
struct xml *mucbed_xml(struct mucbed *bed, const char *text);

/* The cast of most tests. */
#define ANN "ann@a.example/1"	/* Ann, an owner */
#define BOB "bob@b.example/1"	/* Bob, who is nothing but may speak */
#define BOB2 "bob@b.example/2"	/* Bob2: another client of his */
#define CID "cid@c.example/1"	/* Cid, a member */
#define MOD "mod@m.example/1"	/* Mod, a moderator without affiliation */
#define VIC "vic@v.example/1"	/* Vic, a visitor */
#define OUT "out@o.example/1"	/* who is never inside */

/* Those of the cast whose names stand there, between blanks, enter the room;
   or an open room, "r@muc.example", is made with them in it. */
void mucbed_enter(struct room *room, const char *names);
struct room *mucbed_cast(struct mucbed *bed, const char *names);
/* The same with a persistent room, which is stored. */
struct room *mucbed_cast_lasting(struct mucbed *bed, const char *names);
/* The id that the room gave to the newest message (XEP-0359). */
const char *mucbed_last_id(struct mucbed *bed, const struct room *room);

/* Made without a word: an open room, and somebody in it who has just that
   affiliation and role.  The room is one of muc.example. */
struct room *mucbed_room(struct mucbed *bed, const char *jid);
struct occupant *mucbed_add(struct room *room, const char *nick,
			    const char *jid, enum affiliation affiliation,
			    enum role role);

#endif
