/*
 * office.h - the service as a whole: its start, its end, and which shims it
 * has to do with.
 */
#ifndef OFFLINE_OFFICE_H
#define OFFLINE_OFFICE_H

struct error;
struct hook_host;
struct runtime;

int office_start(struct runtime *runtime, const void *settings, void **ctx_r,
		 struct error *err);
void office_reload(void *ctx, const void *settings);
void office_stop(void *ctx);
void office_free(void *ctx);

/* A shim is there, or went away. */
void office_on_host(void *ctx, const struct hook_host *host);

#endif
