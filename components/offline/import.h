/*
 * import.h - taking over what a router has stored (spool.h), by a command.
 */
#ifndef OFFLINE_IMPORT_H
#define OFFLINE_IMPORT_H

struct call;
struct error;

int import_run(struct call *call, void *ctx, struct error *err);

#endif
