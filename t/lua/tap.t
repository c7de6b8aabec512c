#!/usr/bin/env lua5.4
-- Copies of messages, when the router ends.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local shim = dofile(arg[0]:match("^(.*)/") .. "/../lib/shim.lua")
local st = require "util.stanza"
local equal, test = unit.equal, unit.test

-- A shim with two components, whose taps are kept in a folder; the second may
-- have other hooks.
local function start(folder, hooks)
	package.loaded["util.datamanager"] = { getpath = function (name)
		return folder .. "/" .. name
	end }
	local one = shim.new(unit, { ["a.example"] = { hooks = { tap = true } },
		["b.example"] = { hooks = hooks or { tap = true } } })
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

-- One of us writes to another, and between(event) happens on the way.
local function talk(one, id, between)
	local event = { origin = { type = "c2s", username = "romeo",
		host = "example", full_jid = "romeo@example/a" } }
	event.stanza = st.message({ id = id, from = "romeo@example/a",
		to = "juliet@example" }):body(id)
	one:fire("pre-message/bare", event)
	if between then
		between(event)
	end
	one:fire("message/bare", event)
end

-- What there is of taps, as "seq dir body".
local function taps(text)
	local found = {}
	for seq, dir, body in text:gmatch("<tap [^>]*seq='(%d+)'[^>]* "
			.. "dir='(%a+)' origin.-<body>([^<]*)<") do
		table.insert(found, seq .. " " .. dir .. " " .. body)
	end
	return table.concat(found, ", ")
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

test("says once of what came as it was sent", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		attach(one)
		talk(one, "m1")
		say(one, "m2")
		talk(one, "m3")
		one:turn()

		for _, name in ipairs { "a.example", "b.example" } do
			equal(taps(one.written[name]),
				"1 both m1, 2 in m2, 3 both m3")
			-- Of the in alone.
			equal(select(2, one.written[name]:gsub("<stanza%-id ",
				"")), 1)
		end
		annex.tap.close()
	end)
end)

-- What may happen to a message between its two hooks.
local changes = {
	{ "another text", function (event)
		event.stanza.tags[1][1] = "new"
	end },
	{ "another element", function (event)
		event.stanza:tag "x":up()
	end },
	{ "an element less", function (event)
		event.stanza:maptags(function () end)
	end },
	{ "another attribute", function (event)
		event.stanza.attr.type = "normal"
	end },
	{ "another stanza in its place", function (event)
		event.stanza = st.message({ id = "m1",
			from = "romeo@example/a", to = "juliet@example",
			type = "chat" }):body "m1"
	end },
}

for _, case in ipairs(changes) do
	test("says twice of what has got " .. case[1], function ()
		unit.with_folder(function (folder)
			local one = start(folder)
			attach(one)
			talk(one, "m1", case[2])
			one:turn()

			local written = one.written["a.example"]
			unit.mentions(written, "seq='1' id=")
			unit.mentions(written, "' dir='out' origin='local'")
			unit.mentions(written, "seq='2' id=")
			unit.mentions(written, "' dir='in' origin='local'")
			annex.tap.close()
		end)
	end)
end

test("says when it was sent of what was let go later", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		attach(one)
		local event = { origin = { type = "s2sin" },
			stanza = st.message({ from = "romeo@far/a",
				to = "juliet@example" }):body "m1" }
		annex.mark.keep(event.stanza, { id = "x1",
			written = "2026-11-29T12:00:00Z" })
		one:fire("message/bare", event)
		say(one, "m2")
		one:turn()

		for _, name in ipairs { "a.example", "b.example" } do
			local first, second = one.written[name]:match(
				"stamp='([^']*)'.*stamp='([^']*)'")
			equal(first, "2026-11-29T12:00:00Z")
			equal(second ~= first, true)
		end
		annex.tap.close()
	end)
end)

