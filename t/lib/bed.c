#include "t/lib/bed.h"

#include <uv.h>

#include "shared/arena.h"

int
bed_arena_setup(void **state)
{
	*state = arena_new();
	return 0;
}

int
bed_arena_teardown(void **state)
{
	struct arena *arena = *state;

	arena_free(&arena);
	return 0;
}

int
bed_loop_setup(void **state)
{
	static uv_loop_t loop;

	*state = &loop;
	return uv_loop_init(&loop);
}

int
bed_loop_teardown(void **state)
{
	return uv_loop_close(*state);
}
