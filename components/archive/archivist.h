/*
 * archivist.h - the service as a whole: its start, its end, and how it is.
 */
#ifndef ARCHIVE_ARCHIVIST_H
#define ARCHIVE_ARCHIVIST_H

struct call;
struct error;
struct hook_host;
struct runtime;
struct str;

int archivist_check(const void *settings, const char **which_r,
		    struct error *err);
void archivist_reload(void *ctx, const void *settings);
int archivist_start(struct runtime *runtime, const void *settings,
		    void **ctx_r, struct error *err);
void archivist_reload(void *ctx, const void *settings);
void archivist_stop(void *ctx);
void archivist_free(void *ctx);

/* A shim is there, or went away. */
void archivist_on_host(void *ctx, const struct hook_host *host);

/* For the status command, and for who asks whether it is ready. */
void archivist_status(void *ctx, struct call *call);
void archivist_add_missing(void *ctx, struct str *out);

#endif
