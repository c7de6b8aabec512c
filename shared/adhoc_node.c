#include "shared/adhoc_node.h"

#include <string.h>

#include "shared/calls.h"
#include "shared/command.h"
#include "shared/disco.h"
#include "shared/error.h"
#include "shared/ns.h"
#include "shared/request.h"
#include "shared/xml.h"

/* NULL as well for one that is not there by XMPP. */
static const struct command *
find(const struct calls *calls, const char *node)
{
	const struct command *command = calls_find(calls, node);

	return command != NULL && !command->local ? command : NULL;
}

int
adhoc_node_find(const struct calls *calls, const char *node,
		const struct jid *who, const struct command **command_r,
		struct error *err)
{
	*command_r = find(calls, node);
	if (*command_r == NULL)
		return error_set(err, ERROR_ITEM_NOT_FOUND,
				 "there is no such command");
	if (!calls_allows(calls, *command_r, who))
		return error_set_type(err, ERROR_FORBIDDEN, ERROR_TYPE_CANCEL,
				      "you may not use that command");
	return 0;
}

static void
answer_list_info(struct request *req)
{
	struct xml *query = disco_query(req->arena, NS_DISCO_INFO,
					NS_COMMANDS);

	disco_add_identity(req->arena, query, "automation", "command-list",
			   "Commands");
	disco_add_feature(req->arena, query, NS_COMMANDS);
	disco_add_feature(req->arena, query, NS_DISCO_INFO);
	disco_add_feature(req->arena, query, NS_DISCO_ITEMS);
	request_reply(req, query);
}

static void
answer_list(struct request *req, const struct calls *calls)
{
	struct xml *query = disco_query(req->arena, NS_DISCO_ITEMS,
					NS_COMMANDS);
	const struct command *command;

	for (size_t n = 0; (command = calls_command(calls, n)); n++)
		if (calls_allows(calls, command, req->from))
			disco_add_item(req->arena, query,
				       req->runtime->domain, command->title,
				       command->name);
	request_reply(req, query);
}

static void
answer_info(struct request *req, const struct command *command)
{
	struct xml *query = disco_query(req->arena, NS_DISCO_INFO,
					command->name);

	disco_add_identity(req->arena, query, "automation", "command-node",
			   command->title);
	disco_add_feature(req->arena, query, NS_COMMANDS);
	disco_add_feature(req->arena, query, NS_DATA);
	request_reply(req, query);
}

int
adhoc_node_on_disco(struct request *req, const struct calls *calls, bool items,
		    struct error *err)
{
	const char *node = xml_attr(req->payload, "node");
	const struct command *command;

	if (node == NULL)
		return HANDLER_DECLINE;
	if (strcmp(node, NS_COMMANDS) == 0) {
		if (items)
			answer_list(req, calls);
		else
			answer_list_info(req);
		return 0;
	}
	if (find(calls, node) == NULL)
		return HANDLER_DECLINE;
	if (adhoc_node_find(calls, node, req->from, &command, err) < 0)
		return -1;
	if (items)
		request_reply(req, disco_query(req->arena, NS_DISCO_ITEMS,
					       command->name));
	else
		answer_info(req, command);
	return 0;
}
