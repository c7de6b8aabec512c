/*
 * chronicle_address.h - the address of a room's archive: that of no other room,
 * not even of one that had or will have its name.
 */
#ifndef MUC_CHRONICLE_ADDRESS_H
#define MUC_CHRONICLE_ADDRESS_H

#include <stdint.h>

struct arena;
struct room;

const char *chronicle_address(const struct room *room, struct arena *arena);
/* The same of a room of that address that was created then. */
const char *chronicle_address_of(const char *jid, int64_t created,
				 struct arena *arena);

#endif
