/*
 * inquiry.h - how many messages wait for a user (XEP-0013 section 2.2), and
 * what each is called.
 */
#ifndef OFFLINE_INQUIRY_H
#define OFFLINE_INQUIRY_H

#include <stddef.h>
#include <stdint.h>

struct hook_event;
struct offline;

/* A message's node: its serial, in digits that sort as text. */
#define INQUIRY_NODE_SIZE 20
char *inquiry_print_node(int64_t serial, char node[INQUIRY_NODE_SIZE]);
/* Returns 0, or -1 when it can be none. */
int inquiry_parse_node(const char *node, int64_t *serial_r);

/* Answers a request of disco#info, which it parks. */
int inquiry_count(struct hook_event *event, struct offline *offline);

#endif
