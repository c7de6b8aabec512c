/*
 * adhoc_session.h - the uses that people make of commands, until answered.
 *
 * A session is somebody's who was sent a form, or whose command is running, or
 * has ended and said what nobody has come for yet.  One in which nothing
 * happens is forgotten.
 */
#ifndef SHARED_ADHOC_SESSION_H
#define SHARED_ADHOC_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>
#include <uv.h>

#include "shared/error.h"
#include "shared/query.h"

struct adhoc_sessions;
struct arena;
struct call;
struct calls;
struct command;
struct form;
struct jid;
struct request;
struct xml;

/* Most sessions of one person, and of all; how long one lives in which nothing
   happens; and how long a request waits for the end of a command. */
#define ADHOC_PERSON_MAX 10
#define ADHOC_MAX 1000
#define ADHOC_IDLE_SECS 600
#define ADHOC_WAIT_SECS 15

enum adhoc_session_state {
	ADHOC_SESSION_ASKING,	/* the form was sent */
	ADHOC_SESSION_RUNNING,
	ADHOC_SESSION_DONE,	/* nobody has come for the answer yet */
};

/* One use of a command by one client; others only read it. */
struct adhoc_session {
	struct adhoc_sessions *sessions;
	const struct command *command;
	enum adhoc_session_state state;
	struct arena *arena;	/* the session itself, and its answer */
	const char *jid;	/* full */
	const char *bare;
	char id[QUERY_ID_SIZE];
	struct call *call;	/* while it is running */
	struct request *req;	/* waits for its end; or NULL */
	uint64_t due_ms;	/* when the request is answered, or without
				   one the session ends */

	struct xml *form;	/* the rows; NULL while there are none */
	size_t bytes, rows;
	bool cut;		/* there were more rows */
	const char *message;
	struct error err;	/* how it has failed */
	uint64_t done, total;	/* progress */
	UT_hash_handle hh;	/* by id, the oldest first */
};

/* Called when the request that waits is to be answered: its command has ended,
   or not yet though it has waited long.  Takes the request, by freeing the
   session or by adhoc_session_let_go(). */
typedef void adhoc_session_fn(struct adhoc_session *session);

/* An answer has at most about max_bytes of rows; of more, the first. */
struct adhoc_sessions *adhoc_sessions_new(uv_loop_t *loop, struct calls *calls,
					  size_t max_bytes,
					  adhoc_session_fn *answer);
/* Requests that wait are not answered any more. */
void adhoc_sessions_free(struct adhoc_sessions **sessions);

/* Somebody's, who is to fill in a form.  Of one who has too many the oldest is
   forgotten that is not running; if there is none, or there are too many of
   all, -1 with ERROR_RESOURCE_CONSTRAINT. */
int adhoc_session_new(struct adhoc_sessions *sessions,
		      const struct command *command, const struct jid *who,
		      struct adhoc_session **session_r, struct error *err);
/* Cancels what is running. */
void adhoc_session_free(struct adhoc_session **session);

/* NULL: there is none, or not any more. */
struct adhoc_session *adhoc_session_find(const struct adhoc_sessions *sessions,
					 const char *id);

/* Runs the command with the form's fields, while req waits: it may be answered
   and the session gone before this returns.  -1 with err as of call_new():
   nothing waits then. */
int adhoc_session_run(struct adhoc_session *session, const struct form *form,
		      struct request *req, struct error *err);
/* Has another request wait for the end, which may have come already. */
void adhoc_session_wait(struct adhoc_session *session, struct request *req);
/* The request that waits does so no more; the session goes on. */
struct request *adhoc_session_let_go(struct adhoc_session *session);

#endif
