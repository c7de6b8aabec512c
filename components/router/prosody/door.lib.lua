-- What goes into components with fanout, and what comes out of them (PROTOCOL,
-- section 5): it is judged when it goes in.

local jid = require "util.jid";

local origin = annex.origin;
local hosts = prosody.hosts;
local door = {};
local muc_user = "http://jabber.org/protocol/muc#user";

local function has_door(shim, name)
	local peer = shim.peers[name];
	return peer ~= nil and peer.hooks.fanout ~= nil;
end

-- The shim of a host that has what its users send judged.
local function judge_of(name)
	local host = hosts[name];
	local loaded = host and host.modules and host.modules.annex;
	local shim = loaded and loaded.annex;
	return shim and shim.check and shim or nil;
end

-- Whether it goes into such a component, and nobody judged it when it was sent.
function door.enters(stanza)
	local from, to = origin.domain(stanza.attr.from),
		jid.host(stanza.attr.to);
	return from ~= to and has_door(annex, to) and not judge_of(from);
end

-- Whether it is for this host to have it judged: it is for one of those that
-- know the component, the first by name.
function door.is_ours(stanza)
	local component = jid.host(stanza.attr.to);
	for name in pairs(hosts) do
		local shim = name < annex.host and judge_of(name);
		if shim and has_door(shim, component) then
			return false;
		end
	end
	return true;
end

-- Whether it is what somebody said inside: to all there, to one, or to invite
-- somebody.
function door.leaves(stanza)
	return stanza.name == "message" and (stanza.attr.type == "groupchat"
		or stanza:get_child("x", muc_user) ~= nil)
		and has_door(annex, origin.domain(stanza.attr.from));
end

return door;
