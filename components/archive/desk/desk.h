/*
 * desk.h - users who read their archives (XEP-0313): what their requests are
 * answered with, by delegation (components/router/PROTOCOL section 13).
 */
#ifndef ARCHIVE_DESK_H
#define ARCHIVE_DESK_H

struct archive;
struct call;
struct error;
struct hook_event;
struct hook_host;

/* Has the requests of that host's users come here, who said hello. */
void desk_open(struct archive *archive, const struct hook_host *host);

/* Handler of what the shims delegate. */
int desk_on_request(struct hook_event *event, void *ctx, struct error *err);

void desk_status(const struct archive *archive, struct call *call);

#endif
