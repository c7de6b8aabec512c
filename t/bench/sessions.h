/*
 * sessions.h - the sessions of many people at one router.
 *
 * They log in, some at a time; when the last one has, what follows is driven
 * by what comes.  Whatever goes wrong ends the program.
 */
#ifndef T_BENCH_SESSIONS_H
#define T_BENCH_SESSIONS_H

#include "shared/str.h"

struct element;
struct sessions;

struct sessions_owner {
	/* All are there. */
	void (*open)(void *ctx);
	/* A stanza has come to a person, whose address is jid.  Returns NULL,
	   or what is wrong with it. */
	const char *(*stanza)(unsigned person, const char *jid,
			      const struct element *el, void *ctx);
	void *ctx;
};

/* Of "u0000000@domain/r" and so on. */
struct sessions *sessions_new(const char *domain, unsigned port,
			      unsigned people,
			      const struct sessions_owner *owner);
void sessions_free(struct sessions **sessions);

/* Returns when the owner has called sessions_end(). */
void sessions_run(struct sessions *sessions);
void sessions_end(struct sessions *sessions);

/* Calls that every millisecond, until the end. */
void sessions_tick(struct sessions *sessions, void (*fn)(void *ctx));

/* Sends the text, and empties it. */
void sessions_send(struct sessions *sessions, unsigned person,
		   struct str *text);

#endif
