#include "components/archive/role.h"

#include <string.h>

#include "components/archive/archive.h"
#include "shared/jid.h"

static bool
is_listed(const char *const *list, const struct jid *who)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, who->bare) == 0)
			return true;
	return false;
}

bool
role_is_auditor(void *ctx, const struct jid *who)
{
	const struct archive *archive = ctx;

	return is_listed(archive->settings->auditors, who);
}
