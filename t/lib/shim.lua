-- The shim without a router: what it hooks is called by hand.
--
--     local shim = dofile(".../shim.lua").new(unit, { ["a.example"] =
--         { hooks = { tap = true } } })
--     shim:load "tap"
--     shim:fire("message/bare", { stanza = ..., origin = ... })

local shim = {}
shim.__index = shim

local host = "example"

-- Of settings what is not said.
local usual = { timeout = 9, window = 100, window_bytes = 1000000, credit = 1,
	parked = 100, parked_bytes = 1000000, fail = "open", spool = 1000000 }

local function peers_of(peers)
	for name, peer in pairs(peers) do
		peer.name = name
		for key, value in pairs(usual) do
			peer[key] = peer[key] or value
		end
	end
	return peers
end

local function hosts_of(self, peers)
	local hosts = { [host] = { type = "local", modules = {} } }
	for name in pairs(peers) do
		self.written[name] = ""
		local session = { send = function (text)
			self.written[name] = self.written[name] .. text
			return true
		end }
		hosts[name] = { type = "component", events = name,
			modules = { component = { session = session } } }
	end
	return hosts
end

local function module_of(self)
	local module = {}
	function module.log(_, level, format, ...)
		table.insert(self.logged, level .. " " .. format:format(...))
	end
	function module.hook(_, event, func, priority)
		self.hooks[event] = self.hooks[event] or {}
		table.insert(self.hooks[event], { func = func,
			priority = priority or 0 })
	end
	function module.hook_object_event(_, object, event, func, priority)
		module.hook(module, object .. " " .. event, func, priority)
	end
	function module.hook_global(_, event, func, priority)
		module.hook(module, event, func, priority)
	end
	function module.add_timer()
	end
	function module.shared()
		return {}
	end
	function module.context()
		return { get_option_number = function (_, _, value)
			return value
		end }
	end
	function module.fire_event(_, event, data)
		table.insert(self.fired, event)
		return data
	end
	function module.send(_, stanza)
		table.insert(self.sent, stanza)
	end
	function module.require(_, name)
		return self.unit.piece(name)
	end
	return module
end

-- peers is what the settings have of each, by name.
function shim.new(unit, peers)
	local self = setmetatable({ unit = unit, hooks = {}, tasks = {};
		-- What the router was given, and what components were written,
		-- by name.
		posted = {}, fired = {}, sent = {}, logged = {},
		written = {} }, shim)
	package.loaded["util.timer"] = { add_task = function (_, func)
		table.insert(self.tasks, func)
	end }
	package.loaded["core.usermanager"] = { user_exists = function ()
		return true
	end }
	module = module_of(self)
	prosody = { version = "0", start_time = 1, full_sessions = {},
		bare_sessions = {}, hosts = hosts_of(self, peers),
		core_post_stanza = function (_, stanza)
			table.insert(self.posted, stanza)
		end }
	annex = { host = host, ns = "urn:x-annex:0", epoch = "e",
		peers = peers_of(peers), settings = { hooks = {} } }
	for _, name in ipairs { "guard", "mark", "forward", "origin",
			"session", "link", "request", "id" } do
		self:load(name)
	end
	annex.link.open()
	return self
end

function shim:load(name)
	annex[name] = self.unit.piece(name)
	return annex[name]
end

-- Calls what is hooked.
function shim:fire(event, data)
	local hooks = self.hooks[event] or {}
	table.sort(hooks, function (a, b) return a.priority > b.priority end)
	for _, hook in ipairs(hooks) do
		local result = hook.func(data)
		if result ~= nil then
			return result
		end
	end
end

-- What the router does when it has done all else.
function shim:turn()
	local tasks = self.tasks
	self.tasks = {}
	for _, func in ipairs(tasks) do
		func()
	end
end

return shim
