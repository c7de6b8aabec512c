-- Who comes and goes (PROTOCOL, section 7).

local guard, link, forward = annex.guard, annex.link, annex.forward;
local attribute = forward.attribute;
local host = prosody.hosts[annex.host];
-- By session: the text of the presence that it broadcast last.
local said = setmetatable({}, { __mode = "k" });

local function tell(text)
	for _, peer in ipairs(link.with("presence")) do
		link.message(peer, text);
	end
end

local function online(session, known)
	return "<online xmlns='" .. annex.ns .. "'"
		.. attribute("jid", session.full_jid)
		.. attribute("known", known) .. ">" .. said[session]
		.. "</online>";
end

local function offline(session)
	tell("<offline xmlns='" .. annex.ns .. "'"
		.. attribute("jid", session.full_jid) .. "/>");
end

local function is_own(event)
	local origin = event.origin;
	return not event.stanza.attr.to and origin.type == "c2s"
		and origin.host == annex.host and origin.full_jid;
end

-- Before any other module has changed it.
guard.hook("presence/bare", function (event)
	local session, kind = event.origin, event.stanza.attr.type;
	if not is_own(event) or session.destroyed then
		return;
	elseif kind == nil then
		said[session] = forward.text(event.stanza);
		tell(online(session));
	elseif kind == "unavailable" then
		said[session] = nil;
		offline(session);
	end
end, 1000);

guard.hook("resource-unbind", function (event)
	said[event.session] = nil;
	offline(event.session);
end, 10);

-- A session that was there before the shim: what the router keeps of its
-- presence has a time in it.
local function learn(session)
	local presence = require "util.stanza".clone(session.presence);
	presence:remove_children("delay", "urn:xmpp:delay");
	said[session] = forward.text(presence);
end

link.on_up(function (peer)
	if not peer.hooks.presence then
		return;
	end
	for _, account in pairs(host.sessions) do
		for _, session in pairs(account.sessions) do
			if session.presence then
				if not said[session] then
					learn(session);
				end
				link.message(peer, online(session, "true"));
			end
		end
	end
end);

return {};
