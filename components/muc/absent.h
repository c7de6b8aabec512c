/*
 * absent.h - members of a room who are not in it, shown as unavailable under
 * the nicks they have reserved (status codes 102 and 103).
 */
#ifndef MUC_ABSENT_H
#define MUC_ABSENT_H

struct room;
struct session;

/* Shows them to one who enters, if the room is to show them. */
void absent_send(const struct room *room, const struct session *to);
/* Shows them to everybody, likewise. */
void absent_broadcast(const struct room *room);

#endif
