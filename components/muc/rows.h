/*
 * rows.h - what rooms look like in the database (schema/muc), for those who
 * write there.
 *
 * Each function adds to a batch what it takes to make the tables agree with
 * memory; all may be done again.
 */
#ifndef MUC_ROWS_H
#define MUC_ROWS_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct room;
struct session;
struct store_batch;

/* The statements, made once from the table of options. */
struct rows {
	struct arena *arena;
	const char *select_room, *upsert_room;
};

/* What select_room gives: these, then the options. */
enum rows_column {
	ROWS_JID,
	ROWS_DOMAIN,
	ROWS_CREATED,
	ROWS_SUBJECT,
	ROWS_SUBJECT_NICK,
	ROWS_SUBJECT_STAMP,
	ROWS_LOCKED,
	ROWS_KEY,
	ROWS_OPTIONS,
};

void rows_init(struct rows *rows);
void rows_fini(struct rows *rows);

/* Whether occupants have any. */
bool rows_keep_people(const struct room *room);

/* The room, with all that belongs to it, in place of whatever is there. */
void rows_add_all(struct store_batch *batch, struct room *room);
/* Options and subject. */
void rows_add_room(struct store_batch *batch, struct room *room);
/* What the address is to the room, be it nothing. */
void rows_add_affiliate(struct store_batch *batch, const struct room *room,
			const char *jid);
/* The messages whose serials are above that one. */
void rows_add_messages(struct store_batch *batch, const struct room *room,
		       int64_t after);
/* Away with the messages older than those in memory. */
void rows_trim_messages(struct store_batch *batch, const struct room *room);
void rows_add_session(struct store_batch *batch,
		      const struct session *session);
void rows_delete_session(struct store_batch *batch, const struct room *room,
			 int64_t serial);
/* Nobody is inside. */
void rows_delete_sessions(struct store_batch *batch, const struct room *room);
void rows_delete_room(struct store_batch *batch, const char *jid);

#endif
