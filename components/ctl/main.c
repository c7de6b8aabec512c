#include <fcntl.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "components/ctl/answer.h"
#include "components/ctl/bar.h"
#include "components/ctl/complete.h"
#include "components/ctl/folder.h"
#include "components/ctl/help.h"
#include "components/ctl/parley.h"
#include "components/ctl/screen.h"
#include "components/ctl/table.h"
#include "components/ctl/words.h"
#include "shared/error.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define FOLDER "/run/annex"

/* The status: the command has failed; annexctl was called wrongly; the
   component cannot be reached. */
enum { FAILED = 1, MISUSED = 2, UNREACHABLE = 3 };

struct options {
	const char *folder;
	const char *socket;	/* NULL: the component's, in folder */
	bool json, help, complete, version;
	const char **words;
	size_t count;
};

/* --help and --json may stand anywhere before "--". */
static void
take_general(struct options *options)
{
	size_t kept = 0;
	bool all = false;

	for (size_t i = 0; i < options->count; i++) {
		const char *word = options->words[i];

		all = all || strcmp(word, "--") == 0;
		if (!all && (strcmp(word, "--help") == 0 ||
			     strcmp(word, "-h") == 0))
			options->help = true;
		else if (!all && (strcmp(word, "--json") == 0 ||
				  strcmp(word, "-j") == 0))
			options->json = true;
		else
			options->words[kept++] = word;
	}
	options->count = kept;
}

/* Those before the component, as far as there are any. */
static bool
read_general(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "folder", required_argument, NULL, 'f' },
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	/* The words behind the first are read by what a component says. */
	while ((c = getopt_long(argc, argv, "+f:s:jh", known, NULL)) != -1) {
		if (c == 'f')
			options->folder = optarg;
		else if (c == 's')
			options->socket = optarg;
		else if (c == 'j')
			options->json = true;
		else if (c == 'v')
			options->version = true;
		else if (c == 'h')
			options->help = true;
		else
			return false;
	}
	return true;
}

static bool
read_options(int argc, char **argv, struct options *options)
{
	bool good;

	/* For the shells' scripts; what follows has been typed so far, and the
	   last word is still being so. */
	options->complete = argc > 2 && strcmp(argv[1], "--complete") == 0;
	if (options->complete) {
		opterr = 0;
		optind = 2;
	}
	good = read_general(argc - options->complete, argv, options);
	options->words = (const char **)argv + optind;
	options->count = (size_t)(argc - optind);
	if (!options->complete)
		take_general(options);
	return good;
}

/* Where there are rows, what is said besides does not go among them. */
static void
show_message(const json_t *command, const struct options *options,
	     const char *text)
{
	bool rows = json_array_size(json_object_get(command, "columns")) > 0;
	char *clean = screen_clean(text, true);

	fprintf(rows || options->json ? stderr : stdout, "%s\n", clean);
	free(clean);
}

/* Where they go. */
struct rows {
	const struct options *options;
	struct table *table;
	struct folder *folder;	/* NULL: they are shown */
};

/* false when that is not possible. */
static bool
show_row(const struct rows *rows, const json_t *row)
{
	if (rows->folder != NULL)
		return folder_add(rows->folder, answer_text(row, "name"),
				  answer_text(row, "text"));
	if (!rows->options->json) {
		table_add(rows->table, row);
		return true;
	}
	json_dumpf(row, stdout, JSON_COMPACT);
	putchar('\n');
	return true;
}

static int
show_error(const json_t *error)
{
	const char *text = answer_text(error, "text");

	screen_complain("%s", *text ? text :
			answer_text(error, "condition"));
	return FAILED;
}

/* The table goes before what is said at last. */
static int
show_answer(struct parley *parley, const json_t *command,
	    const struct rows *rows)
{
	json_t *line, *part;
	int status = -1;

	while (status < 0 && !ferror(stdout) &&
	       (line = parley_next(parley)) != NULL) {
		part = json_object_get(line, "progress");
		if (part != NULL)
			bar_show(part);
		else
			bar_hide();
		if ((part = json_object_get(line, "row")) != NULL) {
			if (!show_row(rows, part))
				status = FAILED;
		} else if (json_object_get(line, "message") != NULL) {
			table_end(rows->table);
			show_message(command, rows->options,
				     answer_text(line, "message"));
		} else if ((part = json_object_get(line, "error")) != NULL) {
			table_end(rows->table);
			status = show_error(part);
		} else if (json_object_get(line, "end") != NULL) {
			status = EXIT_SUCCESS;
		}
		json_decref(line);
	}
	bar_hide();
	table_end(rows->table);
	if (status < 0 && !ferror(stdout)) {
		screen_complain("the connection is lost");
		return UNREACHABLE;
	}
	return status;
}

