/*
 * ghost.h - occupants whose clients have gone without saying so (XEP-0045
 * sections 11.1 and 18.1.2).
 */
#ifndef MUC_GHOST_H
#define MUC_GHOST_H

#include <stdbool.h>

struct error;
struct muc;
struct room;
struct session;

/* Whether an error that came back says that the client is not there. */
bool ghost_is_gone(const struct error *err);

/* Takes a session from the room as one whose client has gone: 333.  The room
   may be freed. */
void ghost_remove(struct room *room, struct session *session);

/* Asks all clients whether they are still there (XEP-0199, and XEP-0030 where
   that does not tell), and removes those who are not: nothing was heard while
   the link was down, or this process was not there. */
void ghost_probe(struct room *room);
void ghost_probe_all(struct muc *muc);

#endif
