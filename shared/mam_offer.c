#include "shared/mam_offer.h"

#include "shared/form.h"
#include "shared/str.h"
#include "shared/xml.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define IDS "ids"

static const struct {
	const char *type, *var;
} fields[] = {
	{ "jid-single", "with" },
	{ "text-single", "start" },
	{ "text-single", "end" },
	{ "text-single", "before-id" },
	{ "text-single", "after-id" },
	{ "list-multi", IDS },
	{ "boolean", MAM_OFFER_GROUPCHAT },
	{ "text-single", MAM_OFFER_FULLTEXT },
};

static bool
is_wanted(const struct mam_offer *offer, const char *var)
{
	if (str_same(var, MAM_OFFER_GROUPCHAT))
		return offer->groupchat;
	if (str_same(var, MAM_OFFER_FULLTEXT))
		return offer->fulltext;
	return true;
}

bool
mam_offer_has(const struct mam_offer *offer, const char *var)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (str_same(fields[i].var, var))
			return is_wanted(offer, var);
	}
	return false;
}

/* A list of nothing, open to whatever the client knows (XEP-0122). */
static void
open_list(struct arena *arena, struct xml *field)
{
	struct xml *validate = xml_add(arena, field, NS_VALIDATE, "validate");

	xml_set(arena, validate, "datatype", "xs:string");
	xml_add(arena, validate, NULL, "open");
}

struct xml *
mam_offer_form(struct arena *arena, const struct mam_offer *offer)
{
	struct xml *query = xml_new(arena, NS_MAM, "query");
	struct xml *form = form_new(arena, "form", NS_MAM), *field;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (!is_wanted(offer, fields[i].var))
			continue;
		field = form_add(arena, form, fields[i].type, fields[i].var,
				 NULL);
		if (str_same(fields[i].var, IDS))
			open_list(arena, field);
	}
	xml_append(query, form);
	return query;
}
