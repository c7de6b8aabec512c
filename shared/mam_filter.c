#include "shared/mam_filter.h"

#include <stdbool.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/clock.h"
#include "shared/error.h"
#include "shared/form.h"
#include "shared/jid.h"
#include "shared/jid_routed.h"
#include "shared/mam_offer.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#define MILLISECOND (CLOCK_SECOND / 1000)

/* Where fields are read into; what lives as long as it is in the arena. */
struct reading {
	struct arena *arena;
	struct mam_filter *filter;
};

/* Reads a field of which one value or more has text. */
typedef int reader_fn(struct reading *in, const struct form_field *field,
		      struct error *err);

/* XEP-0004 section 3.3: all but lists have one value. */
static int
check_single(const struct form_field *field, struct error *err)
{
	if (field->count != 1)
		return error_set(err, ERROR_BAD_REQUEST,
				 "%s has more than one value", field->var);
	return 0;
}

static int
read_with(struct reading *in, const struct form_field *field,
	  struct error *err)
{
	if (check_single(field, err) < 0)
		return -1;
	return jid_sought(in->arena, field->values[0], &in->filter->with,
			  err);
}

static int
read_stamp(const struct form_field *field, int64_t *stamp_r,
	   struct error *err)
{
	if (check_single(field, err) < 0)
		return -1;
	if (clock_parse(field->values[0], stamp_r) < 0)
		return error_set(err, ERROR_BAD_REQUEST,
				 "%s is not a time as in XEP-0082",
				 field->var);
	return 0;
}

static int64_t
floor_to_millisecond(int64_t stamp)
{
	int64_t rest = stamp % MILLISECOND;

	return stamp - rest - (rest < 0 ? MILLISECOND : 0);
}

static int
read_start(struct reading *in, const struct form_field *field,
	   struct error *err)
{
	int64_t stamp;

	if (read_stamp(field, &stamp, err) < 0)
		return -1;
	in->filter->start = floor_to_millisecond(stamp + MILLISECOND - 1);
	return 0;
}

static int
read_end(struct reading *in, const struct form_field *field,
	 struct error *err)
{
	int64_t stamp;

	if (read_stamp(field, &stamp, err) < 0)
		return -1;
	in->filter->end = floor_to_millisecond(stamp) + MILLISECOND - 1;
	return 0;
}

int
mam_filter_check_id(const char *id, struct error *err)
{
	if (*id == '\0' || strlen(id) > MAM_FILTER_ID_MAX)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "no message can have that id");
	return 0;
}

static int
read_id(const struct form_field *field, const char **id_r, struct error *err)
{
	if (check_single(field, err) < 0)
		return -1;
	*id_r = field->values[0];
	return mam_filter_check_id(*id_r, err);
}

static int
read_before_id(struct reading *in, const struct form_field *field,
	       struct error *err)
{
	return read_id(field, &in->filter->before_id, err);
}

static int
read_after_id(struct reading *in, const struct form_field *field,
	      struct error *err)
{
	return read_id(field, &in->filter->after_id, err);
}

static bool
is_among(const char *const *ids, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		if (str_same(ids[i], id))
			return true;
	}
	return false;
}

static int
read_ids(struct reading *in, const struct form_field *field,
	 struct error *err)
{
	const char **ids;
	size_t count = 0;

	if (field->count > MAM_FILTER_IDS_MAX)
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "at most %d ids at a time",
				 MAM_FILTER_IDS_MAX);
	ids = arena_alloc(in->arena, field->count * sizeof(*ids));
	for (size_t i = 0; i < field->count; i++) {
		if (mam_filter_check_id(field->values[i], err) < 0)
			return -1;
		if (!is_among(ids, count, field->values[i]))
			ids[count++] = field->values[i];
	}
	in->filter->ids = ids;
	in->filter->ids_count = count;
	return 0;
}

static int
read_groupchat(struct reading *in, const struct form_field *field,
	       struct error *err)
{
	bool include;

	if (form_field_bool(field, &include, err) < 0)
		return -1;
	in->filter->groupchat = include ? MAM_FILTER_GROUPCHAT_INCLUDE :
					  MAM_FILTER_GROUPCHAT_LEAVE;
	return 0;
}

static int
read_text(struct reading *in, const struct form_field *field,
	  struct error *err)
{
	if (check_single(field, err) < 0)
		return -1;
	in->filter->text = field->values[0];
	if (strlen(in->filter->text) > MAM_FILTER_TEXT_MAX)
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "at most %d bytes to search for",
				 MAM_FILTER_TEXT_MAX);
	return 0;
}

static const struct {
	const char *var;
	reader_fn *read;
} readers[] = {
	{ "with", read_with },
	{ "start", read_start },
	{ "end", read_end },
	{ "before-id", read_before_id },
	{ "after-id", read_after_id },
	{ "ids", read_ids },
	{ MAM_OFFER_GROUPCHAT, read_groupchat },
	{ MAM_OFFER_FULLTEXT, read_text },
};

/* As fields are in a form that was sent back untouched. */
static bool
is_blank(const struct form_field *field)
{
	for (size_t i = 0; i < field->count; i++) {
		if (*field->values[i] != '\0')
			return false;
	}
	return true;
}

static int
read_field(struct reading *in, const struct form_field *field,
	   struct error *err)
{
	size_t i = 0;

	if (is_blank(field))
		return 0;
	while (i < ARRAY_LEN(readers) && !str_same(readers[i].var, field->var))
		i++;
	ensure(i < ARRAY_LEN(readers));
	return readers[i].read(in, field, err);
}

static int
check_form(const struct form *form, const struct mam_offer *offer,
	   struct error *err)
{
	if (!str_same(form->type, "submit"))
		return error_set(err, ERROR_BAD_REQUEST,
				 "the form was not submitted");
	if (form->form_type == NULL || !str_same(form->form_type, NS_MAM))
		return error_set(err, ERROR_BAD_REQUEST,
				 "the form is not one of " NS_MAM);
	for (size_t i = 0; i < form->count; i++) {
		if (!mam_offer_has(offer, form->fields[i].var))
			return error_set(err, ERROR_FEATURE_NOT_IMPLEMENTED,
					 "no such field: %s",
					 form->fields[i].var);
	}
	return 0;
}

int
mam_filter_parse(struct arena *arena, const struct xml *el,
		 const struct mam_offer *offer, struct mam_filter *filter_r,
		 struct error *err)
{
	struct reading in = { arena, filter_r };
	const struct form *form;

	*filter_r = (struct mam_filter){ .start = INT64_MIN,
					 .end = INT64_MAX };
	if (el == NULL)
		return 0;
	if (form_parse(arena, el, &form, err) < 0 ||
	    check_form(form, offer, err) < 0)
		return -1;
	for (size_t i = 0; i < form->count; i++) {
		if (read_field(&in, &form->fields[i], err) < 0)
			return -1;
	}
	return 0;
}
