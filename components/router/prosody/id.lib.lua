-- The message's id (PROTOCOL, section 14), and what was already done with it.
--
-- A mark goes along with a message: with the event while it passes the hooks,
-- as other modules put copies in its place; with the stanza when it is sent
-- through the hooks again.

local st = require "util.stanza";
local jid = require "util.jid";
local new_id = require "util.id".medium;

local guard = annex.guard;
local id = {};
local ns = "urn:xmpp:sid:0";
local marks = setmetatable({}, { __mode = "k" });
local modules = prosody.hosts[annex.host].modules;

-- Who the ids of a user are said to be by: an archive wants to be the only
-- one that speaks for the user.
local function by(user)
	return modules.mam and annex.host or user;
end

local function is_ours(element, user)
	local given = element.attr.by;
	return element.name == "stanza-id" and element.attr.xmlns == ns
		and (given == annex.host or given == by(user));
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

-- Puts an id into a stanza in place of another.
function id.stamp(stanza, user, value)
	strip(stanza, user);
	stanza:add_direct_child(st.stanza("stanza-id",
		{ xmlns = ns, by = by(user), id = value }));
	return stanza;
end

-- The id in a stanza that was in the router's queues, or a new one.
function id.find(stanza, user)
	for _, element in ipairs(stanza.tags) do
		if is_ours(element, user) and element.attr.id then
			return element.attr.id;
		end
	end
	return new_id();
end

-- The mark of a stanza with a hook's event: { id =, checked =, aside = }.
function id.mark(event)
	local mark = event[annex] or marks[event.stanza];
	if not mark then
		mark = { id = new_id() };
	end
	event[annex] = mark;
	return mark;
end

-- When the stanza passes the hooks again it has that mark.
function id.keep(stanza, mark)
	marks[stanza] = mark;
end

-- The stanza is none of the shim's business.
function id.pass(stanza)
	marks[stanza] = { aside = true };
end

-- Whose session sends it, when that is a user of this host.
function id.sender(event)
	local origin = event.origin;
	return origin.type == "c2s" and origin.host == annex.host
		and origin.username .. "@" .. annex.host or nil;
end

-- For whom it is, when that is a user of this host.
function id.recipient(event)
	local to = event.stanza.attr.to;
	if not to then
		return id.sender(event);
	end
	local user, host = jid.split(to);
	return user and host == annex.host and user .. "@" .. host or nil;
end

-- What a client says that its message is, is worth nothing.
guard.hook_each("pre-message/bare pre-message/full pre-message/host",
	function (event)
		local mark = id.mark(event);
		if not mark.seen and not mark.aside then
			mark.seen = true;
			local user = id.recipient(event);
			if user then
				strip(event.stanza, user);
			end
		end
	end, 1010);

-- It may be one stanza for several people, so each gets a copy.
guard.hook_each("message/bare message/full", function (event)
	local mark = id.mark(event);
	local user = id.recipient(event);
	if user and not mark.aside and not mark.seen then
		mark.seen = true;
		event.stanza = st.clone(event.stanza);
		strip(event.stanza, user);
	end
end, 1010);

-- After check, whose verdict may be another content.
guard.hook_each("message/bare message/full", function (event)
	local mark = id.mark(event);
	local user = id.recipient(event);
	if user and not mark.aside and not mark.stamped then
		mark.stamped = true;
		id.stamp(event.stanza, user, mark.id);
	end
end, 990);

return id;
