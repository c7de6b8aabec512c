#!/usr/bin/env lua5.4
-- The id in what is delivered, and whom it is said to be by.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local shim = dofile(arg[0]:match("^(.*)/") .. "/../lib/shim.lua")
local st = require "util.stanza"
local equal, test = unit.equal, unit.test

local user, host = "juliet@example", "example"

local function message(kind)
	return st.message({ from = "garden@far/nurse", type = kind,
		to = user .. "/balcony" }):body("text")
end

local function with_id(stanza, by, value)
	return stanza:tag("stanza-id", { xmlns = "urn:xmpp:sid:0", by = by,
		id = value }):up()
end

-- { by, id, by, id ... }
local function ids(stanza)
	local found = {}
	for element in stanza:childtags("stanza-id", "urn:xmpp:sid:0") do
		table.insert(found, element.attr.by)
		table.insert(found, element.attr.id)
	end
	return found
end

-- archive: whether the router keeps one.
local function id(archive)
	shim.new(unit, {})
	prosody.hosts[host].modules.mam = archive
	return annex.id
end

local cases = {
	{ "chat", user },
	{ "normal", user },
	{ nil, user, "one without a type" },
	{ "foo", user, "one of an unknown type" },
	{ "groupchat", host },
	{ "headline", host },
	{ "error", host },
}

for _, case in ipairs(cases) do
	local kind, by, name = case[1], case[2], case[3] or case[1]

	test("the id of " .. name .. " is by " .. by, function ()
		equal(ids(id().stamp(message(kind), user, "1")), { by, "1" })
	end)

	test("beside an archive the id of " .. name .. " is the host's",
		function ()
		local stanza = with_id(message(kind), user, "archive's")
		equal(ids(id(true).stamp(stanza, user, "1")),
			{ user, "archive's", host, "1" })
	end)

	test("the id of " .. name .. " takes the place of all that are ours",
		function ()
		local stanza = message(kind)
		for _, forger in ipairs { user, host, user:upper(),
				host:upper(), "far" } do
			with_id(stanza, forger, "forged")
		end
		equal(ids(id().stamp(stanza, user, "1")),
			{ "far", "forged", by, "1" })
	end)

	test("the id of " .. name .. " is found again", function ()
		local one = id()
		equal(one.known(one.stamp(message(kind), user, "1"), user),
			"1")
		equal(one.known(with_id(message(kind), user, "2"), user), "2")
		equal(one.known(with_id(message(kind), host, "3"), user), "3")
	end)
end

test("an archive's id is none of ours", function ()
	equal(id(true).known(with_id(message("chat"), user, "1"), user), nil)
end)

local function with_body(from, to)
	return st.message({ from = from, to = to }):tag("body",
		{ xmlns = "jabber:server" }):text("x"):reset()
end

test("what our users send has content as on any stream", function ()
	local event = { stanza = with_body("romeo@example/a", "x@far"),
		origin = { type = "c2s", username = "romeo", host = host,
			full_jid = "romeo@example/a" } }
	shim.new(unit, {}):fire("pre-message/bare", event)
	equal(event.stanza:get_child_text("body"), "x")
end)

test("what our users send brings no time by the host", function ()
	local from = "romeo@example/a"
	local event = { stanza = st.message({ from = from, to = "x@far" }),
		origin = { type = "c2s", username = "romeo", host = host,
			full_jid = from } }
	for _, forger in ipairs { host, from, host:upper(), "", "far" } do
		event.stanza:tag("delay", { xmlns = "urn:xmpp:delay",
			from = forger, stamp = "2002-10-13T23:58:37Z" }):up()
	end
	event.stanza:tag("delay", { xmlns = "urn:x", from = host }):up()
	shim.new(unit, {}):fire("pre-message/bare", event)

	local left = {}
	for _, element in ipairs(event.stanza.tags) do
		table.insert(left, element.attr.from)
	end
	equal(left, { from, "", "far", host })
end)

test("what was let go later has it", function ()
	local event = { stanza = st.message({ from = "romeo@example/a",
			to = "x@far" }), origin = { type = "c2s",
			username = "romeo", host = host,
			full_jid = "romeo@example/a" } }
	local one = shim.new(unit, {})
	annex.forward.delay(event.stanza, "2002-10-13T23:58:37Z")
	annex.mark.keep(event.stanza, { id = "x1", seen = true })
	one:fire("pre-message/bare", event)
	equal(event.stanza.tags[1].attr.from, host)
end)

test("so has what comes from outside, in a copy", function ()
	local stanza = with_body("romeo@far/a", user)
	local event = { stanza = stanza, origin = { type = "s2sin" } }
	shim.new(unit, {}):fire("message/bare", event)
	equal(event.stanza:get_child_text("body"), "x")
	equal(stanza.tags[1].attr.xmlns, "jabber:server")
end)

unit.run()
