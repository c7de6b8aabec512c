/*
 * lua.h - values as Prosody writes them into its files: tables, texts and
 * numbers of Lua (its util.serialization), and nothing that would have to be
 * executed.
 */
#ifndef SHARED_LUA_H
#define SHARED_LUA_H

#include <stddef.h>

struct arena;
struct error;
struct term;

/* Reads item(VALUE); of a list from the beginning of the len bytes at text,
   and says in used_r how long it was.  A table is a TERM_LIST, whose texts as
   keys are found by term_find().  Returns 0; TERM_SHORT when the text ends
   before it does; or -1 with ERROR_BAD_REQUEST when it is something else, or
   beyond the bounds of a term.  The term lives as long as the arena. */
int lua_read_item(struct arena *arena, const char *text, size_t len,
		  struct term **term_r, size_t *used_r, struct error *err);

#endif
