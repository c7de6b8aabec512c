/*
 * filter.h - what an occupant may not say to others: elements that only a
 * room, or the service, speaks (XEP-0045 section 17.3).
 */
#ifndef MUC_FILTER_H
#define MUC_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;
struct room;
struct str;
struct xml;

/* Adds the children of a stanza as XML, without those that are forged:
   muc and muc#user elements; stanza-ids and delays (also by XEP-0091) in the
   room's name; occupant ids. */
void filter_print(struct str *out, const struct room *room,
		  const struct xml *stanza);

/* Takes the forged children out of a message, and delays but this one, which
   may be NULL.  An owner's delays stay, which show the history of a one-to-one
   chat (7.9); not one by XEP-0091, which would contradict the one that history
   adds. */
void filter_message(const struct room *room, bool owner,
		    const struct xml *delay, struct xml *message);

/* Reads the error of a stanza that is passed on between occupants: what it is,
   without the text, in which servers name addresses (17.4). */
void filter_read_error(struct arena *arena, const struct xml *stanza,
		       struct error *err_r);

/* About how many bytes the stanza holds. */
size_t filter_length(const struct xml *stanza);

#endif
