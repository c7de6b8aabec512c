-- The option "annex": which components there are and what each may do.
--
-- Pure: no router is needed to read it, but its rules for addresses.

local jid = require "util.jid";

local settings = {};

settings.hooks = {
	"tap", "check", "store", "presence", "route", "deliver", "fanout",
	"overlay", "act", "delegate";
};

-- Those that one component of a host has at most.
local alone = { check = true, store = true, route = true };
-- Those that are named with what they are for, as "act:presence".
local listing = { act = true, delegate = true };

local known = {};
for _, hook in ipairs(settings.hooks) do
	known[hook] = true;
end

local function wrong(form, ...)
	return form:format(...);
end

function settings.is_hook(name)
	return known[name] == true;
end

local function positive(value)
	return type(value) == "number" and value > 0, "a number above 0";
end

local function whole(value)
	return math.type(value) == "integer" and value > 0,
		"a whole number above 0";
end

local function mode(value)
	return value == "open" or value == "closed", '"open" or "closed"';
end

local function text(value)
	return type(value) == "string" and value ~= "", "a text";
end

local function list(value)
	local count = 0;
	for _ in pairs(type(value) == "table" and value or {}) do
		count = count + 1;
	end
	return count > 0 and count == #value, "a list";
end

local function texts(value)
	local good = list(value);
	for _, item in ipairs(good and value or {}) do
		good = good and text(item);
	end
	return good, "a list of texts";
end

-- What each option must be, and its default.
local component_options = {
	hooks = { texts };
	timeout = { positive, 2 };
	window = { whole, 1000 };
	window_bytes = { whole, 16 * 1024 * 1024 };
	credit = { whole, 64 };
	fail = { mode, "open" };
	parked = { whole, 100 };
	parked_bytes = { whole, 1024 * 1024 };
	delegated = { whole, 1000 };
	delegated_each = { whole, 100 };
	spool = { whole, 64 * 1024 * 1024 };
	profiles = { list };
};

local profile_options = {
	name = { text };
	users = { texts };
	peers = { texts };
	namespaces = { texts };
	fail = { mode };
	timeout = { positive };
};

-- Copies what is known of given to result, and says what is wrong.
local function take(result, given, options, where)
	if type(given) ~= "table" then
		return where .. " must be a table";
	end
	for key, value in pairs(given) do
		local option = options[key];
		if not option then
			return wrong("%s: there is no option %s", where, key);
		end
		local good, wanted = option[1](value);
		if not good then
			return wrong("%s: %s must be %s", where, key, wanted);
		end
		result[key] = value;
	end
	for key, option in pairs(options) do
		if result[key] == nil then
			result[key] = option[2];
		end
	end
end

-- Sorts "act:presence" into hooks.act = { presence = true }.
local function sort_hooks(given, where)
	local hooks = {};
	for _, entry in ipairs(given or {}) do
		local hook, what = entry:match("^(%l+):(.+)$");
		hook = hook or entry;
		if not known[hook] then
			return nil, wrong("%s: there is no hook %s",
				where, entry);
		elseif listing[hook] and not what then
			return nil, wrong('%s: %s needs what it is for, as in '
				.. '"%s:urn:xmpp:mam:2"', where, hook, hook);
		elseif what and not listing[hook] then
			return nil, wrong("%s: %s takes nothing after it: %s",
				where, hook, entry);
		end
		hooks[hook] = hooks[hook] or {};
		if what then
			hooks[hook][what] = true;
		end
	end
	if not next(hooks) then
		return nil, where .. ": hooks are missing";
	end
	return hooks;
end

local function set_of(names)
	if not names then
		return nil;
	end
	local set = {};
	for _, name in ipairs(names) do
		set[name] = true;
	end
	return set;
end

-- Addresses as stanzas have them, or nil and which of the names is none.
local function addresses(names)
	local set = {};
	for _, name in ipairs(names) do
		local address = jid.prep(name);
		if not address or jid.resource(address) then
			return nil, name;
		end
		set[address] = true;
	end
	return set;
end

-- A local user may be named without the host.
local function with_host(names, host)
	local list = {};
	for _, name in ipairs(names) do
		table.insert(list, name:find("@", 1, true) and name
			or name .. "@" .. host);
	end
	return list;
end

-- Replaces a profile's users and peers by sets.
local function read_addresses(profile, where, host)
	local users = profile.users and with_host(profile.users, host);
	for key, names in pairs { users = users, peers = profile.peers } do
		local set, problem = addresses(names);
		if not set then
			return wrong("%s: %s: %s is not an address", where,
				key, problem);
		end
		profile[key] = set;
	end
end

local function read_profile(given, number, peer, host)
	local where = ("%s: profile %d"):format(peer.name, number);
	local profile = {};
	local problem = take(profile, given, profile_options, where)
		or read_addresses(profile, where, host);
	if problem then
		return nil, problem;
	end
	profile.fail = profile.fail or peer.fail;
	profile.timeout = profile.timeout or peer.timeout;
	profile.namespaces = set_of(profile.namespaces) or {};
	return profile;
end

local function read_profiles(peer, host)
	local profiles, names = {}, {};
	if peer.profiles and not peer.hooks.check then
		return nil, peer.name .. ": profiles are for the hook check";
	end
	for number, given in ipairs(peer.profiles or { {} }) do
		local profile, problem = read_profile(given, number, peer,
			host);
		if not profile then
			return nil, problem;
		elseif profile.name and names[profile.name] then
			return nil, wrong("%s: there are two profiles %s",
				peer.name, profile.name);
		end
		names[profile.name or false] = true;
		profiles[number] = profile;
	end
	return profiles;
end

-- What hello says of failure.
local function common_fail(peer)
	local fail = peer.profiles[1] and peer.profiles[1].fail or peer.fail;
	for _, profile in ipairs(peer.profiles) do
		if profile.fail ~= fail then
			return "mixed";
		end
	end
	return fail;
end

local function read_peer(name, given, host)
	if not text(name) or name:find("[@/%s]") then
		return nil, wrong("%s is not the name of a component", name);
	end
	local peer = { name = name };
	local problem = take(peer, given, component_options, name);
	if problem then
		return nil, problem;
	end
	peer.hooks, problem = sort_hooks(peer.hooks, name);
	if not peer.hooks then
		return nil, problem;
	end
	peer.profiles, problem = read_profiles(peer, host);
	if not peer.profiles then
		return nil, problem;
	end
	peer.fail = common_fail(peer);
	return peer;
end

-- Returns what is configured by the name of the component, or nil and what
-- is wrong with it.
function settings.read(given, host)
	if type(given) ~= "table" or not next(given) then
		return nil, "the option must be a table whose keys are names "
			.. "of components";
	end
	local names, peers, only = {}, {}, {};
	for name in pairs(given) do
		names[#names + 1] = name;
	end
	table.sort(names, function (a, b)
		return tostring(a) < tostring(b);
	end);
	for _, name in ipairs(names) do
		local peer, problem = read_peer(name, given[name], host);
		if not peer then
			return nil, problem;
		end
		for hook in pairs(peer.hooks) do
			if alone[hook] and only[hook] then
				return nil, wrong("%s and %s both have %s",
					only[hook], name, hook);
			end
			only[hook] = name;
		end
		peers[name] = peer;
	end
	return peers;
end

return settings;
