-- mod_annex: the shim between Prosody and components (see ../PROTOCOL).
--
-- Belongs on a VirtualHost, with the option "annex" that names components and
-- what each may do.  This file only puts the pieces together: each piece is
-- a file with one noun, and finds the others in the table annex.

if module.host == "*" then
	module.command = module:require "command";
	return;
end

if module:get_host_type() ~= "local" then
	error("annex belongs on a VirtualHost", 0);
end

local async = require "util.async";
local settings = module:require "settings";

local peers, problem = settings.read(module:get_option("annex"), module.host);
if not peers then
	error("annex is not usable: " .. problem, 0);
end

-- Not local: the other files see it, as they share the module's environment.
annex = {
	ns = "urn:x-annex:0";
	host = module.host;
	epoch = require "util.id".short();
	peers = peers;
	settings = settings;
};

local function add(name)
	annex[name] = module:require(name);
end

for _, name in ipairs { "guard", "mark", "forward", "origin", "session",
		"link", "request", "reload" } do
	add(name);
end

-- Those that follow messages need their ids.
for _, hook in ipairs { "tap", "check", "store", "deliver" } do
	if annex.link.any(hook) and not annex.id then
		add("id");
	end
end

if annex.link.any("deliver") then
	add("unseen");
end

-- Those that store are told there whose account is removed.
if annex.link.any("tap") or annex.link.any("store") then
	add("tap");
end

module:add_feature(annex.ns);
for _, hook in ipairs(settings.hooks) do
	if annex.link.any(hook) then
		module:add_feature(annex.ns .. "#" .. hook);
		if not annex[hook] then
			add(hook);
		end
	end
end

-- What outlives that it is loaded anew, before anybody asks for it.
local keeping = { "overlay", "deliver", "unseen", "store" };

for name, saved in pairs(module.saved_state or {}) do
	if annex[name] then
		annex.guard.call(annex[name].restore, saved);
	end
end

-- Components may have lost what they need to forget a message.
if annex.deliver then
	annex.guard.call(annex.deliver.limit, annex.store and
		annex.store.awaits or function () return false; end);
end

annex.link.open();

-- What waits for a component would be lost with the memory; so would taps.
local function close_taps()
	if annex.tap then
		annex.tap.close();
	end
end

-- A signal comes in the middle of anything, of writing to a stream too, and
-- what is then written there may be lost: it waits for the router's loop.
local function stop()
	if async.ready() then
		async.sleep(0);
	end
	annex.link.close();
end

annex.guard.hook_global("server-stopping", stop, 100);
annex.guard.hook_global("server-stopped", close_taps);

module.unload = annex.guard.protect(function ()
	annex.link.close();
	close_taps();
	if annex.overlay then
		annex.overlay.close();
	end
end);

-- When it is loaded anew; what is not kept is what the epoch tells of.
function module.save()
	local saved = {};
	for _, name in ipairs(keeping) do
		saved[name] = annex[name] and annex[name].save();
	end
	return saved;
end
