#include "shared/mam_fin.h"

#include "shared/ns.h"
#include "shared/xml.h"

struct xml *
mam_fin_new(struct arena *arena, const struct mam_fin *fin)
{
	struct xml *el = xml_new(arena, NS_MAM, "fin");

	if (fin->complete)
		xml_set(arena, el, "complete", "true");
	if (fin->unstable)
		xml_set(arena, el, "stable", "false");
	rsm_add(arena, el, &fin->page);
	return el;
}
