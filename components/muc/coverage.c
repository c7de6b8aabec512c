#include "components/muc/coverage.h"

#include <stddef.h>
#include <string.h>

#include "components/muc/muc.h"
#include "components/muc/room.h"
#include "shared/content.h"
#include "shared/error.h"
#include "shared/section.h"
#include "shared/str.h"

#define ALL "all"

static const char *const words[] = {
	[COVERAGE_NONE] = "none",
	[COVERAGE_CHOSEN] = "chosen",
	[COVERAGE_PERSISTENT] = "persistent",
	[COVERAGE_ALL] = ALL,
};

enum coverage
coverage_of(const char *archive)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_same(words[i], archive))
			return (enum coverage)i;
	return COVERAGE_NONE;
}

static int
check_rooms(const char *const *names, struct error *err)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, ALL) != 0 &&
		    section_check_address(*names, false, err) < 0)
			return -1;
	return 0;
}

int
coverage_check(const struct muc_settings *settings, const char **which_r,
	       struct error *err)
{
	const char *archive = settings->archive;

	*which_r = "archive";
	if (!str_same(archive, words[coverage_of(archive)]))
		return error_set(err, ERROR_BAD_REQUEST,
				 "must be none, chosen, persistent or all");
	*which_r = "archive_unwanted";
	return check_rooms(settings->archive_unwanted, err);
}

bool
coverage_is_chosen(const struct muc *muc)
{
	return muc->coverage != COVERAGE_NONE &&
	       muc->coverage != COVERAGE_ALL;
}

bool
coverage_has(const struct muc *muc, const struct options *options)
{
	switch (muc->coverage) {
	case COVERAGE_NONE:
		return false;
	case COVERAGE_CHOSEN:
		return options->enablearchiving;
	case COVERAGE_PERSISTENT:
		return options->enablearchiving || options->persistentroom;
	case COVERAGE_ALL:
		break;
	}
	return true;
}

bool
coverage_is_logged(const struct muc *muc, const struct options *options)
{
	return options->enablelogging || coverage_has(muc, options);
}

/* XEP-0313 section 5.1.2, and what a reader wants besides. */
static bool
is_worth_it(const struct room *room, const struct xml *message)
{
	return room->state == ROOM_OPEN &&
	       coverage_has(room->muc, &room->options) &&
	       (content_hints(message, "store") || content_lasts(message));
}

static bool
is_unwanted(const struct xml *message)
{
	return content_hints(message, "no-store") ||
	       content_hints(message, "no-permanent-store");
}

bool
coverage_wants(const struct room *room, const struct xml *message)
{
	return !is_unwanted(message) && is_worth_it(room, message);
}

static bool
keeps_unwanted(const struct room *room)
{
	const char *const *name = room->muc->settings->archive_unwanted;

	for (; *name != NULL; name++)
		if (strcmp(*name, ALL) == 0 || strcmp(*name, room->jid) == 0)
			return true;
	return false;
}

bool
coverage_wants_unseen(const struct room *room, const struct xml *message)
{
	return is_unwanted(message) && is_worth_it(room, message) &&
	       keeps_unwanted(room);
}
