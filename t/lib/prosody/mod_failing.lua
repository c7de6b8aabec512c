-- Fails over a message for a session that says "fail" and anything more, the
-- first time.
module:set_global();

local filters = require "util.filters";

local failed = {};

local function fail(stanza, session)
	local body = session.type == "c2s" and stanza.name == "message"
		and stanza:get_child_text("body") or "";
	if body:find("^fail") and not failed[body] then
		failed[body] = true;
		error("it fails on purpose");
	end
	return stanza;
end

filters.add_filter_hook(function (session)
	filters.add_filter(session, "stanzas/out", fail);
end);
