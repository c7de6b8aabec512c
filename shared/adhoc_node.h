/*
 * adhoc_node.h - the commands of a component as nodes that people find
 * (XEP-0050 section 2, XEP-0030).
 */
#ifndef SHARED_ADHOC_NODE_H
#define SHARED_ADHOC_NODE_H

#include <stdbool.h>

struct calls;
struct command;
struct error;
struct jid;
struct request;

/* The command that a node is: -1 with ERROR_ITEM_NOT_FOUND when there is none,
   or ERROR_FORBIDDEN when it is not for them. */
int adhoc_node_find(const struct calls *calls, const char *node,
		    const struct jid *who, const struct command **command_r,
		    struct error *err);

/* Answers a disco request for items or info of their node or of the list of
   them, or declines. */
int adhoc_node_on_disco(struct request *req, const struct calls *calls,
			bool items, struct error *err);

#endif
