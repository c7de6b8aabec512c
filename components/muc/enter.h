/*
 * enter.h - what the presence of people does: entering, leaving, and changing
 * nick or availability.
 */
#ifndef MUC_ENTER_H
#define MUC_ENTER_H

struct error;
struct jid;
struct request;
struct room;
struct session;

/* Whether the account may take the nick, which is free or held by itself and
   reserved by nobody else.  Returns 0, or -1 with ERROR_CONFLICT, or
   ERROR_JID_MALFORMED for a nick nobody could see (17.1). */
int enter_check_nick(const struct room *room, const struct jid *account,
		     const char *nick, struct error *err);

/* The nick that the account must use, or NULL: only when nicks are locked. */
const char *enter_locked_nick(const struct room *room,
			      const struct jid *account);

/* leave.c */
void leave_room(struct room *room, struct session *session,
		const struct request *req);

/* nick.c: 7.6 and 7.7. */
int nick_change(struct session *session, const struct request *req,
		struct error *err);
void availability_change(struct session *session, const struct request *req);

#endif
