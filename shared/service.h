/*
 * service.h - a component at work, from its start until it has left.
 */
#ifndef SHARED_SERVICE_H
#define SHARED_SERVICE_H

struct component;
struct setting_section;
struct settings;

struct service_plan {
	const struct component *component;
	const char *program;		/* "annex-muc", outlives the service */
	const char *path;		/* of the configuration */
	const struct setting_section *sections;
};

/* Runs until a signal ends it or it cannot go on.  Takes the settings.
   Returns the exit status. */
int service_run(const struct service_plan *plan, struct settings *settings);

#endif
