/*
 * legacy.h - taking over what a router has archived (shared/spool.h), by a
 * command.
 */
#ifndef ARCHIVE_LEGACY_H
#define ARCHIVE_LEGACY_H

struct call;
struct error;

int legacy_run(struct call *call, void *ctx, struct error *err);

#endif
