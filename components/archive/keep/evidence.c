#include "components/archive/keep/evidence.h"

#include "components/archive/archive.h"
#include "components/archive/keep/compliance.h"
#include "shared/archive_hearsay.h"
#include "shared/archive_row.h"
#include "shared/stanza.h"
#include "shared/str.h"

static bool
is_groupchat(const struct stanza *message)
{
	return message->kind == STANZA_MESSAGE &&
	       str_same(message->type, "groupchat");
}

unsigned
evidence_ways(const struct archive *archive, const struct stanza *message,
	      unsigned ways, bool cut)
{
	if (!is_groupchat(message))
		return compliance_ways(archive->compliance, message, ways,
				       cut);
	return compliance_hears(archive->compliance, message,
				archive->settings->rooms_elsewhere, cut) ?
	       ways : 0;
}

int
evidence_row(struct arena *arena, const struct stanza *message,
	     const struct archive_mark *mark, struct archive_row *row_r,
	     struct error *err)
{
	return is_groupchat(message) ?
	       archive_hearsay_of(arena, message, mark, row_r, err) :
	       archive_row_of(arena, message, mark, row_r, err);
}
