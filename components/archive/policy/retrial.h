/*
 * retrial.h - what was kept because no server of a policy worked: it is judged
 * once one does again, the oldest first.
 */
#ifndef ARCHIVE_RETRIAL_H
#define ARCHIVE_RETRIAL_H

struct archive;
struct policy;
struct retrial;

/* Looks for what waits, from now on. */
struct retrial *retrial_new(struct archive *archive, struct policy *policy);
/* What is under way may be finished, but nothing follows. */
void retrial_free(struct retrial **retrial);

#endif
