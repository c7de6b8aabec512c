#!/usr/bin/env lua5.4
-- Which messages are to be judged.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local profile = unit.piece "profile"
local equal, test = unit.equal, unit.test

local function stanza(name, kind, ...)
	local tags = {}
	for _, element in ipairs { ... } do
		local tag = { name = element[1],
			attr = { xmlns = element[2] }, tags = {}, element[3] }
		if type(element[3]) == "table" then
			table.insert(tag.tags, element[3])
		end
		table.insert(tags, tag)
	end
	return { name = name, attr = { type = kind }, tags = tags }
end

local function child(name, xmlns)
	return { name = name, attr = { xmlns = xmlns }, tags = {} }
end

local calls = "urn:xmpp:jingle-message:0"
local jingle = "urn:xmpp:jingle:apps:"
local room = "http://jabber.org/protocol/muc#user"
local all = { { name = "all", namespaces = { ["urn:x"] = true } } }

local function name_of(profiles, ...)
	local found = profile.choose(profiles, ...)
	return found and found.name or nil
end

local cases = {
	{ true, "a chat message", "message", "chat", { "body" } },
	{ true, "one without a type", "message", nil, { "body" } },
	{ true, "a headline", "message", "headline", { "body" } },
	{ true, "a message to a room", "message", "groupchat", { "body" } },
	{ true, "one of an unknown type", "message", "foo", { "body" } },
	{ false, "an error", "message", "error", { "body" } },
	{ false, "one without content", "message", "chat", { "active", "y" } },
	{ false, "another's body", "message", "chat", { "body", "urn:y" } },
	{ true, "an encrypted one", "message", "chat",
		{ "encrypted", "urn:xmpp:omemo:2" } },
	{ true, "one said to be encrypted", "message", "chat",
		{ "encryption", "urn:xmpp:eme:0" } },
	{ true, "one by OpenPGP", "message", "chat",
		{ "openpgp", "urn:xmpp:openpgp:0" } },
	{ true, "a subject", "message", "groupchat", { "subject", nil, "x" } },
	{ false, "an empty subject", "message", "groupchat", { "subject" } },
	{ false, "another's subject", "message", "chat",
		{ "subject", "urn:y", "x" } },
	{ true, "formatted text", "message", "chat",
		{ "html", "http://jabber.org/protocol/xhtml-im" } },
	{ true, "a link", "message", "chat", { "x", "jabber:x:oob" } },
	{ true, "what stands behind others", "message", "chat",
		{ "active", "y" }, { "x", "jabber:x:oob" } },
	{ true, "a reference", "message", "chat",
		{ "reference", "urn:xmpp:reference:0" } },
	{ true, "a file", "message", "chat",
		{ "file-sharing", "urn:xmpp:sfs:0" } },
	{ true, "a proposed file", "message", "chat", { "propose", calls,
		child("description", jingle .. "file-transfer:5") } },
	{ false, "a proposed call", "message", "chat", { "propose", calls,
		child("description", jingle .. "rtp:1") } },
	{ true, "an invitation", "message", "normal",
		{ "x", room, child("invite") } },
	{ true, "a refusal of one", "message", "normal",
		{ "x", room, child("decline") } },
	{ false, "what else rooms say", "message", "normal",
		{ "x", room, child("status") } },
	{ true, "one of a namespace", "message", "chat", { "a", "urn:x" } },
	{ true, "a request for a subscription", "presence", "subscribe" },
	{ false, "an answer to one", "presence", "subscribed" },
	{ false, "presence", "presence", nil, { "a", "urn:x" } },
	{ true, "an IQ of a namespace", "iq", "set", { "a", "urn:x" } },
	{ false, "one that asks", "iq", "get", { "a", "urn:x" } },
	{ false, "an answer", "iq", "result", { "a", "urn:x" } },
	{ false, "an IQ of another", "iq", "set", { "a", "urn:y" } },
	{ false, "what is no stanza", "foo", "chat", { "body" } },
}

for _, case in ipairs(cases) do
	test((case[1] and "holds " or "does not hold ") .. case[2], function ()
		equal(profile.choose(all, stanza(table.unpack(case, 3)), "a@b",
			"c@d") ~= nil, case[1])
	end)
end

local message = stanza("message", "chat", { "body" })

test("takes the first profile that is for somebody", function ()
	local profiles = {
		{ name = "users", users = { ["a@b"] = true }, namespaces = {} },
		{ name = "domain", peers = { ["x.org"] = true },
			namespaces = {} },
		{ name = "peer", peers = { ["y@z.org"] = true },
			namespaces = {} },
		{ name = "both", users = { ["e@b"] = true },
			peers = { ["f@b"] = true }, namespaces = {} },
	}

	equal(name_of(profiles, message, "a@b", "c@x.org"), "users")
	equal(name_of(profiles, message, "c@b", "c@x.org"), "domain")
	equal(name_of(profiles, message, "c@b", "x.org"), "domain")
	equal(name_of(profiles, message, "c@b", "y@z.org"), "peer")
	equal(name_of(profiles, message, "c@b", "c@z.org"), nil)
	equal(name_of(profiles, message, "e@b", "f@b"), "both")
	equal(name_of(profiles, message, "e@b", "g@b"), nil)
	equal(name_of(profiles, message, "f@b", "e@b"), nil)
end)

test("looks at both when both are users", function ()
	local profiles = { { name = "users", users = { ["a@b"] = true },
		namespaces = {} } }

	equal(name_of(profiles, message, "c@b", "a@b", true), "users")
	equal(name_of(profiles, message, "c@b", "a@b", false), nil)
end)

unit.run()
