#!/usr/bin/env lua5.4
-- What is in a stanza, whatever the stream.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local content = unit.piece "content"
local st = require "util.stanza"
local equal, test = unit.equal, unit.test

local function settled(stanza)
	content.settle(stanza)
	return tostring(stanza)
end

for _, ns in ipairs { "jabber:client", "jabber:server",
		"jabber:component:accept" } do
	test("takes off " .. ns, function ()
		equal(settled(st.message():tag("body", { xmlns = ns })
			:text("x")), "<message><body>x</body></message>")
	end)
end

test("takes it off what is below as well", function ()
	equal(settled(st.message():tag("a", { xmlns = "jabber:server" })
		:tag("b"):tag("c", { xmlns = "jabber:client" })),
		"<message><a><b><c/></b></a></message>")
end)

test("leaves other namespaces, and what is below", function ()
	local stanza = st.message():tag("a", { xmlns = "urn:x" })
		:tag("message", { xmlns = "jabber:client" }):reset()
	local before = tostring(stanza)
	equal(settled(stanza), before)
end)

unit.run()
