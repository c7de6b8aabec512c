/*
 * archive_about.h - which other message a message is about: one that it
 * changes, takes back or answers, or of which it tells what became of it.
 *
 * It names that one by the id that its sender gave to it, or in a room by the
 * one that the room gave to it.  That does not make it true: who looks for the
 * one that is meant goes by the conversation, and by the sender where only he
 * may do that.
 */
#ifndef SHARED_ARCHIVE_ABOUT_H
#define SHARED_ARCHIVE_ABOUT_H

#include "shared/archive_row.h"

struct xml;

/* Names no one message by a longer one. */
#define ARCHIVE_ABOUT_MAX 255

/* The id that the message names, which is its own, and how it is about that
   one; or NULL.  Of several things that it is, the first of enum
   archive_relation counts: who edits an answer sends all of it again. */
const char *archive_about_find(const struct xml *message,
			       enum archive_relation *relation_r);

/* "edit" and so on; NULL for what is about nothing, or is none. */
const char *archive_about_name(enum archive_relation relation);

#endif
