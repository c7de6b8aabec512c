/*
 * erlang.h - terms as Erlang writes them into a file of its own (~p), as
 * ejabberdctl dump does: tuples, lists, binaries, texts, numbers and atoms.
 */
#ifndef SHARED_ERLANG_H
#define SHARED_ERLANG_H

#include <stddef.h>

struct arena;
struct error;
struct term;

/* Reads a term and the full stop behind it from the beginning of the len bytes
   at text, and says in used_r how long that was.  Tuples and lists are a
   TERM_LIST, binaries and texts a TERM_TEXT, atoms a TERM_WORD.  Returns 0;
   TERM_SHORT when the text ends before it does; or -1 with ERROR_BAD_REQUEST
   when it is something else, or beyond the bounds of a term.  The term lives
   as long as the arena. */
int erlang_read_term(struct arena *arena, const char *text, size_t len,
		     struct term **term_r, size_t *used_r, struct error *err);

#endif
