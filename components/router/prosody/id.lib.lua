-- The message's id (PROTOCOL, section 14).

local st = require "util.stanza";
local prep = require "util.jid".prep;
local new_id = require "util.id".medium;

local content = module:require "content";
local guard, mark, origin = annex.guard, annex.mark, annex.origin;
local id = {};
local ns = "urn:xmpp:sid:0";
local modules = prosody.hosts[annex.host].modules;

-- An id by the account says that the account's archive has the message, which
-- others act upon; an archive has none of these.
local passing = { groupchat = true, headline = true, error = true };

-- Who the id is said to be by: where the router keeps an archive, that wants to
-- be the only one that speaks for the user.
local function by(stanza, user)
	return (modules.mam or passing[stanza.attr.type]) and annex.host
		or user;
end

-- A client compares addresses, not how they are written.
local function is_ours(element, user)
	if element.name ~= "stanza-id" or element.attr.xmlns ~= ns then
		return false;
	end
	local given = prep(element.attr.by);
	return given == annex.host or given == user and not modules.mam;
end

local function strip(stanza, user)
	for _, element in ipairs(stanza.tags) do
		if is_ours(element, user) then
			return stanza:maptags(function (tag)
				return not is_ours(tag, user) and tag or nil;
			end);
		end
	end
end

-- Whether it says that this host let the message go on later.
local function is_our_delay(element)
	return element.name == "delay"
		and element.attr.xmlns == "urn:xmpp:delay"
		and prep(element.attr.from) == annex.host;
end

local function strip_delays(stanza)
	for _, element in ipairs(stanza.tags) do
		if is_our_delay(element) then
			return stanza:maptags(function (tag)
				return not is_our_delay(tag) and tag or nil;
			end);
		end
	end
end

-- Puts an id into a stanza in place of another, as its last child.
function id.stamp(stanza, user, value)
	strip(stanza, user);
	-- Of what is known to be right nothing need be checked.
	stanza:add_direct_child(setmetatable({ name = "stanza-id", tags = {},
		attr = { xmlns = ns, by = by(stanza, user), id = value } },
		st.stanza_mt));
	return stanza;
end

-- The id in a stanza that was in the router's queues, if there is one.
function id.known(stanza, user)
	for _, element in ipairs(stanza.tags) do
		if is_ours(element, user) and element.attr.id then
			return element.attr.id;
		end
	end
end

-- The same, or a new one.
function id.find(stanza, user)
	return id.known(stanza, user) or new_id();
end

-- What a client says that its message is, is worth nothing.  Those that look at
-- messages come later, and see what all streams would show.
guard.hook_each("pre-message/bare pre-message/full pre-message/host",
	function (event)
		local done = mark.of(event);
		if not done.seen and not done.aside then
			done.seen = true;
			content.settle(event.stanza);
			strip_delays(event.stanza);
			local user = origin.recipient(event);
			if user then
				strip(event.stanza, user);
			end
		end
	end, 1010);

-- It may be one stanza for several people, so each gets a copy.
guard.hook_each("message/bare message/full", function (event)
	local done = mark.of(event);
	local user = origin.recipient(event);
	if user and not done.aside and not done.seen then
		done.seen = true;
		event.stanza = st.clone(event.stanza);
		content.settle(event.stanza);
		strip(event.stanza, user);
	end
end, 1010);

-- After check, whose verdict may be another content.
guard.hook_each("message/bare message/full", function (event)
	local done = mark.of(event);
	local user = origin.recipient(event);
	if user and not done.aside and not done.stamped then
		local stanza = id.stamp(event.stanza, user, done.id);
		done.stamped = stanza[#stanza];
	end
end, 990);

return id;
