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

test("goes on with what was saved", function ()
	local old = withdrawn.new(2)
	old:add("juliet", "a")
	old:add("romeo", "b")

	local all = withdrawn.new(2, old:save())

	equal({ all:add("paris", "c") }, { "juliet", "a" })
end)

unit.run()
