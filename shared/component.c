#include "shared/component.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/check.h"
#include "shared/error.h"
#include "shared/log.h"
#include "shared/section.h"
#include "shared/service.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif
#ifndef ANNEX_CONFDIR
#define ANNEX_CONFDIR "/etc/annex"
#endif

#define DEFAULT_PATH ANNEX_CONFDIR "/annex.conf"
#define USAGE_STATUS 2

enum mode {
	MODE_RUN,
	MODE_CHECK,
	MODE_SETTINGS,
	MODE_VERSION,
	MODE_HELP,
	MODE_USAGE,	/* it was called wrongly */
};

static void
print_help(const char *program, FILE *out)
{
	fprintf(out,
		"Usage: %s [-c FILE] [--check | --settings]\n"
		"\n"
		"  -c, --config FILE  the configuration [%s]\n"
		"      --check        look at configuration and database, "
		"start nothing\n"
		"      --settings     print every setting as a sample "
		"configuration\n"
		"      --version      print the version\n"
		"      --help         print this\n",
		program, DEFAULT_PATH);
}

static enum mode
read_options(int argc, char **argv, const char **path_r)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "settings", no_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	enum mode mode = MODE_RUN;
	int c;

	*path_r = DEFAULT_PATH;
	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		if (c == 'c')
			*path_r = optarg;
		else if (c == 'k')
			mode = MODE_CHECK;
		else if (c == 's')
			mode = MODE_SETTINGS;
		else if (c == 'v')
			mode = MODE_VERSION;
		else if (c == 'h')
			mode = MODE_HELP;
		else
			return MODE_USAGE;
	}
	return optind == argc ? mode : MODE_USAGE;
}

static int
check(const struct service_plan *plan, struct settings *settings)
{
	int status;

	printf("%s: ok\n", plan->path);
	fflush(stdout);
	status = check_store(plan->component, settings);
	settings_free(&settings);
	return status;
}

static int
load_and_go(const struct service_plan *plan, enum mode mode)
{
	struct settings *settings;
	struct error err = { 0 };

	log_configure(plan->program, LOG_LEVEL_INFO, false);
	if (section_load(plan->path, plan->component, plan->sections,
			 &settings, &err) < 0) {
		if (mode == MODE_CHECK)
			fprintf(stderr, "%s\n", err.text);
		else
			log_error("service: %s", err.text);
		return EXIT_FAILURE;
	}
	section_apply_log(settings, plan->program);
	if (mode == MODE_CHECK)
		return check(plan, settings);
	return service_run(plan, settings);
}

static int
go(const struct service_plan *plan, enum mode mode)
{
	switch (mode) {
	case MODE_RUN:
	case MODE_CHECK:
		return load_and_go(plan, mode);
	case MODE_SETTINGS:
		settings_print(plan->sections, stdout);
		break;
	case MODE_VERSION:
		printf("%s %s\n", plan->program, PACKAGE_VERSION);
		break;
	case MODE_HELP:
		print_help(plan->program, stdout);
		break;
	case MODE_USAGE:
		print_help(plan->program, stderr);
		return USAGE_STATUS;
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
component_main(const struct component *component, int argc, char **argv)
{
	struct setting_section sections[SECTION_COUNT];
	/* The log keeps it, beyond this call. */
	static char program[64];
	struct service_plan plan = {
		.component = component, .program = program,
		.sections = sections,
	};
	enum mode mode = read_options(argc, argv, &plan.path);

	snprintf(program, sizeof(program), "annex-%s", component->name);
	section_list(component, sections);
	return go(&plan, mode);
}
