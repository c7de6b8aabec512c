#include "t/lib/declaration.h"

#include <stddef.h>

#include "shared/component.h"

static const struct component *declared;
static bool stopped;

int
component_main(const struct component *component, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	declared = component;
	return 0;
}

void
component_stopped(struct runtime *runtime)
{
	(void)runtime;
	stopped = true;
}

bool
declaration_stopped(void)
{
	return stopped;
}

const struct component *
declaration_of(declaration_main_fn *main_fn)
{
	stopped = false;
	main_fn(0, NULL);
	return declared;
}
