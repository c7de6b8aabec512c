-- A configuration that was changed while the router runs.

local modulemanager = require "core.modulemanager";
local serialize = require "util.serialization".serialize;

local function text()
	return serialize(module:get_option("annex"));
end

local loaded = text();

annex.guard.hook_global("config-reloaded", function ()
	local given = module:get_option("annex");
	if text() == loaded then
		return;
	end
	local peers, problem = annex.settings.read(given, annex.host);
	if not peers then
		module:log("error", "annex is not usable, and stays as it "
			.. "was: %s", problem);
		return;
	end
	-- Not from within the event, whose handlers would change.
	annex.guard.timer(0, function ()
		modulemanager.reload(annex.host, module.name);
	end);
end);

return {};
