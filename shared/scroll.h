/*
 * scroll.h - a text file of records, of which only a window is in memory.
 *
 * A record begins at the beginning of a line, with the same word as all
 * others.  Where it ends its reader knows; one that cannot be read is passed
 * over, up to where the next begins.
 */
#ifndef SHARED_SCROLL_H
#define SHARED_SCROLL_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct scroll;

/* The longest record. */
#define SCROLL_RECORD_MAX ((size_t)4 << 20)

/* begin is that word, a literal.  The path is taken from the folder dir, or
   AT_FDCWD.  -1 with err when it is no file that can be read. */
int scroll_open(int dir, const char *path, const char *begin,
		struct scroll **scroll_r, struct error *err);
void scroll_close(struct scroll **scroll);

/* What stands here, blanks passed over: the window, len bytes of it, valid
   until the next call.  Returns 1; 0 at the end of the file; or -1 with err
   when it cannot be read. */
int scroll_look(struct scroll *scroll, const char **text_r, size_t *len_r,
		struct error *err);
/* The same with more of it than before; 0 when there is no more, or the window
   has reached its limit. */
int scroll_widen(struct scroll *scroll, const char **text_r, size_t *len_r,
		 struct error *err);

/* Passes over len bytes of the window. */
void scroll_pass(struct scroll *scroll, size_t len);
/* Goes on to the next line that begins as a record does, from the line after
   this one.  Returns as scroll_look(); or SCROLL_YET when that is far: then it
   is to be called again, and nothing else before that. */
#define SCROLL_YET 2
int scroll_skip(struct scroll *scroll, struct error *err);

/* Where the window begins: its line, from 1, and its place in the file. */
uint64_t scroll_line(const struct scroll *scroll);
uint64_t scroll_offset(const struct scroll *scroll);
/* Goes there; line is what scroll_line() is from then on. */
void scroll_go(struct scroll *scroll, uint64_t offset, uint64_t line);
uint64_t scroll_bytes(const struct scroll *scroll);

#endif
