#include "shared/mam_query.h"

#include <string.h>

#include "shared/disco.h"
#include "shared/error.h"
#include "shared/mam_offer.h"
#include "shared/ns.h"
#include "shared/xml.h"

/* It comes back in each result, so its length is multiplied. */
static int
read_queryid(const struct xml *el, const char **queryid_r, struct error *err)
{
	*queryid_r = xml_attr(el, "queryid");
	if (*queryid_r != NULL && strlen(*queryid_r) > MAM_QUERY_ID_MAX)
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "at most %d bytes of queryid",
				 MAM_QUERY_ID_MAX);
	return 0;
}

/* Of two, one would be ignored, and more found than was asked for. */
static int
check_once(const struct xml *el, const char *ns, const char *name,
	   struct error *err)
{
	const struct xml *child = xml_child(el, ns, name);

	if (child != NULL && xml_next(child, ns, name) != NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "more than one %s in a query", name);
	return 0;
}

static int
read_page(struct arena *arena, const struct xml *el,
	  const struct mam_offer *offer, struct rsm *rsm_r, struct error *err)
{
	if (rsm_parse(arena, el, offer->max, rsm_r, err) < 0)
		return -1;
	/* XEP-0059 section 2.6. */
	if (rsm_r->mode == RSM_INDEX && !offer->index)
		return error_set(err, ERROR_FEATURE_NOT_IMPLEMENTED,
				 "messages are paged by id");
	if (rsm_r->item == NULL)
		return 0;
	return mam_filter_check_id(rsm_r->item, err);
}

int
mam_query_parse(struct arena *arena, const struct xml *el,
		const struct mam_offer *offer, struct mam_query *query_r,
		struct error *err)
{
	*query_r = (struct mam_query){ 0 };
	if (check_once(el, NS_DATA, "x", err) < 0 ||
	    check_once(el, NS_RSM, "set", err) < 0 ||
	    disco_check_no_node(el, err) < 0 ||
	    read_queryid(el, &query_r->queryid, err) < 0 ||
	    mam_filter_parse(arena, xml_child(el, NS_DATA, "x"), offer,
			     &query_r->filter, err) < 0)
		return -1;
	query_r->flip = xml_child(el, NS_MAM, "flip-page") != NULL;
	return read_page(arena, el, offer, &query_r->rsm, err);
}
