/*
 * enter.h - who may enter a room, and by which nick (XEP-0045 section 7.2).
 */
#ifndef MUC_ENTER_H
#define MUC_ENTER_H

#include <stdbool.h>

struct error;
struct jid;
struct room;

/* Nothing but spaces, which nobody could see (17.1). */
bool enter_is_blank(const char *nick);

/* Whether the account may take the nick, which is free or held by itself and
   reserved by nobody else.  Returns 0, or -1 with ERROR_CONFLICT, or
   ERROR_JID_MALFORMED for a blank one. */
int enter_check_nick(const struct room *room, const struct jid *account,
		     const char *nick, struct error *err);

/* The nick that the account must use, or NULL: only when nicks are locked. */
const char *enter_locked_nick(const struct room *room,
			      const struct jid *account);

#endif
