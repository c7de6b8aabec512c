#!/usr/bin/env lua5.4
-- Copies of messages, when the router ends.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local shim = dofile(arg[0]:match("^(.*)/") .. "/../lib/shim.lua")
local st = require "util.stanza"
local equal, test = unit.equal, unit.test

-- A shim with two components, whose taps are kept in a folder.
local function start(folder)
	package.loaded["util.datamanager"] = { getpath = function (name)
		return folder .. "/" .. name
	end }
	local one = shim.new(unit, { ["a.example"] = { hooks = { tap = true } },
		["b.example"] = { hooks = { tap = true } } })
	one:load "tap"
	return one
end

local function attach(one)
	for name, host in pairs(prosody.hosts) do
		if annex.peers[name] then
			one:fire(name .. " component-authenticated", {
				session = host.modules.component.session })
		end
	end
end

local function say(one, id)
	one:fire("message/bare", { origin = { type = "s2sin" },
		stanza = st.message({ id = id, from = "romeo@far/a",
			to = "juliet@example" }):body(id) })
end

local function bodies(text)
	local found = {}
	for body in text:gmatch "<body>([^<]*)</body>" do
		table.insert(found, body)
	end
	return table.concat(found, " ")
end

local function stays(folder)
	local two = start(folder)
	attach(two)
	two:turn()
	return { bodies(two.written["a.example"]),
		bodies(two.written["b.example"]) }
end

test("keeps what was not acknowledged", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		attach(one)
		say(one, "m1")
		annex.link.close()
		say(one, "m2")
		annex.tap.close()

		equal(stays(folder), { "m1 m2", "m1 m2" })
	end)
end)

test("keeps no more of what it writes than taps", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		attach(one)
		local peer = annex.peers["a.example"]
		one:turn()
		peer.write = function () end
		collectgarbage()
		local before = collectgarbage "count"
		for number = 1, 5 do
			say(one, "m" .. number)
			annex.link.send(peer, ("x"):rep(1000000))
			one:turn()
		end
		collectgarbage()

		-- In thousands of bytes.
		equal(collectgarbage "count" - before < 1000, true)
		annex.tap.close()
		equal(stays(folder)[1], "m1 m2 m3 m4 m5")
	end)
end)

test("lets nobody attach when it ends", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		attach(one)
		say(one, "m1")
		annex.link.close()
		one.written = { ["a.example"] = "", ["b.example"] = "" }
		attach(one)
		say(one, "m2")
		one:turn()
		annex.tap.close()

		equal(one.written, { ["a.example"] = "", ["b.example"] = "" })
		equal(stays(folder), { "m1 m2", "m1 m2" })
	end)
end)

test("keeps what was to be written just now", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		attach(one)
		say(one, "m1")
		annex.tap.close()

		equal(stays(folder), { "m1", "m1" })
	end)
end)

unit.run()
