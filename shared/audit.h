/*
 * audit.h - the log of who read, exported or changed what in the archive.
 *
 * Entries are numbered without gaps and only added.  Each has a hash over
 * itself and the one before, so that none can be changed, taken out or put in
 * without all that follow being written anew, which shows by the hashes that
 * are known elsewhere: the daemon's log has each of them.
 */
#ifndef SHARED_AUDIT_H
#define SHARED_AUDIT_H

#include <stdint.h>

#include "shared/call.h"
#include "shared/digest.h"

struct error;
struct store;

struct audit_event {
	const char *who;
	const char *action;	/* one word */
	const char *detail;	/* a JSON object */
};

struct audit_entry {
	int64_t number;		/* from 1 */
	int64_t stamp;		/* microseconds since 1970 */
	struct audit_event event;
};

/* Of an entry behind one of that hash, or of the first one, behind "".  It is
   the SHA-256 of these, with line feeds between them: the hash before, number,
   stamp, who, action, detail. */
char *audit_hash(const struct audit_entry *entry, const char *before,
		 char text[DIGEST_TEXT_SIZE]);

/* Called exactly once, never before the function that was given it returns.
   err is NULL once the entry is durable, or what the store says. */
typedef void audit_fn(void *ctx, const struct error *err);

/* Adds an entry, all of it copied.  Others, other processes as well, may add
   theirs at the same time. */
void audit_note(struct store *store, const struct audit_event *event,
		audit_fn *fn, void *ctx);

/* The same of what is done already: where the entry cannot be added, the
   daemon's log says so. */
void audit_report(struct store *store, const struct audit_event *event);

/* Adds one of what was asked by whom, before anything of it is done or told;
   then the call goes on with fn, or ends with the error. */
void audit_call(struct call *call, call_fn *fn);

#endif
