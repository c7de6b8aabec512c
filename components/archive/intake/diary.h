/*
 * diary.h - events that the router's module lets us see, on their way into the
 * journal: as far as a section "events" of the configuration wants them.
 *
 * The handlers take what there is in the event for the diary, and then have
 * done whatever else is to be done with it.
 */
#ifndef ARCHIVE_DIARY_H
#define ARCHIVE_DIARY_H

struct archive;
struct archive_settings;
struct error;
struct groups;
struct hook_event;

/* Returns 0, or -1 with err. */
int diary_check(const struct archive_settings *settings,
		const struct groups *groups, struct error *err);

/* Handlers: invitations and files in messages; requests for subscriptions, and
   files in IQs, which the router's module asks about; and people's presence. */
int diary_on_tap(struct hook_event *event, void *ctx, struct error *err);
int diary_on_check(struct hook_event *event, void *ctx, struct error *err);
int diary_on_presence(struct hook_event *event, void *ctx, struct error *err);

#endif
