#include "components/muc/role.h"

#include <string.h>

static const char *const roles[] = {
	[ROLE_NONE] = "none",
	[ROLE_VISITOR] = "visitor",
	[ROLE_PARTICIPANT] = "participant",
	[ROLE_MODERATOR] = "moderator",
};

static const char *const affiliations[] = {
	[AFFILIATION_OUTCAST] = "outcast",
	[AFFILIATION_NONE] = "none",
	[AFFILIATION_MEMBER] = "member",
	[AFFILIATION_ADMIN] = "admin",
	[AFFILIATION_OWNER] = "owner",
};

const char *
role_name(enum role role)
{
	return roles[role];
}

const char *
affiliation_name(enum affiliation affiliation)
{
	return affiliations[affiliation];
}

bool
role_find(const char *name, enum role *role_r)
{
	for (unsigned i = ROLE_NONE; i <= ROLE_MODERATOR; i++) {
		if (strcmp(roles[i], name) == 0) {
			*role_r = i;
			return true;
		}
	}
	return false;
}

bool
affiliation_find(const char *name, enum affiliation *affiliation_r)
{
	for (unsigned i = AFFILIATION_OUTCAST; i <= AFFILIATION_OWNER; i++) {
		if (strcmp(affiliations[i], name) == 0) {
			*affiliation_r = i;
			return true;
		}
	}
	return false;
}

enum role
role_on_entering(enum affiliation affiliation, bool moderated)
{
	switch (affiliation) {
	case AFFILIATION_OWNER:
	case AFFILIATION_ADMIN:
		return ROLE_MODERATOR;
	case AFFILIATION_MEMBER:
		return ROLE_PARTICIPANT;
	case AFFILIATION_NONE:
		return moderated ? ROLE_VISITOR : ROLE_PARTICIPANT;
	case AFFILIATION_OUTCAST:
		break;
	}
	return ROLE_NONE;
}
