/*
 * absent.h - members of a room who are not in it, shown as unavailable under
 * the nicks they have reserved (status codes 102 and 103).
 */
#ifndef MUC_ABSENT_H
#define MUC_ABSENT_H

struct room;
struct session;

/* Shows them, or the first thousand, to one who enters, if the room is to show
   them. */
void absent_send(const struct room *room, const struct session *to);
/* Shows them to everybody, likewise; in a large room, where that would be more
   than a hundred thousand stanzas, to nobody: people see them when they enter
   the next time. */
void absent_broadcast(const struct room *room);

#endif
