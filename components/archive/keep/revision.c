#include "components/archive/keep/revision.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "components/archive/archive.h"
#include "shared/audit.h"
#include "shared/error.h"
#include "shared/setting.h"
#include "shared/str.h"

#define SECTION "archive"

/* Its own, and those within it. */
static bool
is_ours(const char *section)
{
	size_t len = strlen(SECTION);

	return strncmp(section, SECTION, len) == 0 &&
	       (section[len] == '\0' || section[len] == '.');
}

/* What needs a restart does not hold yet. */
static void
add_change(void *ctx, const char *section, const struct setting *setting,
	   const char *was, const char *is)
{
	json_t *changes = ctx, *change;
	struct str name = { 0 };

	if (!is_ours(section))
		return;
	str_addf(&name, "%s.%s", section, setting->name);
	change = json_pack("{s:s, s:s, s:s}", "setting", name.data,
			   "was", was, "is", is);
	str_fini(&name);
	ensure(change != NULL);
	if (setting->restart)
		json_object_set_new(change, "restart", json_true());
	json_array_append_new(changes, change);
}

void
revision_note(void *ctx, const struct settings *was,
	      const struct settings *is)
{
	const struct archive *archive = ctx;
	json_t *changes = json_array(), *detail;
	char *text;

	ensure(changes != NULL);
	settings_compare(was, is, add_change, changes);
	if (json_array_size(changes) == 0) {
		json_decref(changes);
		return;
	}
	detail = json_pack("{s:o}", "changes", changes);
	text = json_dumps(detail, JSON_COMPACT);
	ensure(text != NULL);
	json_decref(detail);
	audit_report(archive->runtime->store, &(struct audit_event){
			     "configuration", "configured", text });
	free(text);
}
