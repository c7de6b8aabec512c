/*
 * postbag.h - a part of what waits to be mailed, as long as it is on its way:
 * its mails, and what becomes of each message with them.
 */
#ifndef ARCHIVE_POSTBAG_H
#define ARCHIVE_POSTBAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "components/archive/journaling/post.h"
#include "components/archive/journaling/smtp.h"

struct arena;
struct archive_row;
struct journaling;
struct str;

/* One mail. */
struct postbag_mail {
	size_t first, count;	/* of the items */
	bool ended;		/* it was sent, and what follows is known */
	enum smtp_outcome outcome;
	const char *why;
	bool aside;		/* refused once too often */
	void *owner;		/* of who has it sent */
};

/* All that is in it lives in its arena; all zero is an empty one without. */
struct postbag {
	struct arena *arena;
	/* Those that are mailed, in order, and the same as rows, and whom they
	   were shown. */
	struct post_item *items;
	struct archive_row *rows;
	const char **audiences;
	size_t count;
	int64_t *unwanted;	/* serials of those that are not */
	size_t unwanted_count;
	struct postbag_mail *mails;
	size_t mail_count;
};

/* Empties it and fills it with that part, which the journaling sorts. */
void postbag_fill(struct postbag *bag, const struct store_result *result,
		  const struct journaling *journaling);
void postbag_fini(struct postbag *bag);

/* Adds the mail as it is sent. */
void postbag_print(const struct postbag *bag, const struct postbag_mail *mail,
		   const struct journaling *journaling, struct str *out);

/* What became of it; taken is when another mail was last taken, in microseconds
   since 1970, 0 for never: a refusal counts when that is later than the last
   one, as it may be the server that refuses everything. */
void postbag_end(struct postbag *bag, struct postbag_mail *mail,
		 enum smtp_outcome outcome, const char *why, int64_t taken);

/* Whether anything changes by it in the tables; and adds that to a batch. */
bool postbag_changes(const struct postbag *bag);
void postbag_settle(struct postbag *bag, struct store_batch *batch,
		    int64_t journaling, unsigned refusals);

#endif
