-- Stanzas for users who do not exist (PROTOCOL, section 8).

local st = require "util.stanza";
local jid = require "util.jid";
local user_exists = require "core.usermanager".user_exists;

local guard, link, forward = annex.guard, annex.link, annex.forward;
local mark, origin = annex.mark, annex.origin;
local peer = link.one("route");

-- The router answers as it would have.
local function leave(stanza, kept, done)
	mark.keep(stanza, done);
	prosody.core_post_stanza(origin.back(kept), stanza);
end

local function on_stanza(event)
	local stanza = event.stanza;
	local user, host = jid.split(stanza.attr.to);
	local done = mark.of(event);
	if not user or host ~= annex.host or done.unrouted or done.aside
			or not link.is_up(peer)
			or prosody.bare_sessions[user .. "@" .. host]
			or user_exists(user, host) then
		return;
	end
	done.unrouted = true;
	local kept, copy = origin.keep(event.origin), st.clone(stanza);
	link.ask(peer, "<route xmlns='" .. annex.ns .. "'>"
		.. forward.wrap(copy, forward.stamp()) .. "</route>",
		peer.timeout, function (answer)
			if not answer then
				leave(copy, kept, done);
			end
		end);
	return true;
end

guard.hook_each("message/bare message/full presence/bare presence/full "
	.. "iq/bare iq/full", on_stanza, 1100);

return {};
