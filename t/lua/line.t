#!/usr/bin/env lua5.4
-- What leaves in the order in which it came.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local line = unit.piece "line"
local equal, test = unit.equal, unit.test

-- Lines, a function that adds an entry of a name, and what has left.
local function new()
	local gone = {}
	local own = line.new(function (entry)
		table.insert(gone, entry.name)
	end)
	return own, function (key, name)
		local entry = { name = name }
		own:join(key, entry)
		return entry
	end, gone
end

test("lets each go when it and all before it are decided", function ()
	local own, add, gone = new()
	local first, second, third = add("k", 1), add("k", 2), add("k", 3)

	own:decide("k", second)
	equal(gone, {})
	own:decide("k", first)
	equal(gone, { 1, 2 })
	own:decide("k", third)
	equal(gone, { 1, 2, 3 })
end)

test("holds nothing up for another line", function ()
	local own, add, gone = new()
	add("k", 1)

	own:decide("other", add("other", 2))

	equal(gone, { 2 })
end)

test("knows how many there are", function ()
	local own, add = new()
	equal(own:length("k"), 0)
	local entry = add("k", 1)
	add("k", 2)
	equal(own:length("k"), 2)

	own:decide("k", entry)

	equal(own:length("k"), 1)
	equal(own:length("other"), 0)
end)

test("knows how much there is", function ()
	local own, add = new()
	equal(own:bytes("k"), 0)
	local first, second = add("k", 1), add("k", 2)
	own:weigh("k", first, 100)
	own:weigh("k", second, 20)
	add("k", 3)
	equal(own:bytes("k"), 120)

	own:decide("k", first)

	equal(own:bytes("k"), 20)
	own:decide("k", second)
	equal(own:bytes("k"), 0)
	equal(own:length("k"), 1)
end)

test("takes what is added while another leaves", function ()
	local own, gone = nil, {}
	own = line.new(function (entry)
		table.insert(gone, entry.name)
		if entry.name < 3 then
			local new = { name = entry.name + 1 }
			own:join("k", new)
			own:decide("k", new)
		end
	end)
	local entry = { name = 1 }
	own:join("k", entry)

	own:decide("k", entry)

	equal(gone, { 1, 2, 3 })
	equal(own:length("k"), 0)
end)

test("begins anew with what was another's line before", function ()
	local own, add, gone = new()
	local names = {}
	for round = 1, 3 do
		for _, key in ipairs { "k", "l" .. round } do
			local name = key .. round
			local first, second = add(key, name), add(key, name)
			own:weigh(key, first, 7)
			equal({ own:length(key), own:bytes(key) }, { 2, 7 })
			own:decide(key, second)
			own:decide(key, first)
			equal({ own:length(key), own:bytes(key) }, { 0, 0 })
			table.insert(names, name)
			table.insert(names, name)
		end
	end
	equal(gone, names)
end)

test("begins anew for what joins when the last one leaves", function ()
	local own
	local gone = {}
	own = line.new(function (entry)
		table.insert(gone, entry.name)
		if entry.follows then
			equal({ own:length "k", own:bytes "k" }, { 0, 0 })
			own:join("k", entry.follows)
			own:weigh("k", entry.follows, 3)
		end
	end)
	local second = { name = 2 }
	local first = { name = 1, follows = second }
	own:join("k", first)
	own:weigh("k", first, 5)
	own:decide("k", first)
	equal({ own:length "k", own:bytes "k" }, { 1, 3 })
	equal({ own:length "l", own:bytes "l" }, { 0, 0 })

	own:decide("k", second)

	equal(gone, { 1, 2 })
	equal({ own:length "k", own:bytes "k" }, { 0, 0 })
end)

unit.run()
