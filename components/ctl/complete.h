/*
 * complete.h - what a word of a command line can be, for the shells.
 */
#ifndef CTL_COMPLETE_H
#define CTL_COMPLETE_H

#include <stddef.h>
#include <stdio.h>

/* Prints what the last of the words, which may be empty, can become: each on a
   line, with a tab and what it means.  socket may be NULL: that of the
   component in the folder. */
void complete_words(const char *folder, const char *socket,
		    const char *const *words, size_t count, FILE *out);

#endif
