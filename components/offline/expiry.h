/*
 * expiry.h - removing messages that nobody fetched for too long.
 */
#ifndef OFFLINE_EXPIRY_H
#define OFFLINE_EXPIRY_H

struct expiry;
struct offline;

/* Looks now and then from now on. */
struct expiry *expiry_new(struct offline *offline);
/* As the settings are now. */
void expiry_start(struct expiry *expiry);
void expiry_free(struct expiry **expiry);

#endif
