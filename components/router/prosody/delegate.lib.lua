-- What a component answers instead of the router (PROTOCOL, section 13).

local st = require "util.stanza";

local guard, link, forward = annex.guard, annex.link, annex.forward;
local origin = annex.origin;
local usual = 30;
local disco_info = "http://jabber.org/protocol/disco#info";
local disco_items = "http://jabber.org/protocol/disco#items";
-- By namespace, and by node: { peer =, timeout =, host = }.
local namespaces, nodes = {}, {};
-- By component: how many requests wait for its answer, in all and by user.
local unanswered, by_user = {}, {};

for _, peer in ipairs(link.with("delegate")) do
	unanswered[peer], by_user[peer] = 0, {};
end

local function set_host_feature(ns, entry, wanted)
	if wanted and not entry.host then
		module:add_feature(ns);
	elseif entry.host and not wanted then
		module:remove_item("feature", ns);
	end
	entry.host = wanted;
end

annex.request.on("delegate", "delegate", function (peer, element)
	local ns, node = element.attr.ns, element.attr.node;
	local timeout = tonumber(element.attr.timeout or usual);
	if not ns == not node or not timeout or timeout <= 0 then
		return "bad-request";
	elseif not peer.hooks.delegate[ns or node] then
		return "forbidden";
	end
	local entries = ns and namespaces or nodes;
	local entry = entries[ns or node] or { host = false };
	if entry.peer and entry.peer ~= peer then
		return "conflict";
	end
	entry.peer, entry.timeout = peer, timeout;
	entries[ns or node] = entry;
	if ns then
		set_host_feature(ns, entry, element.attr.host == "true");
	end
end);

link.on_down(function (peer)
	for _, entries in ipairs { namespaces, nodes } do
		for key, entry in pairs(entries) do
			if entry.peer == peer then
				set_host_feature(key, entry, false);
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
		listed[feature.attr.var] = true;
	end
	for ns in pairs(namespaces) do
		if not listed[ns] then
			query:tag("feature", { var = ns }):up();
		end
	end
end, -10);

return {};
