/*
 * handover.h - taking over the archives that rooms had in another service, by a
 * command.
 */
#ifndef MUC_HANDOVER_H
#define MUC_HANDOVER_H

struct call;
struct error;

int handover_run(struct call *call, void *ctx, struct error *err);

#endif