test("says twice where something else was written in between", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		attach(one)
		one:turn()
		talk(one, "m1", function ()
			annex.link.send(annex.peers["a.example"], "<x/>")
		end)
		talk(one, "m2", function () one:turn() end)
		talk(one, "m3", function ()
			say(one, "m4")
		end)
		one:turn()

		equal(taps(one.written["a.example"]), "1 out m1, 2 in m1, "
			.. "3 out m2, 4 in m2, 5 out m3, 6 in m4, 7 in m3")
		equal(taps(one.written["b.example"]), "1 both m1, 2 out m2, "
			.. "3 in m2, 4 out m3, 5 in m4, 6 in m3")
		annex.tap.close()
	end)
end)

test("says of the second time that something came that it came", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		attach(one)
		talk(one, "m1", function (event)
			one:fire("message/bare", event)
		end)
		one:turn()
		for _ = 1, 2 do
			equal(taps(one.written["a.example"]),
				"1 both m1, 2 in m1")
			equal(select(2, one.written["a.example"]
				:gsub("</tap></message>", "")), 2)
			one.written["a.example"] = ""
			attach(one)
			one:turn()
		end
		annex.tap.close()
	end)
end)

test("says the same again, and keeps it", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		attach(one)
		for _, id in ipairs { "m1", "m2", "m3" } do
			talk(one, id)
		end
		one:turn()
		one.written["a.example"] = ""
		attach(one)
		one:turn()
		equal(taps(one.written["a.example"]),
			"1 both m1, 2 both m2, 3 both m3")
		annex.tap.close()

		one = start(folder)
		attach(one)
		one:turn()
		equal(taps(one.written["b.example"]),
			"1 both m1, 2 both m2, 3 both m3")
		annex.tap.close()
	end)
end)

-- What there is of taps that say whose account is removed, as "seq user".
local function removals(text)
	local found = {}
	for seq, user in text:gmatch("<tap [^>]*seq='(%d+)' id='[%w_-]+' "
			.. "dir='removed' user='([^']*)'/>") do
		table.insert(found, seq .. " " .. user)
	end
	return table.concat(found, ", ")
end

test("says in order whose account is removed", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		attach(one)
		talk(one, "m1")
		one:fire("user-deleted", { username = "romeo",
			host = "elsewhere" })
		one:fire("user-deleted", { username = "d'artagnan",
			host = "example" })
		talk(one, "m2")
		one:turn()

		for _, name in ipairs { "a.example", "b.example" } do
			equal(removals(one.written[name]),
				"2 d&apos;artagnan@example")
			equal(taps(one.written[name]), "1 both m1, 3 both m2")
		end
		annex.tap.close()
	end)
end)

test("keeps it until the component is there", function ()
	unit.with_folder(function (folder)
		local one = start(folder)
		say(one, "m1")
		one:fire("user-deleted", { username = "romeo",
			host = "example" })
		annex.tap.close()

		one = start(folder)
		attach(one)
		one:turn()
		equal(taps(one.written["a.example"]), "1 in m1")
		equal(removals(one.written["a.example"]), "2 romeo@example")
		annex.tap.close()
	end)
end)

test("says nothing else to those that store", function ()
	unit.with_folder(function (folder)
		local one = start(folder, { store = true })
		attach(one)
		talk(one, "m1")
		one:fire("user-deleted", { username = "romeo",
			host = "example" })
		one:turn()
		equal(removals(one.written["b.example"]), "1 romeo@example")
		equal(taps(one.written["b.example"]), "")

		one:fire("message/host", { origin = prosody.hosts["b.example"]
			.modules.component.session,
			stanza = st.message({ from = "b.example",
				to = "example" }):tag("ack",
				{ xmlns = annex.ns, seq = "1" }) })
		one.written["b.example"] = ""
		attach(one)
		one:turn()
		equal(removals(one.written["b.example"]), "")
		annex.tap.close()
	end)
end)

unit.run()
