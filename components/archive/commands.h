/*
 * commands.h - what operators, auditors and reviewers can do with the
 * archive.
 */
#ifndef ARCHIVE_COMMANDS_H
#define ARCHIVE_COMMANDS_H

#include "shared/command.h"

extern const struct command archive_commands[];

/* annals.c */
command_fn annals_run;

/* estimate.c */
command_fn estimate_run;

/* export.c */
command_fn export_run;

/* lookup.c */
command_fn lookup_run;

/* inspection.c */
command_fn inspection_run;

/* closing.c */
command_fn closing_run;

/* erasure.c */
command_fn erasure_run;

/* forecast.c */
command_fn forecast_run;

/* rehearsal.c */
command_fn rehearsal_run;

/* matter.c */
command_fn matter_add;
command_fn matter_list;
command_fn matter_remove;

/* posting.c */
command_fn posting_run;

#endif
