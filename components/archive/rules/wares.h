/*
 * wares.h - which of the files and links that a stanza offers a list is about.
 *
 * A list is of globs (globs.h).
 */
#ifndef ARCHIVE_WARES_H
#define ARCHIVE_WARES_H

#include <stdbool.h>

struct arena;
struct globs_watch;
struct offer;

/* Entries as they are to be in lists, in the forms that offers have: copies in
   the arena. */
const char *wares_file_glob(struct arena *arena, const char *glob);
const char *wares_link_glob(struct arena *arena, const char *glob);

/* An entry with a slash is about types, as "image/png" is, any other about
   names, "*" about both.  A link in a text counts when it ends in the name of a
   file.  A file is excepted when all that is known of it is. */
bool wares_have_file(const char *const *globs, const struct offer *offers,
		     struct globs_watch *watch);

/* An entry with "://" is about the whole URL, any other about its host. */
bool wares_have_link(const char *const *globs, const struct offer *offers,
		     struct globs_watch *watch);

#endif
