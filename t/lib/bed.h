/*
 * bed.h - the least that a unit test lies on: for cmocka, the state becomes an
 * arena, or a loop, in which nothing may be left at the end.
 */
#ifndef T_LIB_BED_H
#define T_LIB_BED_H

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
