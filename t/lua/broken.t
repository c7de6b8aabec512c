#!/usr/bin/env lua5.4
-- Stanzas that are hard to print, or cannot be.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local shim = dofile(arg[0]:match("^(.*)/") .. "/../lib/shim.lua")
local st = require "util.stanza"
local equal, test = unit.equal, unit.test

-- As deep as a stanza may be within what a remote server may send, or as the
-- router can copy.
local depth = 72000

local function deep(stanza)
	local element = stanza
	for _ = 1, depth do
		local child = setmetatable({ name = "a", attr = {}, tags = {} },
			st.stanza_mt)
		element[#element + 1] = child
		table.insert(element.tags, child)
		element = child
	end
	return stanza
end

while not pcall(st.clone, deep(st.message())) do
	depth = depth - 4000
end

local function message(id)
	return st.message({ id = id, from = "romeo@far/a",
		to = "juliet@example", type = "chat" }):body(id)
end

-- The router's own modules must not write such a thing, but can.
local function broken(id)
	local stanza = message(id)
	stanza.tags[1].attr.y = {}
	return stanza
end

local function event_of(stanza)
	return { stanza = stanza, username = "juliet",
		origin = { type = "s2sin" } }
end

local function questions(text)
	return select(2, text:gsub("<iq ", ""))
end

local function with_store()
	local one = shim.new(unit, { ["c.example"] = {
		hooks = { store = true } } })
	one:load "store"
	return one, annex.peers["c.example"]
end

local function with_check()
	local chosen = { name = "all", timeout = 9, namespaces = {},
		fail = "open" }
	local one = shim.new(unit, { ["c.example"] = {
		hooks = { check = true }, profiles = { chosen } } })
	one:load "check"
	return one, annex.peers["c.example"], chosen
end

-- What waits for an answer gets none.
local function fail_all(peer)
	local ids = {}
	for id in pairs(peer.questions) do
		table.insert(ids, id)
	end
	table.sort(ids)
	for _, id in ipairs(ids) do
		annex.link.settle(peer, id)
	end
end

test("asks where to store what is nested deeply", function ()
	local one, peer = with_store()

	one:fire("message/offline/handle", event_of(deep(message "m1")))
	one:turn()

	equal(questions(one.written["c.example"]), 1)
	fail_all(peer)
	equal(one.fired, { "message/offline/handle" })
end)

test("lets go what it cannot ask where to store", function ()
	local one, peer = with_store()

	one:fire("message/offline/handle", event_of(broken "m1"))
	equal(one.fired, { "message/offline/handle" })
	one:fire("message/offline/handle", event_of(message "m2"))
	one:turn()
	fail_all(peer)

	equal(#one.fired, 2)
	equal(questions(one.written["c.example"]), 1)
	one.written["c.example"] = ""
	one:turn()
	-- It is to remove but the one that it was told of.
	equal(select(2, one.written["c.example"]:gsub("<withdraw ", "")), 1)
end)

test("checks what is nested deeply", function ()
	local one, peer = with_check()

	one:fire("message/bare", event_of(deep(message "m1")))
	one:fire("message/bare", event_of(message "m2"))
	one:turn()

	equal(questions(one.written["c.example"]), 2)
	fail_all(peer)
	equal(#one.posted, 2)
end)

test("keeps what is nested deeply behind what is checked", function ()
	local one, peer = with_check()
	local behind = deep(st.message { type = "error",
		from = "romeo@far/a", to = "juliet@example" })

	one:fire("message/bare", event_of(message "m1"))
	equal(one:fire("message/bare", event_of(behind)), true)
	one:fire("message/bare", event_of(message "m2"))
	equal(#one.posted, 0)
	fail_all(peer)

	equal(#one.posted, 3)
end)

test("goes on without a check that it cannot ask for", function ()
	local one, peer = with_check()

	one:fire("message/bare", event_of(message "m1"))
	one:fire("message/bare", event_of(broken "m2"))
	one:fire("message/bare", event_of(message "m3"))
	one:turn()
	fail_all(peer)

	equal(questions(one.written["c.example"]), 2)
	equal({ one.posted[1].attr.id, one.posted[2].attr.id,
		one.posted[3].attr.id }, { "m1", "m2", "m3" })
end)

local function settle_first(peer, ...)
	local ids = {}
	for id in pairs(peer.questions) do
		table.insert(ids, id)
	end
	table.sort(ids)
	annex.link.settle(peer, ids[1], ...)
end

test("knows nothing any more of a verdict on another", function ()
	local one, peer = with_check()
	local denied = st.stanza("iq"):tag("verdict", { xmlns = annex.ns,
		action = "deny", silent = "true" }):reset()
	local waiting = st.message { id = "m3", type = "error",
		from = "tybalt@far/a", to = "juliet@example" }
	local before = message "m2"
	before.attr.from = waiting.attr.from

	one:fire("message/bare", event_of(message "m1"))
	one:fire("message/bare", event_of(before))
	settle_first(peer, denied)
	-- It takes the place of what was denied.
	one:fire("message/bare", event_of(waiting))
	equal(#one.posted, 0)
	settle_first(peer, nil)

	equal({ #one.posted, one.posted[1].attr.id, one.posted[2].attr.id },
		{ 2, "m2", "m3" })
end)

test("leaves nothing of what it cannot print", function ()
	local one, peer = with_check()

	one:fire("message/bare", event_of(broken "m1"))

	equal(#peer.out, peer.count)
	one:fire("message/bare", event_of(message "m2"))
	one:turn()
	equal(#peer.out, 0)
end)

-- A shim with two components that have taps, and what each has of them.
local function with_taps(func)
	unit.with_folder(function (folder)
		package.loaded["util.datamanager"] = { getpath = function (name)
			return folder .. "/" .. name
		end }
		local one = shim.new(unit, { ["a.example"] =
			{ hooks = { tap = true } }, ["b.example"] =
			{ hooks = { tap = true } } })
		one:load "tap"
		for _, peer in pairs(annex.peers) do
			one:fire(peer.name .. " component-authenticated", {
				session = peer.session })
		end
		func(one)
		annex.tap.close()
	end)
end

local function taps(text)
	local found = {}
	for attributes in text:gmatch "<tap xmlns='[^']*' ([^>]*)>" do
		table.insert(found, attributes:match "seq='%d+'"
			.. (attributes:match " lost='%d+'" or ""))
	end
	return table.concat(found, ", ")
end

test("counts what it cannot print as lost, to each", function ()
	with_taps(function (one)
		for _, stanza in ipairs { message "m1", broken "m2",
				broken "m3", message "m4", message "m5" } do
			one:fire("message/bare", event_of(stanza))
		end
		one:turn()

		for _, name in ipairs { "a.example", "b.example" } do
			equal(taps(one.written[name]),
				"seq='1', seq='2' lost='2', seq='3'")
		end
	end)
end)

unit.run()
