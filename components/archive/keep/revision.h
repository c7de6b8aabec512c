/*
 * revision.h - what was changed in the configuration while the service runs, in
 * the audit log: who reads that the log is whole wants to know as well what was
 * not kept, or not held, from when on.
 */
#ifndef ARCHIVE_REVISION_H
#define ARCHIVE_REVISION_H

struct settings;

/* Its settings were those and are these from now on: an entry has all that
   differ, as they would stand in a file, secrets hidden; where none does there
   is none.  ctx is an archive. */
void revision_note(void *ctx, const struct settings *was,
		   const struct settings *is);

#endif
