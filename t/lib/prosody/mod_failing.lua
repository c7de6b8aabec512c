-- Fails over a message for a session that says "fail" and anything more, the
-- first time; and over one that says "fail at" and a resource whenever it is
-- for that one.
module:set_global();

local filters = require "util.filters";

local failed = {};

local function is_to_fail(body, session)
	local resource = body:match("^fail at (.*)");
	if resource then
		return resource == session.resource;
	end
	local is_first = body:find("^fail") and not failed[body];
	failed[body] = true;
	return is_first;
end

local function fail(stanza, session)
	local body = session.type == "c2s" and stanza.name == "message"
		and stanza:get_child_text("body") or "";
	if is_to_fail(body, session) then
		error("it fails on purpose");
	end
	return stanza;
end

filters.add_filter_hook(function (session)
	filters.add_filter(session, "stanzas/out", fail);
end);
