/*
 * question.h - what a policy server is asked of a stanza: a JSON object
 * (policy.yaml).
 */
#ifndef ARCHIVE_QUESTION_H
#define ARCHIVE_QUESTION_H

struct hook_event;
struct str;

/* Adds that of a check. */
void question_print(struct str *out, const struct hook_event *event);

#endif
