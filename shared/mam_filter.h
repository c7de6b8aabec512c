/*
 * mam_filter.h - which messages of an archive are wanted (XEP-0313 section
 * 4.1), and words to search for (XEP-0431).
 */
#ifndef SHARED_MAM_FILTER_H
#define SHARED_MAM_FILTER_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct jid;
struct mam_offer;
struct xml;

/* The most ids at a time, the most bytes of an id, and of the words. */
#define MAM_FILTER_IDS_MAX	100
#define MAM_FILTER_ID_MAX	255
#define MAM_FILTER_TEXT_MAX	1023

enum mam_filter_groupchat {
	MAM_FILTER_GROUPCHAT_UNSAID,	/* the archive decides */
	MAM_FILTER_GROUPCHAT_LEAVE,
	MAM_FILTER_GROUPCHAT_INCLUDE,
};

/* A message must match all that is said. */
struct mam_filter {
	const struct jid *with;	/* NULL: whoever; without resource: any */
	int64_t start, end;	/* both included: microseconds since 1970, or
				   INT64_MIN and INT64_MAX */
	const char *before_id, *after_id;	/* NULL: none; not included */
	const char *const *ids;	/* ids_count of them, no two the same; when
				   there are none, whatever id */
	size_t ids_count;
	enum mam_filter_groupchat groupchat;
	const char *text;	/* to search for; NULL: nothing */
};

/* Reads a form that was submitted to an archive with that offer, or none when
   el is NULL; what it says borrows from el and the arena.  Times are
   understood as results show them, in whole milliseconds: start is the first
   stamp that would be shown as that or later, end the last that would be shown
   as that or earlier.  A field without text says nothing.

   Returns 0, or -1:
   ERROR_FEATURE_NOT_IMPLEMENTED: a field that is not in the offer;
   ERROR_ITEM_NOT_FOUND: an id that can be in no archive;
   ERROR_JID_MALFORMED: with is no address;
   ERROR_POLICY_VIOLATION: more than fits in the limits;
   ERROR_BAD_REQUEST: all else, as a form that was not submitted or is of
   another type. */
int mam_filter_parse(struct arena *arena, const struct xml *el,
		     const struct mam_offer *offer,
		     struct mam_filter *filter_r, struct error *err);

/* Returns 0, or -1 with ERROR_ITEM_NOT_FOUND for what no archive gives as an
   id, so that none has it. */
int mam_filter_check_id(const char *id, struct error *err);

#endif
