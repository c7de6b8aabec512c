/*
 * commands.h - what operators can do with rooms.
 */
#ifndef MUC_COMMANDS_H
#define MUC_COMMANDS_H

#include "shared/command.h"

extern const struct command muc_commands[];

/* search.c */
command_fn muc_command_list;
command_fn muc_command_search;

/* show.c */
command_fn muc_command_show;

/* manage.c */
command_fn muc_command_create;
command_fn muc_command_configure;
command_fn muc_command_destroy;

/* people.c */
command_fn muc_command_affiliations;
command_fn muc_command_affiliate;
command_fn muc_command_ban;
command_fn muc_command_kick;

/* announce.c */
command_fn muc_command_broadcast;

#endif
