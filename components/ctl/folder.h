/*
 * folder.h - files that a component has told, in a new folder.
 */
#ifndef CTL_FOLDER_H
#define CTL_FOLDER_H

#include <stdbool.h>

struct folder;

/* Makes it, for its owner alone.  NULL after it has said on stderr why that is
   not possible; it must not be there yet. */
struct folder *folder_new(const char *path);
void folder_free(struct folder **folder);

/* Adds a text to a file, which may be in folders in it; all of them are made
   as they are needed.  false after it has said why not: a name that leads out
   of the folder is refused. */
bool folder_add(struct folder *folder, const char *name, const char *text);

/* All is on disk when it returns true; otherwise it has said why not. */
bool folder_sync(struct folder *folder);

#endif
