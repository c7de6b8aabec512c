/*
 * commands.h - what operators can do with messages that wait.
 */
#ifndef OFFLINE_COMMANDS_H
#define OFFLINE_COMMANDS_H

#include "shared/command.h"

extern const struct command offline_commands[];

/* survey.c */
command_fn survey_count;
command_fn survey_list;
command_fn survey_show;
command_fn survey_export;

/* disposal.c */
command_fn disposal_purge;

#endif
