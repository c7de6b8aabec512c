/*
 * retrieval.h - users who read their messages one by one (XEP-0013).
 */
#ifndef OFFLINE_RETRIEVAL_H
#define OFFLINE_RETRIEVAL_H

struct error;
struct hook_event;

/* What the shims delegate. */
int retrieval_on_request(struct hook_event *event, void *ctx,
			 struct error *err);

#endif
