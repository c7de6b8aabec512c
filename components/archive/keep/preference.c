#include "components/archive/keep/preference.h"

#include <stddef.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/ns.h"
#include "shared/str.h"
#include "shared/xml.h"

/* How well an address in a list fits. */
enum fit { FIT_NONE, FIT_BARE, FIT_FULL };

static enum fit
fit_line(const char *line, size_t len, const char *bare, const char *resource)
{
	size_t bare_len = strlen(bare);

	if (len < bare_len || memcmp(line, bare, bare_len) != 0)
		return FIT_NONE;
	if (len == bare_len)
		return FIT_BARE;
	return line[bare_len] == '/' &&
	       strlen(resource) == len - bare_len - 1 &&
	       memcmp(line + bare_len + 1, resource, len - bare_len - 1) == 0 ?
	       FIT_FULL : FIT_NONE;
}

static enum fit
find_fit(const char *list, const char *bare, const char *resource)
{
	enum fit best = FIT_NONE, fit;

	for (size_t len; *list != '\0'; list += len + 1) {
		len = strcspn(list, "\n");
		fit = fit_line(list, len, bare, resource);
		if (fit > best)
			best = fit;
	}
	return best;
}

bool
preference_wants(const struct preference *preference, const char *bare,
		 const char *resource)
{
	enum fit always = find_fit(preference->always, bare, resource);
	enum fit never = find_fit(preference->never, bare, resource);

	return always == never ? !preference->never_others : always > never;
}

static int
read_default(const struct xml *el, bool *never_r, struct error *err)
{
	const char *text = xml_attr(el, "default");

	if (text == NULL)
		return error_set(err, ERROR_BAD_REQUEST, "no default");
	if (str_same(text, "roster"))
		return error_set(err, ERROR_FEATURE_NOT_IMPLEMENTED,
				 "the roster is not known to the archive");
	*never_r = str_same(text, "never");
	if (!*never_r && !str_same(text, "always"))
		return error_set(err, ERROR_BAD_REQUEST,
				 "default is neither always nor never");
	return 0;
}

static bool
has_line(const struct str *list, const char *jid)
{
	const char *line = list->data == NULL ? "" : list->data;

	for (size_t len; *line != '\0'; line += len + 1) {
		len = strcspn(line, "\n");
		if (strlen(jid) == len && memcmp(line, jid, len) == 0)
			return true;
	}
	return false;
}

struct lists {
	struct str always, never;
	size_t count;
};

static int
read_jid(struct arena *arena, const struct xml *el, struct str *list,
	 struct error *err)
{
	const struct jid *jid;

	if (jid_parsez(arena, xml_text(arena, el), &jid, err) < 0)
		return -1;
	if (has_line(list, jid->full))
		return 0;
	str_addf(list, "%s\n", jid->full);
	if (list->len > PREFERENCE_BYTES)
		return error_set(err, ERROR_POLICY_VIOLATION,
				 "at most %d bytes of addresses",
				 PREFERENCE_BYTES);
	return 0;
}

static int
read_list(struct arena *arena, const struct xml *el, struct str *list,
	  size_t *count, struct error *err)
{
	const struct xml *jid = xml_child(el, NS_MAM, "jid");

	for (; jid != NULL; jid = xml_next(jid, NS_MAM, "jid")) {
		if (++*count > PREFERENCE_JIDS)
			return error_set(err, ERROR_POLICY_VIOLATION,
					 "at most %d addresses",
					 PREFERENCE_JIDS);
		if (read_jid(arena, jid, list, err) < 0)
			return -1;
	}
	return 0;
}

static int
check_once(const struct lists *lists, struct error *err)
{
	const char *line = lists->never.data == NULL ? "" : lists->never.data;
	char jid[3 * JID_PART_MAX + 3];

	for (size_t len; *line != '\0'; line += len + 1) {
		len = strcspn(line, "\n");
		ensure(len < sizeof(jid));
		memcpy(jid, line, len);
		jid[len] = '\0';
		if (has_line(&lists->always, jid))
			return error_set(err, ERROR_BAD_REQUEST,
					 "%.200s is in both lists", jid);
	}
	return 0;
}

static const char *
copy(struct arena *arena, const struct str *list)
{
	return arena_dup(arena, list->len > 0 ? list->data : "", list->len);
}

static int
read_lists(struct arena *arena, const struct xml *el, struct lists *lists,
	   struct error *err)
{
	if (read_list(arena, xml_child(el, NS_MAM, "always"), &lists->always,
		      &lists->count, err) < 0 ||
	    read_list(arena, xml_child(el, NS_MAM, "never"), &lists->never,
		      &lists->count, err) < 0)
		return -1;
	return check_once(lists, err);
}

int
preference_parse(struct arena *arena, const struct xml *el,
		 struct preference *preference_r, struct error *err)
{
	struct lists lists = { 0 };
	int ret = -1;

	if (read_default(el, &preference_r->never_others, err) == 0)
		ret = read_lists(arena, el, &lists, err);
	preference_r->always = copy(arena, &lists.always);
	preference_r->never = copy(arena, &lists.never);
	str_fini(&lists.always);
	str_fini(&lists.never);
	return ret;
}

static void
print_list(struct arena *arena, struct xml *el, const char *name,
	   const char *list)
{
	struct xml *child = xml_add(arena, el, NULL, name);

	for (size_t len; *list != '\0'; list += len + 1) {
		len = strcspn(list, "\n");
		xml_add_text(arena, child, NULL, "jid",
			     arena_dup(arena, list, len));
	}
}

struct xml *
preference_print(struct arena *arena, const struct preference *preference)
{
	struct xml *el = xml_new(arena, NS_MAM, "prefs");

	xml_set(arena, el, "default",
		preference->never_others ? "never" : "always");
	print_list(arena, el, "always", preference->always);
	print_list(arena, el, "never", preference->never);
	return el;
}
