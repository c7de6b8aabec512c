#include "components/archive/rules/clause.h"

#include <stdlib.h>
#include <string.h>

#include "components/archive/rules/clause-private.h"
#include "components/archive/rules/exhibit.h"
#include "components/archive/rules/globs.h"
#include "components/archive/rules/party.h"
#include "components/archive/rules/pattern.h"
#include "components/archive/rules/rate.h"
#include "components/archive/rules/wares.h"
#include "shared/arena.h"
#include "shared/digest.h"
#include "shared/error.h"
#include "shared/jid.h"
#include "shared/stanza.h"
#include "shared/str.h"

void
clause_free(struct clause **clause_)
{
	struct clause *clause = *clause_;

	*clause_ = NULL;
	if (clause == NULL)
		return;
	for (size_t i = 0; i < clause->count; i++)
		pattern_free(&clause->patterns[i]);
	pattern_free(&clause->words);
	rate_free(&clause->rate);
	arena_free(&clause->arena);
	free(clause);
}

const char *
clause_name(const struct clause *clause)
{
	return clause->name;
}

const struct ruling *
clause_ruling(const struct clause *clause)
{
	return &clause->ruling;
}

bool
clause_goes_on(const struct clause *clause)
{
	return clause->ruling.append != NULL;
}

const char *
clause_verdict(const struct clause *clause)
{
	return clause->verdict;
}

/* Whether somebody may be one of them. */
static bool
is_one_of(const struct party *party, const char *bare, bool outside)
{
	return party == NULL || party_has(party, bare, outside);
}

static bool
is_between(const struct party *sides, const struct exhibit *exhibit,
	   const struct exhibit_addressee *one)
{
	size_t count = party_count(sides);
	bool from = false, to = false;

	for (size_t i = 0; i < count; i++) {
		bool sends = party_entry_has(sides, i, exhibit->sender,
					     exhibit->sender_outside);
		bool gets = party_entry_has(sides, i, one->bare,
					    one->outside);

		if (sends && gets)
			return false;
		from = from || sends;
		to = to || gets;
	}
	return from && to;
}

static bool
is_for(const void *ctx, const struct exhibit *exhibit,
       const struct exhibit_addressee *one)
{
	const struct clause *clause = ctx;

	return is_one_of(clause->to, one->bare, one->outside) &&
	       (clause->between == NULL ||
		is_between(clause->between, exhibit, one));
}

static bool
is_not_for(const void *ctx, const struct exhibit *exhibit,
	   const struct exhibit_addressee *one)
{
	return !is_for(ctx, exhibit, one);
}

/* One whom it is for is enough; but none gets it as another may. */
static bool
is_for_whom_it_goes(const struct clause *clause,
		    const struct exhibit *exhibit)
{
	return clause->ruling.kind == RULING_ALLOW ?
	       !exhibit_any(exhibit, is_not_for, clause) :
	       exhibit_any(exhibit, is_for, clause);
}

static bool
is_meant(const struct clause *clause, const struct exhibit *exhibit)
{
	return is_one_of(clause->from, exhibit->sender,
			 exhibit->sender_outside) &&
	       is_for_whom_it_goes(clause, exhibit) &&
	       exhibit_is(exhibit, clause->kinds) &&
	       (exhibit_is_encrypted(exhibit) ? clause->encrypted :
						clause->open) &&
	       (!clause_goes_on(clause) || exhibit_takes_more(exhibit));
}

static int
finds(const struct pattern *pattern, const char *const *texts,
      const struct exhibit *exhibit, bool *fits, struct error *err)
{
	*fits = false;
	for (; *texts != NULL && !*fits; texts++)
		if (pattern_find(pattern, *texts, exhibit->until_ns, fits,
				 err) < 0)
			return -1;
	return 0;
}

static int
fits_words(const struct clause *clause, struct exhibit *exhibit, bool *fits,
	   struct error *err)
{
	const char *const *texts;

	if (clause->words == NULL)
		return 0;
	if (exhibit_folded(exhibit, &texts, err) < 0)
		return -1;
	return finds(clause->words, texts, exhibit, fits, err);
}

static int
fits_patterns(const struct clause *clause, struct exhibit *exhibit,
	      bool *fits, struct error *err)
{
	const char *const *texts;

	if (clause->count == 0)
		return 0;
	if (exhibit_texts(exhibit, &texts, err) < 0)
		return -1;
	*fits = false;
	for (size_t i = 0; i < clause->count && !*fits; i++)
		if (finds(clause->patterns[i], texts, exhibit, fits, err) < 0)
			return -1;
	return 0;
}

static int
fits_offers(const struct clause *clause, struct exhibit *exhibit, bool *fits,
	    struct error *err)
{
	struct globs_watch watch = { .until_ns = exhibit->until_ns };
	const struct offer *offers;

	if (clause->files == NULL && clause->links == NULL)
		return 0;
	if (exhibit_offers(exhibit, &offers, err) < 0)
		return -1;
	*fits = (clause->files == NULL ||
		 wares_have_file(clause->files, offers, &watch)) &&
		(clause->links == NULL ||
		 wares_have_link(clause->links, offers, &watch));
	if (watch.late)
		return error_set(err, ERROR_RESOURCE_CONSTRAINT,
				 "it takes too long to look for files and "
				 "links");
	return 0;
}

/* A room is the sender of what all say in it, and sends it to each inside; and
   what comes from a service here was counted when somebody sent it. */
static bool
is_passed_on(const struct exhibit *exhibit)
{
	return exhibit->arrives && (!exhibit->sender_outside ||
		str_same(exhibit->stanza->type, "groupchat"));
}

/* Who counts, by name.  As long as all others, however long that is. */
static const char *
name_of(const struct exhibit *exhibit, char text[DIGEST_TEXT_SIZE])
{
	const char *from = exhibit->stanza->from == NULL ? "" :
			   exhibit->stanza->from->full;
	struct digest *digest;

	if (!is_passed_on(exhibit))
		return exhibit->sender;
	digest = digest_new();
	digest_add(digest, from, strlen(from) + 1);
	digest_add(digest, exhibit->recipient, strlen(exhibit->recipient));
	return digest_end(&digest, text);
}

/* What waited was counted when it came. */
static bool
fits_rate(const struct clause *clause, const struct exhibit *exhibit)
{
	char text[DIGEST_TEXT_SIZE];

	return clause->rate == NULL ||
	       (!exhibit->again &&
		rate_exceeds(clause->rate, name_of(exhibit, text),
			     exhibit->stamp));
}

int
clause_fits(struct clause *clause, struct exhibit *exhibit, bool *fits_r,
	    struct error *err)
{
	if (exhibit->crowded)
		return error_set(err, ERROR_POLICY_VIOLATION, "it is for more "
				 "than %d", EXHIBIT_ADDRESSEES_MAX);
	*fits_r = is_meant(clause, exhibit);
	if (*fits_r && fits_words(clause, exhibit, fits_r, err) < 0)
		return -1;
	if (*fits_r && fits_patterns(clause, exhibit, fits_r, err) < 0)
		return -1;
	if (*fits_r && fits_offers(clause, exhibit, fits_r, err) < 0)
		return -1;
	*fits_r = *fits_r && fits_rate(clause, exhibit);
	return 0;
}
