/*
 * caretaker.h - who opens the service, sweeps it and closes it: what the
 * runtime asks of the component as a whole.
 */
#ifndef MUC_CARETAKER_H
#define MUC_CARETAKER_H

#include <stdbool.h>
#include <stdint.h>

struct call;
struct error;
struct muc;
struct runtime;

/* Whether the service has an archive with those settings. */
bool caretaker_archives(const void *settings);

/* ctx is a struct muc. */
int caretaker_start(struct runtime *runtime, const void *settings,
		    void **ctx_r, struct error *err);
/* Tells all occupants that the service shuts down: 332 (section 11.2). */
void caretaker_stop(void *ctx);
void caretaker_free(void *ctx);

/* Adds to the status command how many rooms there are in memory. */
void caretaker_status(void *ctx, struct call *call);

/* Looks for those who went while the link was down. */
void caretaker_link(void *ctx, bool up);

/* Unloads the rooms nobody has been in for a while, and forgets who has done
   nothing lately.  Happens by itself every few seconds. */
void caretaker_sweep(struct muc *muc, uint64_t now_ms);

#endif
