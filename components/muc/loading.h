/*
 * loading.h - requests that wait for their room to come from the store.
 */
#ifndef MUC_LOADING_H
#define MUC_LOADING_H

struct error;
struct muc;
struct request;

/* Keeps requests for rooms that may be stored but are not in memory, until
   they are; a component's admit handler. */
int loading_admit(struct request *req, void *ctx, struct error *err);

#endif
