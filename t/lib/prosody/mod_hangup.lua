-- Ends a session's stream instead of sending it a message that says "hang up".
module:set_global();

local filters = require "util.filters";

local function hang_up(stanza, session)
	if session.type == "c2s" and stanza.name == "message"
			and stanza:get_child_text("body") == "hang up" then
		session:close();
		return nil;
	end
	return stanza;
end

filters.add_filter_hook(function (session)
	filters.add_filter(session, "stanzas/out", hang_up);
end);
