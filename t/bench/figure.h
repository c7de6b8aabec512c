/*
 * figure.h - numbers as the programs take them and give them.
 */
#ifndef T_BENCH_FIGURE_H
#define T_BENCH_FIGURE_H

/* Prints "name value", or "part_name value". */
void figure_show(const char *name, double value);
void figure_show_part(const char *part, const char *name, double value);

/* Of an option; exits when it is not a number. */
unsigned figure_read(const char *text);

#endif
