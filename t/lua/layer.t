#!/usr/bin/env lua5.4
-- What is shown of a user who has overlays.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local layer = unit.piece "layer"
local equal, test = unit.equal, unit.test

local function keys(layers)
	local found = {}
	for _, one in ipairs(layers) do
		table.insert(found, one.key)
	end
	return table.concat(found, " ")
end

local function filled(...)
	local layers = {}
	for _, one in ipairs { ... } do
		layer.put(layers, { key = one[1], rank = one[2] })
	end
	return layers
end

test("has the highest rank first", function ()
	equal(keys(filled({ "a", 1 }, { "b", 3 }, { "c", -2 }, { "d", 2 })),
		"b d a c")
end)

test("has of equals the one first that was set last", function ()
	equal(keys(filled({ "a", 1 }, { "b", 1 }, { "c", 2 }, { "d", 1 })),
		"c d b a")
end)

test("has one of each key", function ()
	local layers = filled({ "a", 3 }, { "b", 2 }, { "a", 1 })

	equal(keys(layers), "b a")
	equal(layer.remove(layers, "b"), true)
	equal(layer.remove(layers, "b"), false)
	equal(keys(layers), "a")
end)

local function shown(one, show, status)
	return { layer.shown(one, show, status) }
end

test("shows what was said when there is none", function ()
	equal(shown(nil, "xa", "Gone"), { "xa", "Gone" })
	equal(shown(nil, nil, "Here"), { nil, "Here" })
end)

test("raises only to what is busier", function ()
	local order = { "chat", "away", "xa", "dnd" }
	for i, over in ipairs(order) do
		equal(shown({ mode = "raise", show = over }), { over })
		for j, said in ipairs(order) do
			equal(shown({ mode = "raise", show = over }, said),
				{ order[math.max(i, j)] })
		end
	end
	equal(shown({ mode = "raise", status = "x" }, "away"), { "away", "x" })
end)

test("shows its status in any case, and none instead of it", function ()
	equal(shown({ mode = "raise", show = "away", status = "Lunch" }, "dnd",
		"Busy"), { "dnd", "Lunch" })
	equal(shown({ mode = "raise", show = "away" }, nil, "Busy"),
		{ "away", "Busy" })
end)

test("replaces both", function ()
	equal(shown({ mode = "replace", status = "Lunch" }, "dnd", "Busy"),
		{ nil, "Lunch" })
	equal(shown({ mode = "replace", show = "chat" }, "dnd", "Busy"),
		{ "chat" })
end)

test("knows what looks the same", function ()
	local one = { mode = "raise", show = "xa", rank = 1, key = "a" }

	equal(layer.is_same(nil, nil), true)
	equal(layer.is_same(one, nil), false)
	equal(layer.is_same(one, { mode = "raise", show = "xa", rank = 2,
		key = "b" }), true)
	equal(layer.is_same(one, { mode = "replace", show = "xa" }), false)
	equal(layer.is_same(one, { mode = "raise", show = "xa",
		status = "x" }), false)
end)

test("knows what may be shown", function ()
	for _, show in ipairs { "chat", "away", "xa", "dnd" } do
		equal(layer.is_show(show), true)
	end
	equal(layer.is_show("online"), false)
end)

unit.run()
