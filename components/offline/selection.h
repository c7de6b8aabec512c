/*
 * selection.h - messages that a user names: to view them, or to remove them
 * (XEP-0013 sections 2.4 and 2.5).
 */
#ifndef OFFLINE_SELECTION_H
#define OFFLINE_SELECTION_H

struct error;
struct hook_event;
struct offline;
struct xml;

/* Most messages in one request. */
#define SELECTION_MAX 1000

/* el is the request's <offline/>.  Both park the request, or return -1.
   When one of the messages does not exist, nothing is done with any. */
int selection_view(struct hook_event *event, struct offline *offline,
		   const struct xml *el, struct error *err);
int selection_remove(struct hook_event *event, struct offline *offline,
		     const struct xml *el, struct error *err);

#endif
