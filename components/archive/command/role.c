#include "components/archive/command/role.h"

#include "components/archive/archive.h"
#include "shared/jid.h"
#include "shared/str.h"

bool
role_is_auditor(void *ctx, const struct jid *who)
{
	const struct archive *archive = ctx;

	return str_is_one_of(who->bare, archive->settings->auditors);
}
