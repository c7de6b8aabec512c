-- Unloads a module of a host when somebody sends the host a message with the
-- module's name as its thread: no check is about that.

local modulemanager = require "core.modulemanager";

module:hook("message/host", function (event)
	local name = event.stanza:get_child_text("thread");
	if name then
		-- Not from within the event, whose handlers would change.
		module:add_timer(0, function ()
			modulemanager.unload(module.host, name);
		end);
		return true;
	end
end);
