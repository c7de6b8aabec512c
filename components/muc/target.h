/*
 * target.h - the room that a command is about: what its field "room" says, an
 * address, or just what stands before the @.
 */
#ifndef MUC_TARGET_H
#define MUC_TARGET_H

struct call;
struct error;
struct jid;
struct muc;
struct room;

#define TARGET_FIELD \
	COMMAND_FIELD("room", TEXT, "Address of the room, or its name alone", \
		      .required = true)

/* Reads text as the address of a room that could be here.  Returns 0, or -1
   with ERROR_JID_MALFORMED or ERROR_NOT_ACCEPTABLE. */
int target_read(struct call *call, const char *text, const struct jid **jid_r,
		struct error *err);

/* Goes on with fn and the room, loaded from the store if need be, and ends the
   call as a command_fn does; ERROR_ITEM_NOT_FOUND when there is none. */
typedef int target_fn(struct call *call, struct room *room,
		      struct error *err);
int target_find(struct call *call, target_fn *fn, struct error *err);

/* Goes on with fn and the address when there is no such room; else
   ERROR_CONFLICT. */
typedef int target_free_fn(struct call *call, const struct jid *jid,
			   struct error *err);
int target_find_free(struct call *call, target_free_fn *fn,
		     struct error *err);

#endif
