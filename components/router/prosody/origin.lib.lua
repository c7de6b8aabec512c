-- Where a stanza comes from, and for whom it is.
--
-- A session may have ended when a stanza of it that was put aside goes on:
-- something that looks like it then takes its place, so that other modules find
-- what they look for.

local jid = require "util.jid";
-- Prosody 13 asks what somebody may do.
local get_user_role = require "core.usermanager".get_user_role;

local origin = {};

local full_sessions = prosody.full_sessions;
-- Where a session has its user's address: it is asked for all the time, and to
-- take one apart is dear.
local user_key = {};

local function nothing()
	return false;
end

local function user_of(session)
	local user = session[user_key];
	if not user then
		user = session.username .. "@" .. session.host;
		session[user_key] = user;
	end
	return user;
end

-- The bare form of an address.
function origin.bare(address)
	local session = full_sessions[address];
	return session and user_of(session) or jid.bare(address);
end

-- The domain of an address.
function origin.domain(address)
	local session = full_sessions[address];
	return session and session.host or jid.host(address);
end

-- Whose session it is, when that is a user of this host.
function origin.sender(event)
	local session = event.origin;
	return session.type == "c2s" and session.host == annex.host
		and user_of(session) or nil;
end

-- Who was asked for last, as several hooks in a row ask for the same.
local last_to, last_user;

-- For whom it is, when that is a user of this host.
function origin.recipient(event)
	local to = event.stanza.attr.to;
	if not to then
		return origin.sender(event);
	end
	local session = full_sessions[to];
	if session and session.host == annex.host then
		return user_of(session);
	elseif to ~= last_to then
		local user, host = jid.split(to);
		last_to = to;
		last_user = user and host == annex.host
			and user .. "@" .. host or nil;
	end
	return last_user;
end

-- A user's session that is not there.
function origin.of_user(username, full_jid)
	return {
		type = "c2s", username = username, host = annex.host,
		full_jid = full_jid, resource = jid.resource(full_jid),
		role = get_user_role and get_user_role(username, annex.host),
		log = module._log, send = nothing, rawsend = nothing,
		filters = {},
	};
end

-- Somebody from elsewhere: what is sent to it is routed as anything is.
function origin.of_stranger(kind)
	return {
		type = kind, host = annex.host, log = module._log;
		send = function (stanza)
			return module:send(stanza);
		end;
	};
end

-- Remembers a session.  origin.back takes what is returned.
function origin.keep(session)
	local kept = session[origin];
	if not kept then
		kept = {
			session = session, type = session.type,
			username = session.username,
			full_jid = session.full_jid,
		};
		session[origin] = kept;
	end
	return kept;
end

-- The session, or what takes its place.
function origin.back(kept)
	if not kept.session.destroyed then
		return kept.session;
	elseif kept.username then
		return origin.of_user(kept.username, kept.full_jid);
	end
	return origin.of_stranger(kept.type);
end

return origin;
