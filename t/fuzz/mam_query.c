#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "shared/mam_offer.h"
#include "shared/mam_query.h"
#include "shared/ns.h"
#include "shared/parser.h"
#include "shared/str.h"
#include "shared/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mam_offer offers[] = {
	{ .max = 50 },
	{ .max = 50, .groupchat = true, .fulltext = true, .index = true },
};

static void
check_ids(const struct mam_filter *filter)
{
	struct error err;

	ensure(filter->ids_count <= MAM_FILTER_IDS_MAX);
	for (size_t i = 0; i < filter->ids_count; i++) {
		ensure(mam_filter_check_id(filter->ids[i], &err) == 0);
		for (size_t j = 0; j < i; j++)
			ensure(strcmp(filter->ids[i], filter->ids[j]) != 0);
	}
}

static void
add(struct arena *arena, struct xml *form, const char *var, const char *value)
{
	if (value != NULL)
		form_add_value(arena, form_add(arena, form, NULL, var, NULL),
			       value);
}

/* What was rounded up may have a year of five digits, that is no time to
   read. */
#define YEAR_10000 (INT64_C(253402300800) * CLOCK_SECOND)

static bool
is_time(int64_t stamp)
{
	return stamp > 0 && stamp < YEAR_10000;
}

/* A stamp that was read is a millisecond's first or last. */
static const char *
print_stamp(struct arena *arena, int64_t stamp)
{
	char text[CLOCK_TEXT_SIZE];

	return arena_strdup(arena, clock_print(stamp, text));
}

static void
add_times(struct arena *arena, struct xml *form,
	  const struct mam_filter *filter)
{
	if (is_time(filter->start))
		add(arena, form, "start",
		    print_stamp(arena, filter->start));
	if (is_time(filter->end))
		add(arena, form, "end", print_stamp(arena, filter->end));
}

static struct xml *
write_form(struct arena *arena, const struct mam_filter *filter)
{
	struct xml *form = form_new(arena, "submit", NS_MAM);
	struct xml *ids = form_add(arena, form, NULL, "ids", NULL);

	for (size_t i = 0; i < filter->ids_count; i++)
		form_add_value(arena, ids, filter->ids[i]);
	add(arena, form, "with",
	    filter->with == NULL ? NULL : filter->with->full);
	add(arena, form, "before-id", filter->before_id);
	add(arena, form, "after-id", filter->after_id);
	if (filter->groupchat != MAM_FILTER_GROUPCHAT_UNSAID)
		add(arena, form, MAM_OFFER_GROUPCHAT,
		    filter->groupchat == MAM_FILTER_GROUPCHAT_INCLUDE ?
		    "true" : "false");
	add(arena, form, MAM_OFFER_FULLTEXT, filter->text);
	add_times(arena, form, filter);
	return form;
}

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* A form made of what was read reads the same. */
static void
check_filter(struct arena *arena, const struct mam_filter *filter)
{
	struct mam_filter again;
	struct error err;

	check_ids(filter);
	ensure(mam_filter_parse(arena, write_form(arena, filter), &offers[1],
				&again, &err) == 0);
	ensure((filter->with == NULL) == (again.with == NULL));
	ensure(filter->with == NULL || jid_equal(filter->with, again.with));
	ensure(!is_time(filter->start) || filter->start == again.start);
	ensure(!is_time(filter->end) || filter->end == again.end);
	ensure(is_same(filter->before_id, again.before_id));
	ensure(is_same(filter->after_id, again.after_id));
	ensure(is_same(filter->text, again.text));
	ensure(filter->ids_count == again.ids_count);
	ensure(filter->groupchat == again.groupchat);
}

static void
check(struct arena *arena, const struct xml *el,
      const struct mam_offer *offer)
{
	struct mam_query query;
	struct error err = { 0 };

	if (mam_query_parse(arena, el, offer, &query, &err) < 0) {
		ensure(err.cond != ERROR_NONE);
		return;
	}
	ensure(query.queryid == NULL ||
	       strlen(query.queryid) <= MAM_QUERY_ID_MAX);
	ensure(query.rsm.max <= offer->max);
	ensure(query.rsm.mode != RSM_INDEX || offer->index);
	check_filter(arena, &query.filter);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct xml *el;
	struct error err;

	if (parser_document(arena, (const char *)data, size,
			    &parser_limits_default, &el, &err) == 0) {
		check(arena, el, &offers[0]);
		check(arena, el, &offers[1]);
	}
	arena_free(&arena);
	return 0;
}
