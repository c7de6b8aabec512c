/*
 * intake.h - the way of copies into the journal, and of acks to their shims.
 *
 * What the journal does not take, as it is full or its disk fails, is held
 * here and tried again; everything behind it waits.  Nothing of that is
 * acknowledged, so a shim soon sends no more, and keeps what comes on disk.
 */
#ifndef ARCHIVE_INTAKE_H
#define ARCHIVE_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive;
struct hook_host;
struct intake;

/* The archive's journal is there. */
struct intake *intake_new(struct archive *archive);
/* Once the journal is closed. */
void intake_free(struct intake **intake);

/* All that this host's shim did not hear of comes again; anew is set when it
   has counted it anew. */
void intake_reset(struct intake *intake, const char *domain, bool anew);

/* Whether a copy is to be taken: it did not come before, and can be kept until
   the journal has it. */
bool intake_wants(struct intake *intake, const struct hook_host *host,
		  uint64_t seq);
/* Takes one that is wanted: the text, which is copied, goes into the journal.
   With NULL there is nothing to be done but to acknowledge it. */
void intake_take(struct intake *intake, const struct hook_host *host,
		 uint64_t seq, const char *text);

/* Whether such a copy, which tells of lost ones, has not done so before. */
bool intake_loses(struct intake *intake, const struct hook_host *host,
		  uint64_t seq);

/* Whether a shim sent more than may wait, and nothing of it is taken until it
   sends that again. */
bool intake_is_full(const struct intake *intake);
/* How many the journal does not take. */
size_t intake_held(const struct intake *intake);

/* Says now what is owed to the shims; as it says it by itself at the end of
   the loop's turn. */
void intake_flush(struct intake *intake);

#endif
