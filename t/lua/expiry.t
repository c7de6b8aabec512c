#!/usr/bin/env lua5.4
-- What ends by itself.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local expiry = unit.piece "expiry"
local equal = unit.equal

-- A test with things that end, timers by their seconds, and what has ended.
local function test(name, func)
	unit.test(name, function ()
		local running, ended = {}, {}
		local own = expiry.new(function (seconds, fire)
			running[seconds] = function ()
				running[seconds] = nil
				fire()
			end
			return { stop = function ()
				running[seconds] = nil
			end }
		end, function (gone)
			table.insert(ended, gone)
		end)
		func(own, running, ended)
	end)
end

local function seconds(running)
	local found = {}
	for time in pairs(running) do
		table.insert(found, time)
	end
	table.sort(found)
	return found
end

test("has one timer for each name, that of the last time",
	function (own, running, ended)
	own:set("a", 100)
	own:set("b", 50)
	own:set("a", 70)
	own:set("a", 90)
	equal(seconds(running), { 50, 90 })

	running[90]()

	equal(ended, { "a" })
	equal(seconds(running), { 50 })
end)

test("has none for what was stopped", function (own, running, ended)
	own:set("a", 100)
	own:stop("a")
	own:stop("a")
	own:stop("unknown")

	equal(seconds(running), {})
	equal(ended, {})
end)

test("stops all", function (own, running)
	own:set("a", 1)
	own:set("b", 2)

	own:stop_all()

	equal(seconds(running), {})
end)

test("takes what is set when it ends", function (own, running, ended)
	own.ended = function (name)
		own:set(name, 5)
	end
	own:set("a", 1)

	running[1]()

	equal(seconds(running), { 5 })
end)

unit.run()
