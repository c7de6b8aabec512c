#!/usr/bin/env lua5.4
-- What a component answers instead of the router.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local shim = dofile(arg[0]:match("^(.*)/") .. "/../lib/shim.lua")
local st = require "util.stanza"
local equal, test = unit.equal, unit.test

local function request()
	return st.iq({ type = "get", id = "1", from = "romeo@example/a" })
		:tag("query", { xmlns = "urn:x" }):up()
end

local function ask(one, stanza)
	return one:fire("iq/bare", { stanza = stanza, to_self = true,
		origin = { type = "c2s", username = "romeo", host = "example",
			send = function () end } })
end

local function delegating()
	local one = shim.new(unit, { ["c.example"] = { delegated = 1,
		delegated_each = 1, hooks = { delegate =
			{ ["urn:x"] = true } } } })
	one:load "delegate"
	one:fire("iq/host", { origin = annex.peers["c.example"].session,
		stanza = st.iq({ type = "set", id = "1", from = "c.example" })
			:tag("delegate", { xmlns = annex.ns, ns = "urn:x" })
			:tag("feature", { xmlns = annex.ns, var = "urn:x:a" })
			:up():up() })
	return one
end

test("does not wait for what it cannot ask", function ()
	local one = delegating()
	local broken = request()
	broken.tags[1].attr.y = {}

	equal(ask(one, broken), nil)
	equal(ask(one, request()), true)
	one:turn()

	equal(select(2, one.written["c.example"]:gsub("<delegated ", "")), 1)
end)

test("lists a feature once", function ()
	local one = delegating()
	local reply = st.iq({ type = "result", id = "1" })
		:tag("query", { xmlns =
			"http://jabber.org/protocol/disco#info" })
		:tag("feature", { var = "urn:x:b" }):up()
		:tag("feature", { var = "urn:x" }):up()

	one:fire("account-disco-info", { reply = reply })

	local listed = {}
	for feature in reply.tags[1]:childtags() do
		table.insert(listed, feature.attr.var)
	end
	equal(listed, { "urn:x:b", "urn:x", "urn:x:a" })
end)

unit.run()
