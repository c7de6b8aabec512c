/*
 * hostname.h - hosts of links in one form, however they are written: capitals,
 * wide letters and dots, A-labels (IDNA), and dots at the end do not count.
 *
 * Whether there can be such a host is not looked at: programs go to some that
 * nobody could register.  A "*" stays, and what is beside it in its label as
 * it is, for globs of hosts.
 */
#ifndef ARCHIVE_HOSTNAME_H
#define ARCHIVE_HOSTNAME_H

#include <stddef.h>

struct arena;

/* All are in the arena, or the text itself. */

/* With U-labels. */
const char *hostname_plain(struct arena *arena, const char *host);
/* A plain host with A-labels. */
const char *hostname_ascii(struct arena *arena, const char *plain);

/* The bytes of the host of a URL, as it is written; 0 where it has none. */
size_t hostname_length(const char *url);
/* The plain host of a URL; NULL where it has no "://".  And the URL as
   follows. */
const char *hostname_of(struct arena *arena, const char *url,
			const char **plain_url_r);
/* A URL, or a glob of some, with its host plain and without a user. */
const char *hostname_plain_url(struct arena *arena, const char *url);

/* What "%41" and the like stand for, in place: it does not get longer. */
char *hostname_unescape(char *text);

#endif
