#include <stdlib.h>
#include <string.h>

#include "components/archive/rules/clause-private.h"
#include "components/archive/rules/exhibit.h"
#include "components/archive/rules/party.h"
#include "components/archive/rules/pattern.h"
#include "components/archive/rules/plain.h"
#include "components/archive/rules/rate.h"
#include "components/archive/rules/wares.h"
#include "shared/arena.h"
#include "shared/error.h"

/* Of a list of patterns, or of globs. */
#define ENTRIES_MAX 1000

static const struct setting settings[] = {
	SETTING(LIST, clause_settings, from, "",
		"Who sends it, as in who of a policy; anybody when empty."),
	SETTING(LIST, clause_settings, to, "",
		"To whom; anybody when empty."),
	SETTING(LIST, clause_settings, between, "",
		"Sides between which it goes, either way, as in \"group "
		"traders\" and \"group analysts\": the sender is of one, the "
		"recipient of another, and no side has both of them."),
	SETTING(LIST, clause_settings, kinds, "",
		"Of which kind, as in kinds of a policy; any when empty."),
	SETTING_CHOICE(clause_settings, encrypted, "any", "any yes no",
		       "Whether it is encrypted, so that nobody here can read "
		       "it."),
	SETTING(LIST, clause_settings, words, "",
		"Words, or several with blanks between them, one of which is "
		"in the text: whole, in capitals or not."),
	SETTING(LIST, clause_settings, patterns, "",
		"Regular expressions (PCRE2), one of which is found in the "
		"text."),
	SETTING(LIST, clause_settings, files, "",
		"Names and types of files, as \"*.exe\" or \"image/*\", one "
		"of which it offers; with a \"!\" in front, which do not "
		"count."),
	SETTING(LIST, clause_settings, links, "",
		"Hosts of links, as \"*.example.org\", or whole links, as "
		"\"ftp://*\", one of which is in it; with a \"!\" in front, "
		"which do not count."),
	SETTING_RANGE(UINT, clause_settings, rate, "0", 0, 1000000,
		      "How many of these a sender may send in rate_period "
		      "before the rule is about more; 0 is about each."),
	SETTING_RANGE(SECS, clause_settings, rate_period, "1m", 1, 86400,
		      "The time of rate."),
	SETTING_CHOICE(clause_settings, verdict, "block",
		       "allow block hold replace append",
		       "What is done with it: it goes on, its sender gets an "
		       "error, it is held for review, a message gets text in "
		       "place of its own, or at its end."),
	SETTING(STRING, clause_settings, condition, "policy-violation",
		"Of block: which error its sender gets (RFC 6120 section "
		"8.3.3)."),
	SETTING(STRING, clause_settings, notice, "",
		"Of block: the text of that error; when empty, the policy's "
		"notice."),
	SETTING(BOOL, clause_settings, silent, "no",
		"Of block: whether nobody is told."),
	SETTING(STRING, clause_settings, text, "",
		"Of replace and append: the text."),
	{ .name = NULL }
};

const struct setting_section clause_section = {
	"rule", settings, sizeof(struct clause_settings)
};

static int
wrong(struct error *err, const char *name, const struct error *why)
{
	return error_set(err, ERROR_BAD_REQUEST, "%s: %s", name, why->text);
}

static size_t
count_of(const char *const *list)
{
	size_t count = 0;

	while (list[count] != NULL)
		count++;
	return count;
}

/* Makes the form of an entry that is looked for. */
typedef const char *form_fn(struct arena *arena, const char *glob);

struct taken {
	const char *name;
	form_fn *form;
	const char *const **list_r;
};

