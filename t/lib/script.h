/*
 * script.h - what a fuzz target is given: lines, each of them a stanza, or a
 * word for something that happens.
 */
#ifndef T_LIB_SCRIPT_H
#define T_LIB_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct xml;

/* A line without its end, and with a NUL behind it. */
typedef void script_fn(void *ctx, const char *line, size_t len);

/* Calls on for each line.  Returns -1 when the script is too long, else 0. */
int script_play(const uint8_t *data, size_t size, script_fn *on, void *ctx);

/* The stanza of a line, which lives as long as the arena, with these addresses
   where it has none.  NULL where it is none. */
struct xml *script_stanza(struct arena *arena, const char *line, size_t len,
			  const char *from, const char *to);

/* Whether a router would deliver it to the component of that domain. */
bool script_is_for(const char *domain, const struct xml *el);

#endif
