/*
 * removal.h - taking out of the database what was handed over, and telling the
 * shim.
 */
#ifndef OFFLINE_REMOVAL_H
#define OFFLINE_REMOVAL_H

#include <stddef.h>
#include <stdint.h>

struct hook_item;
struct mailbox;

/* Removes some of the user's messages, which are all from the first serial to
   the last.  They may go at once. */
void removal_start(struct mailbox *mailbox, const struct hook_item *items,
		   const int64_t *serials, size_t count);

#endif
