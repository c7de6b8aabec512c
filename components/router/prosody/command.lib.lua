-- prosodyctl mod_annex: says whether the configuration is right.

local configmanager = require "core.configmanager";

local settings = module:require "settings";

local function is_enabled(host)
	for _, name in ipairs(configmanager.get(host, "modules_enabled")
			or {}) do
		if name == "annex" then
			return true;
		end
	end
	return false;
end

-- What is wrong with a component that is known to be configured well.
local function complaint(peer, hosts)
	local own = rawget(hosts, peer.name);
	if not own or own.component_module ~= "component" then
		return "there is no Component \"" .. peer.name .. "\"";
	elseif not configmanager.get(peer.name, "component_secret") then
		return "Component \"" .. peer.name
			.. "\" has no component_secret";
	end
end

local function names_of(hooks)
	local names = {};
	for _, hook in ipairs(settings.hooks) do
		if hooks[hook] then
			table.insert(names, hook);
		end
	end
	return table.concat(names, " ");
end

-- Prints what is configured for a host; returns how much is wrong with it.
local function check(host, hosts)
	local peers, problem = settings.read(configmanager.get(host, "annex"),
		host);
	if not peers then
		print(("%s: annex is not usable: %s"):format(host, problem));
		return 1;
	end
	local wrong = 0;
	for name, peer in pairs(peers) do
		problem = complaint(peer, hosts);
		wrong = wrong + (problem and 1 or 0);
		print(("%s: %s: %s"):format(host, name,
			problem or names_of(peer.hooks)));
	end
	return wrong;
end

return function ()
	local hosts = configmanager.getconfig();
	local found, wrong = 0, 0;
	for host, options in pairs(hosts) do
		if host ~= "*" and not options.component_module
				and (options.annex or is_enabled(host)) then
			found = found + 1;
			wrong = wrong + check(host, hosts);
		end
	end
	if found == 0 then
		print("no VirtualHost has annex among its modules_enabled");
	end
	return found > 0 and wrong == 0 and 0 or 1;
end;
