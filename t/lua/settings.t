#!/usr/bin/env lua5.4
-- The option "annex" of Prosody's configuration.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local settings = unit.piece "settings"
local equal, test = unit.equal, unit.test

local function read(given)
	return settings.read(given, "example.org")
end

local function peer(given)
	local peers, problem = read { ["a.example.org"] = given }
	assert(peers, problem)
	return peers["a.example.org"]
end

test("has defaults for all but the hooks", function ()
	local given = peer { hooks = { "fanout" } }

	equal(given.hooks, { fanout = {} })
	equal({ given.timeout, given.window, given.window_bytes, given.credit,
		given.fail, given.parked, given.parked_bytes, given.delegated,
		given.delegated_each, given.spool },
		{ 2, 1000, 16777216, 64, "open", 100, 1048576, 1000,
		100, 67108864 })
end)

test("sorts what hooks are for", function ()
	equal(peer { hooks = { "tap", "act:presence", "act:urn:a:b",
		"delegate:urn:xmpp:mam:2" } }.hooks, {
		tap = {}, act = { presence = true, ["urn:a:b"] = true },
		delegate = { ["urn:xmpp:mam:2"] = true } })
end)

test("gives each profile what it does not say itself", function ()
	local given = peer { hooks = { "check" }, fail = "closed",
		timeout = 5, profiles = {
			{ name = "one", users = { "romeo",
				"juliet@example.org" } },
			{ fail = "open", timeout = 1, peers = { "b" },
				namespaces = { "urn:x" } } } }

	equal(given.profiles[1], { name = "one", fail = "closed",
		timeout = 5, namespaces = {}, users = {
			["romeo@example.org"] = true,
			["juliet@example.org"] = true } })
	equal(given.profiles[2], { fail = "open", timeout = 1,
		peers = { b = true }, namespaces = { ["urn:x"] = true } })
	equal(given.fail, "mixed")
end)

test("takes addresses however they are written", function ()
	local given = peer { hooks = { "check" }, profiles = { {
		users = { "Juliet", "ROMEO@Example.org" },
		peers = { "Nurse@Example.NET", "MANTUA.example" } } } }

	equal(given.profiles[1].users, { ["juliet@example.org"] = true,
		["romeo@example.org"] = true })
	equal(given.profiles[1].peers, { ["nurse@example.net"] = true,
		["mantua.example"] = true })
end)

test("has one profile for all when there is none", function ()
	local given = peer { hooks = { "check" }, fail = "closed" }

	equal(given.profiles, { { fail = "closed", timeout = 2,
		namespaces = {} } })
	equal(given.fail, "closed")
end)

local wrong = {
	{ nil, "must be a table" },
	{ "archive.example.org", "must be a table" },
	{ {}, "must be a table" },
	{ { { hooks = { "tap" } } }, "1 is not the name of a component" },
	{ { ["a@b"] = { hooks = { "tap" } } }, "a@b is not the name" },
	{ { ["a b"] = { hooks = { "tap" } } }, "a b is not the name" },
	{ { a = "tap" }, "a must be a table" },
	{ { a = {} }, "a: hooks are missing" },
	{ { a = { hooks = {} } }, "a: hooks must be a list of texts" },
	{ { a = { hooks = "tap" } }, "a: hooks must be a list of texts" },
	{ { a = { hooks = { tap = true } } }, "hooks must be a list" },
	{ { a = { hooks = { 1 } } }, "a: hooks must be a list of texts" },
	{ { a = { hooks = { "dance" } } }, "a: there is no hook dance" },
	{ { a = { hooks = { "act" } } }, "a: act needs what it is for" },
	{ { a = { hooks = { "act:" } } }, "there is no hook act:" },
	{ { a = { hooks = { "tap:x" } } }, "tap takes nothing after it" },
	{ { a = { hooks = { "tap" }, colour = 1 } },
		"a: there is no option colour" },
	{ { a = { hooks = { "tap" }, timeout = 0 } },
		"a: timeout must be a number above 0" },
	{ { a = { hooks = { "tap" }, timeout = "2" } },
		"a: timeout must be a number above 0" },
	{ { a = { hooks = { "tap" }, window = 1.5 } },
		"a: window must be a whole number above 0" },
	{ { a = { hooks = { "tap" }, credit = -1 } }, "a: credit must be" },
	{ { a = { hooks = { "tap" }, spool = 0 } }, "a: spool must be" },
	{ { a = { hooks = { "tap" }, parked = "x" } }, "a: parked must be" },
	{ { a = { hooks = { "tap" }, parked_bytes = 0 } },
		"a: parked_bytes must be a whole number above 0" },
	{ { a = { hooks = { "tap" }, delegated = 0 } },
		"a: delegated must be a whole number above 0" },
	{ { a = { hooks = { "check" }, fail = "ajar" } },
		'a: fail must be "open" or "closed"' },
	{ { a = { hooks = { "check" } }, b = { hooks = { "check" } } },
		"a and b both have check" },
	{ { a = { hooks = { "store" } }, b = { hooks = { "store" } } },
		"a and b both have store" },
	{ { a = { hooks = { "tap" }, profiles = { {} } } },
		"a: profiles are for the hook check" },
	{ { a = { hooks = { "check" }, profiles = { 1 } } },
		"a: profile 1 must be a table" },
	{ { a = { hooks = { "check" }, profiles = { { user = "x" } } } },
		"a: profile 1: there is no option user" },
	{ { a = { hooks = { "check" }, profiles = { {},
		{ users = "x" } } } }, "a: profile 2: users must be a list" },
	{ { a = { hooks = { "check" }, profiles = {
		{ users = { "a b" } } } } },
		"a: profile 1: users: a b@example.org is not an address" },
	{ { a = { hooks = { "check" }, profiles = {
		{ peers = { "a@b/c" } } } } },
		"a: profile 1: peers: a@b/c is not an address" },
	{ { a = { hooks = { "check" }, profiles = { { name = "x" },
		{ name = "x" } } } }, "a: there are two profiles x" },
	{ { a = { hooks = { "check" }, profiles = {} } },
		"a: profiles must be a list" },
	{ { a = { hooks = { "check" }, profiles = { one = {} } } },
		"a: profiles must be a list" },
}

for _, case in pairs(wrong) do
	test("refuses what is wrong: " .. case[2], function ()
		local peers, problem = read(case[1])

		equal(peers, nil)
		unit.mentions(problem, case[2])
	end)
end

unit.run()
