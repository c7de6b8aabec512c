#include "components/archive/rules/wares.h"

#include <stddef.h>
#include <string.h>

#include "components/archive/rules/globs.h"
#include "components/archive/rules/hostname.h"
#include "components/archive/rules/offer.h"
#include "components/archive/rules/plain.h"
#include "shared/arena.h"
#include "shared/str.h"

static const char *
with_mark(struct arena *arena, const char *glob,
	  const char *(*make)(struct arena *arena, const char *text))
{
	size_t mark = *glob == '!';

	return arena_printf(arena, "%s%s", mark ? "!" : "",
			    make(arena, glob + mark));
}

const char *
wares_file_glob(struct arena *arena, const char *glob)
{
	return with_mark(arena, glob, plain_fold);
}

const char *
wares_link_glob(struct arena *arena, const char *glob)
{
	return with_mark(arena, glob, strstr(glob, "://") != NULL ?
			 hostname_plain_url : hostname_plain);
}

/* What is known of a file, and what entries may be about it. */
struct mark {
	const char *text;
	globs_fn *fn;
};

#define MARKS 3

static bool
is_about_types(const char *glob)
{
	return strchr(glob, '/') != NULL || str_same(glob, "*");
}

static bool
is_about_names(const char *glob)
{
	return strchr(glob, '/') == NULL;
}

static size_t
marks_of(const struct offer *offer, struct mark marks[MARKS])
{
	size_t count = 0;

	if (offer->name != NULL)
		marks[count++] = (struct mark){ offer->name, is_about_names };
	if (offer->url_name != NULL)
		marks[count++] = (struct mark){ offer->url_name,
						is_about_names };
	if (offer->media_type != NULL)
		marks[count++] = (struct mark){ offer->media_type,
						is_about_types };
	return count;
}

/* One of which nothing is known is a file like any other. */
static bool
has_file(const char *const *globs, const struct offer *offer,
	 struct globs_watch *watch)
{
	struct mark marks[MARKS];
	size_t count = marks_of(offer, marks), excepted = 0;
	bool has = globs_only_except(globs) ||
		   (count == 0 && globs_have(globs, NULL, "", watch));

	for (size_t i = 0; i < count; i++) {
		has = has ||
		      globs_have(globs, marks[i].fn, marks[i].text, watch);
		excepted += globs_except(globs, marks[i].fn, marks[i].text,
					 watch);
	}
	return has && (count == 0 || excepted < count);
}

bool
wares_have_file(const char *const *globs, const struct offer *offers,
		struct globs_watch *watch)
{
	for (; offers != NULL; offers = offers->next)
		if ((offers->attached || offers->url_name != NULL) &&
		    has_file(globs, offers, watch))
			return true;
	return false;
}

static bool
is_about_urls(const char *glob)
{
	return strstr(glob, "://") != NULL;
}

static bool
is_about_hosts(const char *glob)
{
	return !is_about_urls(glob);
}

/* In any of its forms. */
static bool
has_link(const char *const *globs, const struct offer *offer,
	 struct globs_watch *watch)
{
	const char *host = offer->host == NULL ? "" : offer->host;
	const char *ascii = offer->ascii_host == NULL ? host :
							offer->ascii_host;

	return (globs_only_except(globs) ||
		globs_have(globs, is_about_urls, offer->url, watch) ||
		globs_have(globs, is_about_urls, offer->plain_url, watch) ||
		globs_have(globs, is_about_hosts, host, watch) ||
		globs_have(globs, is_about_hosts, ascii, watch)) &&
	       !globs_except(globs, is_about_urls, offer->plain_url, watch) &&
	       !globs_except(globs, is_about_hosts, host, watch) &&
	       !globs_except(globs, is_about_hosts, ascii, watch);
}

bool
wares_have_link(const char *const *globs, const struct offer *offers,
		struct globs_watch *watch)
{
	for (; offers != NULL; offers = offers->next)
		if (offers->url != NULL && has_link(globs, offers, watch))
			return true;
	return false;
}
