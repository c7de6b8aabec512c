#include "components/archive/desk/retraction.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "components/archive/archive.h"
#include "components/archive/keep/compliance.h"
#include "shared/archive_obituary.h"
#include "shared/archive_row.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/str.h"

struct retraction {
	const struct archive *archive;
	bool keeps;			/* what anybody retracts */
	struct archive_obituary *obituary;
};

struct retraction *
retraction_new(struct archive *archive)
{
	struct retraction *retraction = calloc(1, sizeof(*retraction));
	struct runtime *runtime = archive->runtime;

	ensure(retraction != NULL);
	retraction->archive = archive;
	retraction->keeps = str_same(archive->settings->retract, "keep");
	retraction->obituary = archive_obituary_new(runtime->loop,
						    runtime->store, NULL);
	return retraction;
}

void
retraction_free(struct retraction **retraction)
{
	if (*retraction == NULL)
		return;
	archive_obituary_free(&(*retraction)->obituary);
	free(*retraction);
	*retraction = NULL;
}

/* A private message in a room comes from its address, whoever inside has sent
   it, and rooms say so (XEP-0045 section 7.5); of one that is not whole nobody
   knows. */
static bool
may_be_from_room(const struct archive_row *row)
{
	return (row->mark.flags & ARCHIVE_REST_LOST) != 0 ||
	       (row->rest != NULL &&
		strstr(row->rest, "xmlns='" NS_MUC_USER "'") != NULL);
}

/* Whose copies go is as whose there are of the retraction: it may be stored
   twice where the message was (archive_burial.h). */
static unsigned
ways_of(const struct archive_row *row)
{
	unsigned theirs = ARCHIVE_RECEIVED | ARCHIVE_SHOWN;
	unsigned own = row->mark.ways | row->mark.ways >> 3;
	unsigned ways = own & ARCHIVE_SENT;

	if ((own & theirs) != 0 && !may_be_from_room(row))
		ways |= theirs;
	return ways | ARCHIVE_UNSEEN(ways);
}

void
retraction_apply(struct retraction *retraction, struct archive_row *row)
{
	if (retraction == NULL || row->relation != ARCHIVE_RETRACTION ||
	    (row->type != ARCHIVE_NORMAL && row->type != ARCHIVE_CHAT))
		return;
	row->buries = ways_of(row);
	row->conceals = retraction->keeps ||
			compliance_overrides(retraction->archive->compliance,
					     COMPLIANCE_RETRACTIONS, row);
	if (row->buries != 0)
		archive_obituary_hurry(retraction->obituary);
}
