#!/usr/bin/env lua5.4
-- What goes into rooms and comes out of them, and which host has it judged.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local shim = dofile(arg[0]:match("^(.*)/") .. "/../lib/shim.lua")
local st = require "util.stanza"
local equal, test = unit.equal, unit.test

local peers = { ["judge.example"] = { "check" },
	["gate.example"] = { "tap" }, ["rooms.example"] = { "fanout" } }

local function peers_of(given)
	local found = {}
	for name, hooks in pairs(given) do
		found[name] = { hooks = {}, profiles = { { namespaces = {},
			fail = "closed", timeout = 9 } } }
		for _, hook in ipairs(hooks) do
			found[name].hooks[hook] = true
		end
	end
	return found
end

-- A host beside, and what its shim has.
local function add_host(name, given)
	prosody.hosts[name] = { type = "local", modules = { annex = given and {
		annex = { check = given["judge.example"] and {},
			peers = peers_of(given) } } } }
end

local function start()
	local one = shim.new(unit, peers_of(peers))
	prosody.hosts.example.modules.annex = { annex = annex }
	one:load "check"
	-- Its stanzas are watched from then on.
	one:fire("host-activated", "rooms.example")
	return one, one:load "door"
end

local function message(from, to, kind)
	return st.message({ from = from, to = to, type = kind }):body "text"
end

local entering = {
	{ true, "from another server", "romeo@far/a" },
	{ true, "from another component", "servant@gate.example" },
	{ true, "from a host without a shim", "nurse@bare.example/a" },
	{ true, "from one that judges nothing", "nurse@open.example/a" },
	{ false, "from a user", "juliet@example/a" },
	{ false, "from another host's user", "nurse@other.example/a" },
	{ false, "from a room", "hall@rooms.example/romeo" },
	{ false, "to a user", "romeo@far/a", "juliet@example" },
	{ false, "to another component", "romeo@far/a", "gate.example" },
}

for _, case in ipairs(entering) do
	test((case[1] and "" or "not ") .. "judged as it enters: "
		.. case[2], function ()
		local _, door = start()
		add_host("bare.example")
		add_host("open.example", { ["rooms.example"] = { "fanout" } })
		add_host("other.example", peers)
		equal(door.enters(message(case[3],
			case[4] or "hall@rooms.example")), case[1])
	end)
end

local others = {
	{ true, "one that comes later", "x.example", peers },
	{ false, "one that comes before", "a.example", peers },
	{ true, "one without a shim", "a.example" },
	{ true, "one that judges nothing", "a.example",
		{ ["rooms.example"] = { "fanout" } } },
	{ true, "one that does not know the rooms", "a.example",
		{ ["judge.example"] = { "check" } } },
	{ true, "one for which they have no fanout", "a.example",
		{ ["judge.example"] = { "check" },
			["rooms.example"] = { "tap" } } },
}

for _, case in ipairs(others) do
	test((case[1] and "ours" or "not ours") .. " beside " .. case[2],
		function ()
		local _, door = start()
		add_host(case[3], case[4])
		equal(door.is_ours(message("romeo@far/a",
			"hall@rooms.example")), case[1])
	end)
end

local room = "hall@rooms.example/romeo"

local function marked(stanza)
	return stanza:tag("x",
		{ xmlns = "http://jabber.org/protocol/muc#user" }):reset()
end

local leaving = {
	{ true, "what is said to all", message(room, nil, "groupchat") },
	{ true, "what is said to one", marked(message(room, nil, "chat")) },
	{ true, "an invitation", marked(message("hall@rooms.example")) },
	{ false, "what else comes from there", message(room, nil, "chat") },
	{ false, "presence", marked(st.presence({ from = room })) },
	{ false, "what is said in other rooms", message("hall@far/romeo", nil,
		"groupchat") },
	{ false, "what pretends to be of a room",
		marked(message("romeo@far/a")) },
}

for _, case in ipairs(leaving) do
	test(case[2] .. (case[1] and " was" or " was not") .. " judged inside",
		function ()
		local _, door = start()
		equal(door.leaves(case[3]), case[1])
	end)
end

local function enter(one, stanza)
	return one:fire("rooms.example message/bare", { stanza = stanza,
		origin = { type = "s2sin", send = function () end } })
end

test("what enters is asked for once, and then goes in", function ()
	local one = start()
	one:fire("judge.example component-authenticated", { session =
		prosody.hosts["judge.example"].modules.component.session })
	one:turn()
	one.written["judge.example"] = ""

	equal(enter(one, message("romeo@far/a", "hall@rooms.example",
		"groupchat")), true)
	one:turn()
	local asked = one.written["judge.example"]
	unit.mentions(asked, "point='receive'")
	unit.mentions(asked, "from='romeo@far/a'")
	one.written["judge.example"] = ""
	annex.link.settle(annex.peers["judge.example"], "e-1", st.stanza("iq")
		:tag("verdict", { xmlns = annex.ns, action = "allow" })
		:reset())

	equal(#one.posted, 1)
	equal(enter(one, one.posted[1]), nil)
	one:turn()
	equal(one.written["judge.example"], "")
end)

test("what is to be closed is not open while nobody judges", function ()
	local one = start()
	equal(enter(one, message("romeo@far/a", "hall@rooms.example")), true)
	equal(#one.posted, 0)
end)

unit.run()
