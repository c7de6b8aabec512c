/*
 * check.h - what --check does: looks at all that a start needs, and starts
 * nothing.
 */
#ifndef SHARED_CHECK_H
#define SHARED_CHECK_H

struct component;
struct settings;

/* Whether the database of these settings could be used: that it answers, and
   that its tables are, or could be made, what the component needs.  Says so on
   stdout, or what is wrong on stderr.  Returns the exit status. */
int check_store(const struct component *component,
		const struct settings *settings);

#endif
