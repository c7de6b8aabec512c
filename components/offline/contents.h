/*
 * contents.h - what a user's messages are: from whom each is, without what was
 * written (XEP-0013 section 2.3), page by page (XEP-0059).
 */
#ifndef OFFLINE_CONTENTS_H
#define OFFLINE_CONTENTS_H

struct error;
struct hook_event;
struct offline;
struct xml;

/* Headers on one page, unless fewer are asked for, or fit into a stanza.  Who
   asks for no page gets the first. */
#define CONTENTS_MAX 1000

/* Answers a request of disco#items, query, which it parks; or returns -1. */
int contents_list(struct hook_event *event, struct offline *offline,
		  const struct xml *query, struct error *err);

#endif
