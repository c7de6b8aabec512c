/*
 * role.h - what an occupant may do while being in the room (XEP-0045
 * section 5.1), and what a person is to the room for good (5.2).
 */
#ifndef MUC_ROLE_H
#define MUC_ROLE_H

#include <stdbool.h>

/* In order of power. */
enum role {
	ROLE_NONE,
	ROLE_VISITOR,
	ROLE_PARTICIPANT,
	ROLE_MODERATOR,
};

enum affiliation {
	AFFILIATION_OUTCAST,
	AFFILIATION_NONE,
	AFFILIATION_MEMBER,
	AFFILIATION_ADMIN,
	AFFILIATION_OWNER,
};

const char *role_name(enum role role);
const char *affiliation_name(enum affiliation affiliation);

/* False when the name is none of them. */
bool role_find(const char *name, enum role *role_r);
bool affiliation_find(const char *name, enum affiliation *affiliation_r);

/* The role on entering, by the table of section 5.1.2. */
enum role role_on_entering(enum affiliation affiliation, bool moderated);

#endif
