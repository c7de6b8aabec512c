/*
 * roomload.h - a room and the people in it, read from the database.
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
