/*
 * tenure.h - how long messages stay in whose archive.
 *
 * The setting is a list of rules, as "user romeo@example.org 30d" or
 * "domain example.org kind encrypted 7d": conditions, and a time.  The first
 * one all of whose conditions are true counts.  What no rule is about stays
 * for ever.
 */
#ifndef ARCHIVE_TENURE_H
#define ARCHIVE_TENURE_H

#include <stddef.h>

struct error;
struct groups;
struct tenure;

/* What a message is, besides whose; any of them together. */
enum tenure_kind {
	TENURE_ENCRYPTED = 1,
	TENURE_REMOTE = 2,	/* it came from another server */
	TENURE_GROUPCHAT = 4,	/* it is in a room's archive */
};
#define TENURE_KINDS 8

#define TENURE_NONE ((size_t)-1)

/* Of lines, ended by NULL, which are copied.  The groups live at least as
   long.  Returns 0, or -1 with ERROR_BAD_REQUEST, the text saying which line
   makes no sense. */
int tenure_new(const char *const *lines, const struct groups *groups,
	       struct tenure **tenure_r, struct error *err);
void tenure_free(struct tenure **tenure);

size_t tenure_count(const struct tenure *tenure);
/* As the line says it. */
const char *tenure_text(const struct tenure *tenure, size_t rule);
/* 0: for ever. */
unsigned tenure_secs(const struct tenure *tenure, size_t rule);

/* Which rule counts for what is of that kind in the archive of owner, an
   address as in archive_row.h; or TENURE_NONE.  All archives that rooms of one
   address have had are that room's. */
size_t tenure_find(const struct tenure *tenure, const char *owner,
		   unsigned kind);

/* After how many seconds all is over, whosever it is; 0: some stays for
   ever. */
unsigned tenure_longest(const struct tenure *tenure);

#endif
