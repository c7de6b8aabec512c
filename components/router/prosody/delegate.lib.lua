-- What a component answers instead of the router (PROTOCOL, section 13).

local st = require "util.stanza";

local guard, link, forward = annex.guard, annex.link, annex.forward;
local origin = annex.origin;
local usual = 30;
-- Of further features with a namespace, and of bytes in one.
local most_features, longest_feature = 32, 256;
local disco_info = "http://jabber.org/protocol/disco#info";
local disco_items = "http://jabber.org/protocol/disco#items";
-- By namespace, and by node: { peer =, timeout =, features =, of_host = }; the
-- features are the account's, and those that the host has too.
local namespaces, nodes = {}, {};
-- By component: how many requests wait for its answer, in all and by user.
local unanswered, by_user = {}, {};

for _, peer in ipairs(link.with("delegate")) do
	unanswered[peer], by_user[peer] = 0, {};
end

local function set_host_features(entry, features)
	for _, var in ipairs(features) do
		module:add_feature(var);
	end
	for _, var in ipairs(entry.of_host) do
		module:remove_item("feature", var);
	end
	entry.of_host = features;
end

-- The namespace and the further features of an element; or nil, and what is
-- wrong with them.
local function features_of(element)
	local features = { element.attr.ns };
	for child in element:childtags("feature", annex.ns) do
		local var = child.attr.var or "";
		if var == "" or not element.attr.ns then
			return nil, "bad-request";
		elseif #var > longest_feature or #features > most_features then
			return nil, "not-acceptable";
		end
		table.insert(features, var);
	end
	return features;
end

annex.request.on("delegate", "delegate", function (peer, element)
	local ns, node = element.attr.ns, element.attr.node;
	local timeout = tonumber(element.attr.timeout or usual);
	if not ns == not node or not timeout or timeout <= 0 then
		return "bad-request";
	elseif not peer.hooks.delegate[ns or node] then
		return "forbidden";
	end
	local features, problem = features_of(element);
	if not features then
		return problem;
	end
	local entries = ns and namespaces or nodes;
	local entry = entries[ns or node] or { of_host = {} };
	if entry.peer and entry.peer ~= peer then
		return "conflict";
	end
	entry.peer, entry.timeout, entry.features = peer, timeout, features;
	entries[ns or node] = entry;
	set_host_features(entry, element.attr.host == "true" and features
		or {});
end);

link.on_down(function (peer)
	for _, entries in ipairs { namespaces, nodes } do
		for key, entry in pairs(entries) do
			if entry.peer == peer then
				set_host_features(entry, {});
				entries[key] = nil;
			end
		end
	end
end);

local function answer_with(kept, request, answer)
	local session = origin.back(kept);
	local delegated = answer and answer:get_child("delegated", annex.ns);
	local inner = forward.unwrap(delegated);
	local kind = inner and inner.name == "iq" and inner.attr.type;
	if kind ~= "result" and kind ~= "error" then
		session.send(st.error_reply(request, "cancel",
			"service-unavailable"));
		return;
	end
	inner.attr.id = request.attr.id;
	inner.attr.from, inner.attr.to = request.attr.to, request.attr.from;
	session.send(inner);
end

local function count(peer, user, change)
	local own = (by_user[peer][user] or 0) + change;
	by_user[peer][user] = own > 0 and own or nil;
	unanswered[peer] = unanswered[peer] + change;
end

local function is_busy(peer, user)
	return unanswered[peer] >= peer.delegated
		or (by_user[peer][user] or 0) >= peer.delegated_each;
end

local function pass_on(event, entry, user, to)
	local request, peer = event.stanza, entry.peer;
	request.attr.to = to;
	if is_busy(peer, user) then
		event.origin.send(st.error_reply(request, "wait",
			"resource-constraint"));
		return true;
	end
	-- What cannot be printed does not wait for an answer.
	local question = "<delegated xmlns='" .. annex.ns .. "'>"
		.. forward.wrap(request) .. "</delegated>";
	count(peer, user, 1);
	local kept = origin.keep(event.origin);
	link.ask(peer, question, entry.timeout,
		function (answer)
			count(peer, user, -1);
			answer_with(kept, request, answer);
		end);
	return true;
end

local function query_of(event)
	local kind = event.stanza.attr.type;
	return (kind == "get" or kind == "set") and event.stanza.tags[1]
		or nil;
end

local function node_entry(query)
	local ns = query.attr.xmlns;
	return (ns == disco_info or ns == disco_items)
		and nodes[query.attr.node or false] or nil;
end

-- After blocking, before whatever answers.
guard.hook("iq/bare", function (event)
	local user = event.to_self and origin.sender(event);
	local query = user and query_of(event);
	local entry = query and (namespaces[query.attr.xmlns or false]
		or node_entry(query));
	if entry then
		return pass_on(event, entry, user, user);
	end
end, 50);

guard.hook("iq/host", function (event)
	local user = origin.sender(event);
	local query = user and query_of(event);
	local entry = query and node_entry(query);
	if entry then
		return pass_on(event, entry, user, annex.host);
	end
end, 50);

-- After the router's own modules: what they offer too is listed once.
guard.hook("account-disco-info", function (event)
	local query = event.reply:get_child("query", disco_info);
	local listed = {};
	for feature in query:childtags("feature") do
		listed[feature.attr.var or ""] = true;
	end
	for _, entry in pairs(namespaces) do
		for _, var in ipairs(entry.features) do
			if not listed[var] then
				query:tag("feature", { var = var }):up();
				listed[var] = true;
			end
		end
	end
end, -10);

return {};
