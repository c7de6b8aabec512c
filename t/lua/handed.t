#!/usr/bin/env lua5.4
-- Which messages were handed over.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local handed = unit.piece "handed"
local equal, test = unit.equal, unit.test

test("remembers them until they are forgotten, or too old", function ()
	local all = handed.new()
	all:remember("juliet", "a", 1)
	all:remember("juliet", "b", 3)
	all:remember("romeo", "c", 1)
	all:remember("romeo", "d", math.huge)
	all:remember("paris", "e", 1)
	all:remember("nurse", "f", 9)
	all:forget("nurse", "f")
	all:forget("nurse", "f")

	all:expire(2)

	equal(all:save(), { juliet = { b = 3 }, romeo = { d = math.huge } })
	equal(all:has("juliet", "b"), true)
	equal(all:has("juliet", "a"), false)
	equal(all:has("paris", "e"), false)
end)

test("remembers what nobody will forget for some time only", function ()
	local all = handed.new { juliet = { a = math.huge, b = math.huge },
		romeo = { c = 1 } }

	all:limit(5, function (user, value)
		return user == "juliet" and value == "a"
	end)

	equal(all:save(), { juliet = { a = math.huge, b = 5 },
		romeo = { c = 1 } })
end)

unit.run()
