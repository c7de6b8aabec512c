/*
 * declaration.h - the constant that a component's main.c gives to
 * component_main(), without running it.
 */
#ifndef T_LIB_DECLARATION_H
#define T_LIB_DECLARATION_H

#include <stdbool.h>

struct component;

typedef int declaration_main_fn(int argc, char **argv);

/* main under the name it has here. */
const struct component *declaration_of(declaration_main_fn *main_fn);

/* Whether it has told since that it stopped. */
bool declaration_stopped(void);

#endif
