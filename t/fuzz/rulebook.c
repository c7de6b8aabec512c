/*
 * What a stanza offers is found within the limits, and rules of all kinds know
 * what to do with it, or that they do not.
 */
#include "components/archive/rules/rulebook.h"

#include <stdint.h>
#include <string.h>

#include "components/archive/rules/exhibit.h"
#include "components/archive/rules/offer.h"
#include "components/archive/rules/ruling.h"
#include "shared/arena.h"
#include "shared/error.h"
#include "shared/parser.h"
#include "shared/stanza.h"
#include "shared/xml.h"
#include "t/lib/clausebed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RULES 6
/* The most that a plain form (plain.h) makes of a byte. */
#define GROWTH 11

static struct rulebook *
make(void)
{
	static const char *const names[] = { "0", "1", "2", "3", "4", "5",
					     NULL };
	static const char *const words[] = { "secret", "project x", NULL };
	static const char *const patterns[] = { "(a+)+$", "\\d{4}", NULL };
	static const char *const files[] = { "*.exe", "!a*", "image/*",
					     NULL };
	static const char *const links[] = { "*.test", "!ftp://*", NULL };
	static struct clause_settings own[RULES];
	static struct setting_titled titled[RULES + 1];
	struct rulebook *rulebook;
	struct error err;

	for (size_t i = 0; i < RULES; i++) {
		own[i] = clausebed_settings();
		titled[i] = (struct setting_titled){ names[i], &own[i] };
	}
	own[0].verdict = "append";
	own[0].text = "x";
	own[1].links = links;
	own[2].files = files;
	own[3].words = words;
	own[4].patterns = patterns;
	own[5].rate = 1;
	ensure(rulebook_new(names, titled, NULL, &rulebook, &err) == 0);
	return rulebook;
}

static void
check_offers(struct arena *arena, const struct xml *el)
{
	const struct offer *offer;
	bool attached = false;
	struct error err = { 0 };
	size_t count = 0;

	if (offer_find_all(arena, el, UINT64_MAX, &offer, &err) < 0) {
		ensure(err.cond == ERROR_POLICY_VIOLATION);
		return;
	}
	for (; offer != NULL; offer = offer->next) {
		count++;
		attached = attached || offer->attached;
		ensure(offer->attached || offer->url != NULL);
		ensure(offer->host == NULL ||
		       strpbrk(offer->host, "/?#@\\") == NULL);
		ensure(offer->url_name == NULL ||
		       strlen(offer->url_name) < GROWTH * strlen(offer->url));
	}
	ensure(count <= OFFER_MAX && attached == offer_is_attached(el));
}

static void
check_rules(struct exhibit *exhibit)
{
	static struct rulebook *rulebook;
	struct rulebook_finding finding = { 0 };
	struct error err = { 0 };

	if (rulebook == NULL)
		rulebook = make();
	if (rulebook_judge(rulebook, exhibit, &finding, &err) < 0)
		ensure(err.cond != ERROR_NONE && *err.text != '\0');
	else
		ensure(finding.ruling == NULL ||
		       finding.ruling->kind == RULING_BLOCK);
	ensure((finding.append != NULL) == exhibit_takes_more(exhibit));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct error err;
	struct stanza stanza;
	struct xml *el;

	if (parser_document(arena, (const char *)data, size,
			    &parser_limits_default, &el, &err) == 0) {
		struct exhibit exhibit = {
			.arena = arena, .stanza = &stanza, .sender = "r@a",
			.recipient = "j@a",
		};

		check_offers(arena, el);
		if (stanza_parse(arena, el, &stanza, &err) == 0)
			check_rules(&exhibit);
	}
	arena_free(&arena);
	return 0;
}
