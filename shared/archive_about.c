#include "shared/archive_about.h"

#include <stddef.h>
#include <string.h>

#include "shared/ns.h"
#include "shared/xml.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* By enum archive_relation. */
static const struct kind {
	const char *ns, *element;	/* its attribute id names the other */
	const char *name;
} kinds[] = {
	[ARCHIVE_RETRACTION] = { NS_RETRACT, "retract", "retraction" },
	[ARCHIVE_EDIT] = { NS_CORRECT, "replace", "edit" },
	[ARCHIVE_REACTION] = { NS_REACTIONS, "reactions", "reaction" },
	[ARCHIVE_FASTENING] = { NS_FASTEN, "apply-to", "fastening" },
	[ARCHIVE_REPLY] = { NS_REPLY, "reply", "reply" },
	[ARCHIVE_RECEIPT] = { NS_RECEIPTS, "received", "receipt" },
	[ARCHIVE_DISPLAYED] = { NS_CHAT_MARKERS, "displayed", "displayed" },
};

const char *
archive_about_find(const struct xml *message,
		   enum archive_relation *relation_r)
{
	*relation_r = ARCHIVE_ABOUT_NONE;
	for (size_t i = 1; i < ARRAY_LEN(kinds); i++) {
		const struct xml *el = xml_child(message, kinds[i].ns,
						 kinds[i].element);
		const char *id = el == NULL ? NULL : xml_attr(el, "id");

		if (id == NULL || *id == '\0' ||
		    strlen(id) > ARCHIVE_ABOUT_MAX)
			continue;
		*relation_r = (enum archive_relation)i;
		return id;
	}
	return NULL;
}

const char *
archive_about_name(enum archive_relation relation)
{
	return (size_t)relation < ARRAY_LEN(kinds) ? kinds[relation].name :
						     NULL;
}
