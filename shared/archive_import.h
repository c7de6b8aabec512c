/*
 * archive_import.h - taking over what a router has archived (shared/spool.h),
 * by a command.
 *
 * It may be broken off and repeated: what is here is not taken again.  It reads
 * and writes so much at a time that others have their turn.
 */
#ifndef SHARED_ARCHIVE_IMPORT_H
#define SHARED_ARCHIVE_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/archive_shelving.h"
#include "shared/takeover.h"

struct arena;
struct call;
struct error;

/* Fields that such a command has, and all its columns: of what is not taken,
   and why. */
#define ARCHIVE_IMPORT_FIELDS \
	COMMAND_FIELD("source", CHOICE, "Which router", \
		      .choices = archive_import_sources, .required = true), \
	COMMAND_FIELD("place", TEXT, "Where its archive is: a path, or the " \
		      "URL of a database", .required = true, .quiet = true), \
	COMMAND_FIELD("from", JID, "Only what is of this host"), \
	COMMAND_FIELD("host", JID, "The host whose it becomes"), \
	COMMAND_FIELD("dry-run", BOOL, "Only count")
#define ARCHIVE_IMPORT_COLUMNS(word, label) \
	{ word, COMMAND_TEXT, label }, \
	{ "place", COMMAND_TEXT, "Place" }, \
	{ "skipped", COMMAND_TEXT, "Skipped because" }

extern const char *const archive_import_sources[];

struct archive_import_plan {
	enum spool_content content;
	bool dry;		/* only count */
	/* Understands a record.  What item_r gets lives as long as the arena
	   and the record; its owner is set as far as it is known.  Returns 0;
	   ARCHIVE_IMPORT_ELSEWHERE when it is none of those that are meant; or
	   -1 with err, whose text says for people why it cannot be taken. */
	int (*read)(void *ctx, struct arena *arena,
		    const struct spool_record *record,
		    struct archive_shelving_item *item_r, struct error *err);
	/* May be NULL: finds out what read will want to know about the page's
	   records, then calls fn, within or later. */
	void (*prepare)(void *ctx, const struct spool_page *page,
			spool_fn *fn, void *fn_ctx);
	/* May be NULL: it is over, and nobody has cancelled it. */
	void (*report)(void *ctx, struct call *call,
		       const struct takeover_tally *tally);
	/* The call ends. */
	void (*free)(void *ctx);
	void *ctx;
};
#define ARCHIVE_IMPORT_ELSEWHERE 1

/* Opens what the call names, whose state it takes, for takeover_begin();
   plan.free is called in any case.  -1 with err when there is no such thing. */
int archive_import_new(struct call *call,
		       const struct archive_import_plan *plan,
		       struct error *err);
/* Whether a record has an id and a time that the archive can have: of 1999 or
   later, and not from later than a day after now.  -1 with err when not. */
int archive_import_check(const struct spool_record *record, int64_t now,
			 struct error *err);

#endif
