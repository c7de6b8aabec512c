#!/usr/bin/env lua5.4
-- What a component is to remove.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local withdrawn = unit.piece "withdrawn"
local equal, test = unit.equal, unit.test

test("lists ids by user, in their order", function ()
	local all = withdrawn.new(9)
	for _, value in ipairs { "b", "c", "a" } do
		all:add("juliet", value)
	end

	local list = all:lists()[1]

	equal(#all:lists(), 1)
	equal(list.user, "juliet")
	equal(table.concat(list.ids, " "), "b c a")
end)

test("has no more than so many ids in a list", function ()
	local all = withdrawn.new(999)
	for number = 1, 250 do
		all:add("juliet", "i" .. number)
	end

	local sizes = {}
	for _, list in ipairs(all:lists()) do
		table.insert(sizes, #list.ids)
	end

	equal(sizes, { 100, 100, 50 })
end)

test("gives up the oldest when there are too many", function ()
	local all = withdrawn.new(2)
	equal(all:add("juliet", "a"), nil)
	equal(all:add("romeo", "b"), nil)
	equal(all:add("juliet", "a"), nil)

	equal({ all:add("paris", "c") }, { "romeo", "b" })
	equal({ all:add("paris", "d") }, { "juliet", "a" })
	equal(all:remove("juliet", "a"), false)
	equal(all:remove("paris", "d"), true)
	equal(all:add("romeo", "e"), nil)
end)

-- Instructions of Lua, in hundreds.
local function hundreds(func)
	local count = 0
	debug.sethook(function () count = count + 1 end, "", 100)
	func()
	debug.sethook()
	return count
end

test("finds the oldest without looking at all", function ()
	local all = withdrawn.new(10000)
	for number = 1, 10000 do
		all:add("u" .. number % 500, "i" .. number)
	end

	local count = hundreds(function ()
		for number = 1, 100 do
			all:add("u" .. number, "j" .. number)
		end
	end)

	-- To look at all takes more than 10000 each.
	equal(count < 1000, true)
end)

test("finds the oldest behind many that were removed", function ()
	local all = withdrawn.new(1000)
	for number = 1, 1000 do
		all:add("juliet", "i" .. number)
	end
	for number = 2, 999 do
		all:remove("juliet", "i" .. number)
	end
	for number = 1, 998 do
		all:add("romeo", "j" .. number)
	end

	equal({ all:add("paris", "a") }, { "juliet", "i1" })
	equal({ all:add("paris", "b") }, { "juliet", "i1000" })
	equal({ all:add("paris", "c") }, { "romeo", "j1" })
end)

test("finds the oldest at once behind all that were removed", function ()
	local all = withdrawn.new(1)
	for number = 1, 100000 do
		all:add("juliet", "i" .. number)
		all:remove("juliet", "i" .. number)
	end
	all:add("juliet", "a")

	local count = hundreds(function ()
		equal({ all:add("romeo", "b") }, { "juliet", "a" })
	end)

	-- To look at each that was removed takes more than 1000.
	equal(count < 100, true)
end)

test("says how many went once half of them are removed", function ()
	local all = withdrawn.new(4)
	for number = 1, 6 do
		all:add("juliet", "i" .. number)
	end
	equal(all.gone, 2)

	all:remove("juliet", "i3")
	equal(all:recovered(), nil)
	all:remove("juliet", "i4")
	equal(all:recovered(), 2)
	equal(all:recovered(), nil)
end)

test("goes on with what was saved", function ()
	local old = withdrawn.new(2)
	old:add("juliet", "a")
	old:add("romeo", "b")

	local all = withdrawn.new(2, old:save())

	equal({ all:add("paris", "c") }, { "juliet", "a" })
end)

unit.run()
