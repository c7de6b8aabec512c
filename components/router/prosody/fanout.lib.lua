-- One stanza for many recipients.
--
-- A stanza that the component sends by itself is parsed, passes the hooks of
-- the recipient's host and is printed, for each recipient again.  Here it is
-- parsed and printed once.  For those hooks it is known which of them matter
-- for presence and groupchat: where one of another module is there, and for
-- all other kinds of stanzas, each recipient's goes the long way.

local st = require "util.stanza";
local jid = require "util.jid";

local escape = st.xml_escape;

-- What modules of Prosody do with these at the recipient: they let them pass,
-- or may drop them, without changing them.
local harmless = {
	["message/full"] = {
		annex = "pass", carbons = "pass", mam = "pass";
		message = "pass", blocklist = "ask";
	};
	["presence/full"] = {
		annex = "pass", presence = "pass", blocklist = "ask";
	};
};

local forward = annex.forward;
local fanout = {};
local full_sessions = prosody.full_sessions;
local host = prosody.hosts[annex.host];

-- By event: the list of handlers they were taken from, and those to
-- ask; false when there is a handler that nobody knows.
local known = {};

local function owners(event)
	local found = {};
	for name, loaded in pairs(host.modules) do
		local handlers = loaded.module.event_handlers
			:get(host.events, event);
		for handler in pairs(handlers or {}) do
			found[handler] = name;
		end
	end
	return found;
end

local function choose(event, handlers)
	local found, chosen = owners(event), {};
	for _, handler in ipairs(handlers or {}) do
		local what = harmless[event][found[handler]];
		if what == "ask" then
			table.insert(chosen, handler);
		elseif not what then
			return false;
		end
	end
	return chosen;
end

-- The router makes a new list whenever a hook comes or goes.
local function to_ask(event)
	local handlers = host.events.get_handlers(event);
	local entry = known[event];
	if not entry or entry.handlers ~= handlers then
		entry = { handlers = handlers };
		entry.chosen = choose(event, handlers);
		known[event] = entry;
	end
	return entry.chosen;
end

local function concerns_carbons(stanza)
	return stanza:child_with_ns("urn:xmpp:carbons:2")
		or stanza:child_with_ns("urn:xmpp:jingle-message:0")
		or stanza:child_with_ns("urn:xmpp:jingle-message:1");
end

-- The event that the stanza is for a recipient, when that is harmless.
local function simple_event(stanza)
	local kind = stanza.attr.type;
	if stanza.name == "presence" and (kind == nil
			or kind == "unavailable" or kind == "error") then
		return "presence/full";
	elseif stanza.name == "message" and kind == "groupchat"
			and not concerns_carbons(stanza) then
		return "message/full";
	end
end

-- A stanza with all that is the same for each recipient.
local function prepare(stanza, origin)
	stanza.attr.to = nil;
	local text = tostring(stanza);
	local event = simple_event(stanza);
	return {
		stanza = stanza;
		head = "<" .. stanza.name .. " to='";
		tail = "'" .. text:sub(#stanza.name + 2);
		ask = event and to_ask(event);
		event = { origin = origin, stanza = stanza };
		origin = origin;
	};
end

local function is_refused(item)
	for _, handler in ipairs(item.ask) do
		if handler(item.event) ~= nil then
			return true;
		end
	end
	return false;
end

local function send_long_way(item, to)
	local copy = st.clone(item.stanza);
	copy.attr.to = to;
	annex.mark.pass(copy);
	prosody.core_post_stanza(item.origin, copy);
end

local function send_to(address, items)
	local session = full_sessions[address];
	local plain = annex.session.is_plain(session);
	if not session then
		address = jid.prep(address);
		if not address then
			return;
		end
	end
	local text = address:find("[&<>'\"]") and escape(address) or address;
	for i = 1, #items do
		local item = items[i];
		if plain and item.ask then
			item.stanza.attr.to = address;
			if not is_refused(item) then
				annex.session.write(session, item.stanza,
					item.head, text, item.tail);
			end
		else
			send_long_way(item, address);
		end
	end
end

-- The stanzas of a request, or nil and why not.
local function stanzas_of(peer, element)
	local items = {};
	for forwarded in forward.each(element) do
		local stanza = forward.content(forwarded);
		if not stanza or not stanza.attr.from then
			return nil, "bad-request";
		elseif jid.host(stanza.attr.from) ~= peer.name then
			return nil, "forbidden";
		end
		table.insert(items, prepare(stanza, peer.session));
	end
	return items;
end

annex.request.on("fanout", "fanout", function (peer, element)
	local to = element:get_child_text("to", annex.ns);
	local items, condition = stanzas_of(peer, element);
	if not to or (items and not items[1]) then
		return "bad-request";
	elseif not items then
		return condition;
	end
	for address in to:gmatch("[^\n]+") do
		annex.guard.call(send_to, address, items);
	end
end);

return fanout;
