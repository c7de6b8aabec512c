/*
 * query.h - IQs that we sent and whose answers are awaited.
 *
 * An answer counts only when it comes from whom was asked; the ids are
 * random, so that nobody can guess one and answer in another's place.
 */
#ifndef SHARED_QUERY_H
#define SHARED_QUERY_H

#include <stdbool.h>
#include <uv.h>

struct arena;
struct queries;
struct xml;

/* As router_fn. */
typedef void query_fn(void *ctx, const struct xml *answer);

#define QUERY_ID_SIZE 25

struct queries *queries_new(uv_loop_t *loop);

/* Fails all, and what is asked until they are freed; at last fn is called.
   Who asks again whenever it fails is not told for ever. */
void queries_free(struct queries **queries, void (*fn)(void *ctx), void *ctx);

struct query_wait {
	const char *to;		/* who is asked; needed during the call only */
	unsigned secs;
	query_fn *fn;		/* called once, never from within */
	void *ctx;
};

/* Waits for an answer.  The id to send is written to id_r. */
void queries_add(struct queries *queries, const struct query_wait *wait,
		 char id_r[QUERY_ID_SIZE]);

/* Calls the one whose answer el is, with el in NS_CLIENT; or with NULL when
   it is not what RFC 6120 allows.  Returns false, having done nothing, when el
   is no answer or nobody waits for it. */
bool queries_answer(struct queries *queries, struct arena *arena,
		    struct xml *el);

/* The IQ of that id was not sent: its turn is over. */
void queries_give_up(struct queries *queries, const char *id);

/* Nothing will be answered any more: calls all with NULL. */
void queries_fail(struct queries *queries);

/* A fresh id. */
void query_make_id(char id_r[QUERY_ID_SIZE]);

#endif
