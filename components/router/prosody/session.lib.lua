-- Sessions that are written to without the router's printing each time.

local session = {};
-- Those that take nothing more.
local closing = setmetatable({}, { __mode = "k" });

-- Whether a session of a user of this host is one that session.write knows
-- how to write to.
function session.is_plain(entry)
	return entry and entry.type == "c2s" and entry.rawsend
		and entry.host == annex.host and not closing[entry];
end

-- Does what entry.send does, and returns what that does, with a stanza whose
-- text head, to and tail make, or head alone: it is printed again only where a
-- filter makes another of it.
function session.write(entry, stanza, head, to, tail)
	local filters = entry.filters["stanzas/out"];
	if filters and filters[1] then
		local result = entry.filter("stanzas/out", stanza);
		if result == nil then
			return true;
		elseif result ~= stanza then
			return entry.rawsend(tostring(result));
		end
	end
	return entry.rawsend(to and head .. to .. tail or head);
end

annex.guard.hook("pre-session-close", function (event)
	closing[event.session] = true;
end);

return session;
