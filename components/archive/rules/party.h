/*
 * party.h - one of the two between whom a stanza goes: a list in the
 * configuration that says who that may be.
 *
 * Its entries are "user ADDRESS", "room ADDRESS", "domain DOMAIN", "group NAME"
 * and "outside", which is everybody of other servers.  A "!" in front of one
 * says that it is not they, whatever else the list says; a list of such alone
 * is about all others, an empty one about everybody.
 */
#ifndef ARCHIVE_PARTY_H
#define ARCHIVE_PARTY_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;
struct groups;
struct party;

/* Entries of a list, at most. */
#define PARTY_ENTRIES_MAX 1000

/* Lives as long as the arena and the groups.  Returns 0, or -1 with
   ERROR_BAD_REQUEST, the text saying which entry makes no sense. */
int party_new(struct arena *arena, const char *const *lines,
	      const struct groups *groups, const struct party **party_r,
	      struct error *err);

size_t party_count(const struct party *party);
/* Whether somebody, by the bare address, is one of them. */
bool party_has(const struct party *party, const char *bare, bool outside);
/* Whether somebody is one that the entry is about, be it with "!" or not. */
bool party_entry_has(const struct party *party, size_t entry,
		     const char *bare, bool outside);

#endif
