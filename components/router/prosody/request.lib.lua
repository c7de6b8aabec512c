-- What components ask the shim for.
--
-- Whoever else sends such a thing finds out nothing: it is left to the router,
-- which knows no such namespace.

local st = require "util.stanza";

local escape = st.xml_escape;

-- RFC 6120 section 8.3.3; cancel where nothing is said.
local types = {
	["bad-request"] = "modify", ["forbidden"] = "auth",
	["jid-malformed"] = "modify", ["not-acceptable"] = "modify",
	["not-allowed"] = "cancel", ["not-authorized"] = "auth",
	["payment-required"] = "auth", ["policy-violation"] = "modify",
	["recipient-unavailable"] = "wait",
	["registration-required"] = "auth",
	["remote-server-timeout"] = "wait", ["resource-constraint"] = "wait",
	["conflict"] = "cancel", ["feature-not-implemented"] = "cancel",
	["gone"] = "cancel", ["internal-server-error"] = "cancel",
	["item-not-found"] = "cancel", ["redirect"] = "modify",
	["remote-server-not-found"] = "cancel",
	["service-unavailable"] = "cancel",
	["subscription-required"] = "auth",
	["undefined-condition"] = "cancel", ["unexpected-request"] = "wait",
};

local guard, link = annex.guard, annex.link;
local request = {};
local iqs, messages = {}, {};

-- The type that goes with a defined condition, nil for no condition.
function request.type_of(condition)
	return types[condition];
end

-- handler(peer, element, answer) is called for that element of a
-- component that has the hook.  It returns a condition when it fails,
-- false when it calls answer later, nil when all is done.  answer takes
-- a condition (or nil), and the text of what the result holds.
function request.on(hook, element, handler)
	iqs[element] = { hook = hook, handler = handler };
end

-- handler(peer, element): for messages, which may have several.
function request.on_message(hook, element, handler)
	messages[element] = messages[element] or {};
	table.insert(messages[element], { hook = hook, handler = handler });
end

-- The component from whose own stream this came.
local function peer_of(event)
	local peer = link.all[event.stanza.attr.from];
	return peer and peer.session == event.origin and peer or nil;
end

local function answer(peer, id, condition, content)
	local kind, inner = "result", content or "";
	if condition then
		kind = "error";
		inner = "<error type='" .. types[condition] .. "'><"
			.. condition .. " xmlns="
			.. "'urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
	end
	link.send(peer, "<iq type='" .. kind .. "' id='" .. escape(id)
		.. peer.addresses .. inner .. "</iq>");
end

local function perform(peer, entry, element, id)
	local function later(condition, content)
		answer(peer, id, condition, content);
	end
	if not peer.hooks[entry.hook] then
		return later("forbidden");
	end
	local result = "internal-server-error";
	guard.call(function ()
		result = entry.handler(peer, element, later);
	end);
	if result ~= false then
		later(result);
	end
end

guard.hook("iq/host", function (event)
	local stanza = event.stanza;
	local kind, id = stanza.attr.type, stanza.attr.id;
	local peer = peer_of(event);
	if not peer or not id then
		return;
	elseif kind == "result" then
		return link.settle(peer, id, stanza) or nil;
	elseif kind == "error" then
		return link.settle(peer, id, false) or nil;
	end
	local element = stanza.tags[1];
	if not element or element.attr.xmlns ~= annex.ns then
		return;
	end
	local entry = iqs[element.name];
	if not entry or kind ~= "set" then
		-- A hook of the protocol that nobody has here.
		answer(peer, id, annex.settings.is_hook(element.name)
			and "forbidden" or "service-unavailable");
	else
		perform(peer, entry, element, id);
	end
	return true;
end, 100);

guard.hook("message/host", function (event)
	local peer = peer_of(event);
	local element = peer and event.stanza:child_with_ns(annex.ns);
	for _, entry in ipairs(element and messages[element.name] or {}) do
		if peer.hooks[entry.hook] then
			entry.handler(peer, element);
		end
	end
	return element and true or nil;
end, 100);

return request;
