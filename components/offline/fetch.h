/*
 * fetch.h - all of a user's messages: to read them, or to be rid of them
 * (XEP-0013 sections 2.6 and 2.7).
 */
#ifndef OFFLINE_FETCH_H
#define OFFLINE_FETCH_H

struct error;
struct hook_event;
struct offline;

/* Both park the request, or return -1. */
int fetch_all(struct hook_event *event, struct offline *offline,
	      struct error *err);
int fetch_purge(struct hook_event *event, struct offline *offline);

#endif
