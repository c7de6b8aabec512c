/*
 * bed.h - the least that a test lies on: stanzas from text; and for cmocka,
 * where the state becomes an arena, or a loop, in which nothing may be left at
 * the end.
 */
#ifndef T_LIB_BED_H
#define T_LIB_BED_H

#include <stddef.h>

struct arena;
struct xml;

/* The first element of the len bytes at text, as in a stream of that
   namespace; it lives as long as the arena.  NULL where there is none, or it
   is not well-formed. */
struct xml *bed_parse(struct arena *arena, const char *ns, const char *text,
		      size_t len);
/* The same, of what must be right. */
struct xml *bed_xml(struct arena *arena, const char *ns, const char *text);

int bed_arena_setup(void **state);
int bed_arena_teardown(void **state);

int bed_loop_setup(void **state);
int bed_loop_teardown(void **state);

#define BED_ARENA_TEST(name) \
	cmocka_unit_test_setup_teardown(name, bed_arena_setup, \
					bed_arena_teardown)
#define BED_LOOP_TEST(name) \
	cmocka_unit_test_setup_teardown(name, bed_loop_setup, \
					bed_loop_teardown)

#endif