/* The component is told where that is, as it keeps a log of it. */
static void
make_absolute(json_t *fields, const char *name)
{
	const char *path = answer_text(fields, name);
	char *here = *path == '/' ? NULL : getcwd(NULL, 0);

	if (here != NULL)
		json_object_set_new(fields, name,
				    json_sprintf("%s/%s", here, path));
	free(here);
}

/* The folder that the first field names, where the command makes files. */
static bool
open_folder(const json_t *command, json_t *fields, struct rows *rows)
{
	const json_t *first =
		json_array_get(json_object_get(command, "fields"), 0);
	const char *name = answer_text(first, "name");

	if (!answer_flag(command, "files"))
		return true;
	make_absolute(fields, name);
	rows->folder = folder_new(answer_text(fields, name));
	return rows->folder != NULL;
}

static int
show_rows(struct parley *parley, const json_t *command, struct rows *rows)
{
	int status;

	rows->table = table_new(command, stdout);
	status = show_answer(parley, command, rows);
	if (status == EXIT_SUCCESS && rows->folder != NULL &&
	    !folder_sync(rows->folder))
		status = FAILED;
	folder_free(&rows->folder);
	table_free(&rows->table);
	return status;
}

static int
run(struct parley *parley, const json_t *command,
    const struct options *options)
{
	json_t *fields = words_read(command, options->words + 2,
				    options->count - 2);
	struct rows rows = { .options = options };

	if (fields == NULL) {
		fprintf(stderr, "See annexctl %s %s --help.\n",
			options->words[0], options->words[1]);
		return MISUSED;
	}
	if (!open_folder(command, fields, &rows)) {
		json_decref(fields);
		return FAILED;
	}
	parley_ask(parley, json_pack("{s:s, s:o}", "command",
				     answer_text(command, "name"), "fields",
				     fields));
	return show_rows(parley, command, &rows);
}

static int
choose(struct parley *parley, const json_t *description,
       const struct options *options)
{
	const json_t *command;

	if (options->count < 2) {
		help_component(description, options->help ? stdout : stderr);
		return options->help ? EXIT_SUCCESS : MISUSED;
	}
	command = answer_command(description, options->words[1]);
	if (command == NULL) {
		screen_complain("annex-%s has no command %s",
				answer_text(description, "component"),
				options->words[1]);
		fprintf(stderr, "See annexctl %s --help.\n",
			options->words[0]);
		return MISUSED;
	}
	if (options->help) {
		help_command(description, command, stdout);
		return EXIT_SUCCESS;
	}
	return run(parley, command, options);
}

static int
talk(const struct options *options)
{
	struct parley *parley = parley_new(options->folder, options->socket,
					   options->words[0]);
	json_t *description;
	int status = UNREACHABLE;

	if (parley == NULL)
		return UNREACHABLE;
	description = parley_describe(parley);
	if (description == NULL)
		screen_complain("the connection is lost");
	else
		status = choose(parley, description, options);
	json_decref(description);
	parley_free(&parley);
	return status;
}

/* Where stdin, stdout or stderr is closed the socket would take its place, and
   the component get what is printed.  Writing to what is only read fails. */
static void
fill_closed(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* All that components say is UTF-8, and so is what is printed of it. */
static void
speak_utf8(void)
{
	setlocale(LC_ALL, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

static int
answer(const struct options *options)
{
	if (options->version) {
		printf("annexctl %s\n", PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	if (options->count == 0) {
		help_all(options->folder, options->help ? stdout : stderr);
		return options->help ? EXIT_SUCCESS : MISUSED;
	}
	/* A row is of use as soon as it comes. */
	if (options->json)
		setvbuf(stdout, NULL, _IOLBF, 0);
	return talk(options);
}

/* Who does not read on ends us by SIGPIPE, and what the component does. */
static int
end_output(int status)
{
	bool written = !ferror(stdout);

	/* Some file systems say it last of all. */
	if (fclose(stdout) == 0 && written)
		return status;
	screen_complain("the answer could not be written");
	return FAILED;
}

int
main(int argc, char **argv)
{
	const char *folder = getenv("ANNEX_FOLDER");
	struct options options = {
		.folder = folder != NULL && *folder ? folder : FOLDER,
	};
	bool known;

	fill_closed();
	speak_utf8();
	known = read_options(argc, argv, &options);
	if (options.complete) {
		if (known)
			complete_words(options.folder, options.socket,
				       options.words, options.count, stdout);
		return end_output(EXIT_SUCCESS);
	}
	if (!known) {
		fputs("See annexctl --help.\n", stderr);
		return MISUSED;
	}
	return end_output(answer(&options));
}
