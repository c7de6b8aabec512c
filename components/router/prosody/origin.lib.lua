-- Where a stanza that was put aside came from.
--
-- A session may have ended when its stanza goes on: something that looks like
-- it then takes its place, so that other modules find what they look for.

local origin = {};

local function nothing()
	return false;
end

-- A user's session that is not there.
function origin.of_user(username, full_jid)
	return {
		type = "c2s", username = username, host = annex.host,
		full_jid = full_jid, resource = require "util.jid"
			.resource(full_jid), log = module._log,
		send = nothing, rawsend = nothing, filters = {},
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
	return {
		session = session, type = session.type,
		username = session.username, full_jid = session.full_jid,
	};
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
