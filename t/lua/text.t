#!/usr/bin/env lua5.4
-- Stanzas as text.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local st = require "util.stanza"
local text = unit.piece "text"
local equal, test = unit.equal, unit.test

-- The router's own modules write numbers, too.
local function with_number()
	local stanza = st.message {}
	stanza.attr.ver = 1
	return stanza
end

local function print(stanza, ns)
	return text.join(text.append, stanza, ns)
end

local cases = {
	{ "what is empty", st.message {} },
	{ "attributes", st.message { to = "a@b/c'd", from = "<&>", id = '"' } },
	{ "text", st.message():body "a < b & c > \"d\" 'e' \195\164" },
	{ "much text", st.message():body(("x & y "):rep(1000)) },
	{ "text between elements", st.message():text "a":tag "b":up()
		:text "c":tag("d", { e = "f" }):text "g":up() },
	{ "namespaces", st.message():tag("a", { xmlns = "urn:a" })
		:tag("b", { xmlns = "urn:a" }):tag("c", { xmlns = "urn:c" })
		:up():tag "d" },
	{ "attributes with a namespace", st.message { ["urn:x\1y"] = "z" }
		:tag("a", { ["urn:p\1q"] = "r & s" }) },
	{ "a number", with_number() },
	{ "a language", st.message { ["xml:lang"] = "de" } },
}

for _, case in ipairs(cases) do
	test("prints " .. case[1] .. " as the router does", function ()
		for _ = 1, 2 do
			equal(print(case[2]), tostring(case[2]))
		end
	end)
end

test("prints more different values than it remembers", function ()
	for number = 1, 2000 do
		local stanza = st.message { id = "'" .. number }
		equal(print(stanza), tostring(stanza))
	end
end)

test("gives it a namespace", function ()
	local stanza = st.message { xmlns = "urn:old", id = "1" }
		:tag("a", { xmlns = "urn:new" }):up():tag "b"

	equal(print(stanza, "urn:new"),
		"<message xmlns='urn:new' id='1'><a/><b/></message>")
	equal(stanza.attr.xmlns, "urn:old")
end)

test("prints it alone again", function ()
	local stanza = st.message { id = "1" }:body "one"
	print(stanza, "urn:new")

	equal(text.alone(), tostring(stanza))
	equal(text.alone(), tostring(stanza))
end)

test("adds a stanza to a list, and prints it alone again", function ()
	local stanza = st.message { id = "a'1", to = "b@c" }:body "one"
	local list = { "<x>" }
	local count = text.append(list, 1, stanza, "urn:new")
	local added = table.concat(list, "", 2, count)

	equal(added, "<message xmlns='urn:new' "
		.. tostring(stanza):match "^<message (.*)$")
	equal(text.alone(), tostring(stanza))
	equal(table.concat(list, "", 1, count), "<x>" .. added)
end)

local function base()
	return st.message { id = "1", to = "a@b" }:body "one"
		:tag("x", { xmlns = "urn:x" }):tag "y":text "z":up():up()
end

local function with_id(stanza)
	return stanza:tag("stanza-id", { id = "2" }):up()
end

-- What is printed after base() by append(), and whether it extends that.
local extensions = {
	{ "another element", with_id(base()), true },
	{ "the same", base(), false },
	{ "another text", with_id(st.message { id = "1", to = "a@b" }
		:body "two":tag("x", { xmlns = "urn:x" }):tag "y":text "z":up()
		:up()), false },
	{ "another attribute", with_id(st.message { id = "2", to = "a@b" }
		:body "one":tag("x", { xmlns = "urn:x" }):tag "y":text "z":up()
		:up()), false },
	{ "an element less", with_id(st.message { id = "1", to = "a@b" }
		:body "one"), false },
	{ "two elements", with_id(with_id(base())), false },
	{ "text behind it", with_id(base()):text "t", false },
	{ "text before it", with_id(base():text "t"), false },
	{ "nothing in it", st.message { id = "1", to = "a@b" }, false },
}

for _, case in ipairs(extensions) do
	test("tells a stanza with " .. case[1], function ()
		local list = { "<x>" }
		text.append(list, 1, base(), "urn:new")
		local first, last = text.place()

		text.lay_out(text.append, case[2], "urn:new")

		equal(text.extends(list, first, last), case[3])
		equal(text.alone(), tostring(case[2]))
	end)
end

test("tells apart what has nothing in it", function ()
	local list = {}
	text.append(list, 0, st.message(), "urn:new")
	local first, last = text.place()

	text.lay_out(text.append, with_id(st.message()), "urn:new")

	equal(text.extends(list, first, last), false)
end)

test("prints what is nested as deeply as may be", function ()
	local depth = 150000
	local stanza = st.message():text "in"
	for _ = 1, depth do
		stanza = setmetatable({ name = "a", attr = {},
			tags = { stanza }, "<", stanza, ">" }, st.stanza_mt)
	end

	for _ = 1, 2 do
		equal(print(stanza), ("<a>&lt;"):rep(depth)
			.. "<message>in</message>" .. ("&gt;</a>"):rep(depth))
	end
	equal(print(st.message():tag "b":text "c":up():text "d"),
		"<message><b>c</b>d</message>")
end)

unit.run()