static int
take_list(struct arena *arena, const char *const *list,
	  const struct taken *taken, struct error *err)
{
	const char *name = taken->name;
	size_t count = count_of(list);
	const char **copy;

	*taken->list_r = NULL;
	if (count > ENTRIES_MAX)
		return error_set(err, ERROR_BAD_REQUEST, "%s: there are more "
				 "than %d", name, ENTRIES_MAX);
	copy = arena_alloc(arena, (count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		if (list[i][list[i][0] == '!'] == '\0')
			return error_set(err, ERROR_BAD_REQUEST, "%s: one is "
					 "empty", name);
		copy[i] = taken->form(arena, list[i]);
	}
	if (count > 0)
		*taken->list_r = copy;
	return 0;
}

static int
take_party(struct arena *arena, const char *const *list, const char *name,
	   const struct groups *groups, const struct party **party_r,
	   struct error *err)
{
	struct error why = { 0 };

	*party_r = NULL;
	if (list[0] == NULL)
		return 0;
	return party_new(arena, list, groups, party_r, &why) < 0 ?
	       wrong(err, name, &why) : 0;
}

static int
take_sides(struct clause *clause, const struct clause_settings *own,
	   const struct groups *groups, struct error *err)
{
	size_t count = count_of(own->between);

	if (count == 1)
		return error_set(err, ERROR_BAD_REQUEST, "between: there is "
				 "but one side");
	for (size_t i = 0; i < count; i++)
		if (strchr(own->between[i], '!') != NULL)
			return error_set(err, ERROR_BAD_REQUEST, "between: a "
					 "side is not excepted");
	return take_party(clause->arena, own->between, "between", groups,
			  &clause->between, err);
}

static int
take_people(struct clause *clause, const struct clause_settings *own,
	    const struct groups *groups, struct error *err)
{
	struct error why = { 0 };

	if (take_party(clause->arena, own->from, "from", groups,
		       &clause->from, err) < 0 ||
	    take_party(clause->arena, own->to, "to", groups, &clause->to,
		       err) < 0 ||
	    take_sides(clause, own, groups, err) < 0)
		return -1;
	return exhibit_read_kinds(own->kinds, &clause->kinds, &why) < 0 ?
	       wrong(err, "kinds", &why) : 0;
}

/* As they are looked for; NULL: one would be empty. */
static const char *const *
fold_words(struct arena *arena, const char *const *words)
{
	const char **folded = arena_alloc(arena, (count_of(words) + 1) *
					  sizeof(*folded));

	for (size_t i = 0; words[i] != NULL; i++) {
		folded[i] = plain_fold(arena, words[i]);
		if (folded[i][strspn(folded[i], " \t")] == '\0')
			return NULL;
	}
	return folded;
}

static int
take_words(struct clause *clause, const char *const *words,
	   struct error *err)
{
	const char *const *folded;
	struct error why = { 0 };

	if (words[0] == NULL)
		return 0;
	folded = fold_words(clause->arena, words);
	if (folded == NULL)
		return error_set(err, ERROR_BAD_REQUEST,
				 "words: one is empty");
	return pattern_new_of_words(folded, &clause->words, &why) < 0 ?
	       wrong(err, "words", &why) : 0;
}

static int
take_patterns(struct clause *clause, const char *const *patterns,
	      struct error *err)
{
	size_t count = count_of(patterns);
	struct error why = { 0 };

	if (count > ENTRIES_MAX)
		return error_set(err, ERROR_BAD_REQUEST, "patterns: there are "
				 "more than %d", ENTRIES_MAX);
	clause->patterns = arena_alloc(clause->arena, (count + 1) *
				       sizeof(*clause->patterns));
	for (; clause->count < count; clause->count++)
		if (pattern_new(patterns[clause->count],
				&clause->patterns[clause->count], &why) < 0)
			return error_set(err, ERROR_BAD_REQUEST, "patterns: "
					 "\"%.40s\": %s",
					 patterns[clause->count], why.text);
	return 0;
}

static int
take_content(struct clause *clause, const struct clause_settings *own,
	     struct error *err)
{
	const struct taken files = { "files", wares_file_glob,
				     &clause->files };
	const struct taken links = { "links", wares_link_glob,
				     &clause->links };

	clause->encrypted = strcmp(own->encrypted, "no") != 0;
	clause->open = strcmp(own->encrypted, "yes") != 0;
	if (own->rate > 0)
		clause->rate = rate_new(own->rate, own->rate_period);
	if (take_words(clause, own->words, err) < 0 ||
	    take_patterns(clause, own->patterns, err) < 0 ||
	    take_list(clause->arena, own->files, &files, err) < 0)
		return -1;
	return take_list(clause->arena, own->links, &links, err);
}

/* A copy; NULL of "". */
static const char *
copy_text(const struct clause *clause, const char *text)
{
	return *text == '\0' ? NULL : arena_strdup(clause->arena, text);
}

static int
take_text(struct clause *clause, const struct clause_settings *own,
	  struct error *err)
{
	bool replaces = strcmp(own->verdict, "replace") == 0;
	bool wanted = replaces || strcmp(own->verdict, "append") == 0;
	const char *text = copy_text(clause, own->text);

	if (wanted != (text != NULL))
		return error_set(err, ERROR_BAD_REQUEST, wanted ?
				 "text: there is none" : "text: it is for "
				 "the verdicts replace and append alone");
	if (strlen(own->text) > RULING_BODY_MAX)
		return error_set(err, ERROR_BAD_REQUEST, "text: it is too "
				 "long");
	if (wanted)
		clause->ruling.kind = RULING_MODIFY;
	if (replaces)
		clause->ruling.body = text;
	else
		clause->ruling.append = text;
	return 0;
}

static int
take_block(struct clause *clause, const struct clause_settings *own,
	   struct error *err)
{
	struct ruling *ruling = &clause->ruling;

	ruling->kind = RULING_BLOCK;
	ruling->condition = error_cond_find(own->condition);
	ruling->notice = copy_text(clause, own->notice);
	ruling->silent = own->silent;
	if (ruling->condition == ERROR_UNDEFINED_CONDITION)
		return error_set(err, ERROR_BAD_REQUEST, "condition: there is "
				 "no \"%.40s\"", own->condition);
	if (strlen(own->notice) > RULING_NOTICE_MAX)
		return error_set(err, ERROR_BAD_REQUEST, "notice: it is too "
				 "long");
	return 0;
}

static int
take_verdict(struct clause *clause, const struct clause_settings *own,
	     struct error *err)
{
	clause->verdict = arena_strdup(clause->arena, own->verdict);
	if (take_text(clause, own, err) < 0)
		return -1;
	if (strcmp(own->verdict, "block") == 0)
		return take_block(clause, own, err);
	if (strcmp(own->verdict, "hold") == 0)
		clause->ruling.kind = RULING_HOLD;
	return 0;
}

int
clause_new(const struct setting_titled *titled, const struct groups *groups,
	   struct clause **clause_r, struct error *err)
{
	const struct clause_settings *own = titled->values;
	struct clause *clause = calloc(1, sizeof(*clause));

	ensure(clause != NULL);
	clause->arena = arena_new();
	clause->name = arena_strdup(clause->arena, titled->title);
	*clause_r = clause;
	if (take_people(clause, own, groups, err) == 0 &&
	    take_content(clause, own, err) == 0 &&
	    take_verdict(clause, own, err) == 0)
		return 0;
	clause_free(clause_r);
	return -1;
}
