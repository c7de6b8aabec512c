/*
 * roomload.h - a room and the people in it, read from the database.
 *
 * Rows that make no sense, as somebody has edited them or a later version has
 * written them, are left out, and left as they are for him to put right.
 */
#ifndef MUC_ROOMLOAD_H
#define MUC_ROOMLOAD_H

#include <stdbool.h>

struct error;
struct room;

/* Fills a room of state ROOM_LOADING.  fn is called once, later: found tells
   whether it is stored, and then it has its state; err is set when the
   database could not be asked. */
typedef void roomload_fn(struct room *room, bool found,
			 const struct error *err);
void roomload(struct room *room, roomload_fn *fn);

#endif
