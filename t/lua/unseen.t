#!/usr/bin/env lua5.4
-- What sessions were handed and have not acknowledged.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local unseen = unit.piece "unseen"
local equal, test = unit.equal, unit.test

-- A session that was sent something, of which it has acknowledged something.
local function session(sent, acked)
	local own = { sent = sent or 0, acked = acked or 0 }
	own.outgoing_stanza_queue = {
		count_acked = function () return own.acked end;
		count_unacked = function () return own.sent - own.acked end;
	}
	return own
end

local function send(own, ...)
	for _, id in ipairs { ... } do
		unseen.add(own, id, "stanza " .. id)
		own.sent = own.sent + 1
	end
end

local function forgotten(own, size)
	local ids = {}
	for _, entry in ipairs(unseen.forgotten(own, size)) do
		equal(entry.stanza, "stanza " .. entry.id)
		table.insert(ids, entry.id)
	end
	return ids
end

test("knows what was not acknowledged", function ()
	local own = session(7, 5)
	send(own, "a", "b", "c")

	unseen.settle(own, 8)

	equal(unseen.take(own, "a"), false)
	equal(unseen.take(own, "b"), true)
	equal(unseen.take(own, "b"), false)
	equal(unseen.take(session(), "c"), false)
	unseen.settle(own, 9)
	equal(unseen.take(own, "b"), false)
	unseen.settle(own, 10)
	equal(unseen.take(own, "c"), false)
end)

test("takes no acknowledgement of what was not sent", function ()
	local own = session()
	send(own, "a")

	unseen.settle(own, 2)

	equal(unseen.take(own, "a"), true)
end)

test("goes on with what another has saved", function ()
	local own, nameless = session(), session()
	send(own, "a")
	unseen.add(nameless, nil, "stanza")
	nameless.sent = 1

	local other = unit.piece "unseen"
	other.restore(unseen.save())

	equal(other.take(own, "a"), true)
	equal(other.returns_nameless(nameless, 10), true)
end)

test("has what a queue has forgotten, once", function ()
	local own = session(2)
	send(own, "a", "b", "c", "d")
	own.sent = own.sent + 3
	equal(unseen.take(own, "b"), true)

	equal(forgotten(own, 4), { "a", "c" })
	equal(forgotten(own, 4), {})
	equal(unseen.take(own, "a"), false)
	equal(unseen.take(own, "d"), true)
end)

test("has not what was acknowledged before", function ()
	local own = session()
	send(own, "a", "b", "c")
	own.sent, own.acked = 9, 1

	equal(forgotten(own, 7), { "b" })
end)

test("keeps nothing of a session without a queue", function ()
	local own = {}
	unseen.add(own, "a", "x")
	unseen.add(own, nil, "x")

	equal(forgotten(own, -9), {})
	equal(unseen.returns_nameless(own, 9), false)
end)

-- For each stanza that comes back whether it had no id.
local function returned(own, size)
	local found = {}
	for _ = 1, math.min(own.sent - own.acked, size) do
		table.insert(found, unseen.returns_nameless(own, size))
	end
	return found
end

test("knows nothing of what did not get into the queue", function ()
	local own = session(3, 2)
	send(own, "a")
	unseen.undo(own, unseen.add(own, nil, "x"))
	unseen.undo(own, unseen.add(own, "b", "stanza b"))
	send(own, "c")

	equal(returned(own, 9), { false, false, false })
	equal(unseen.take(own, "b"), false)
	equal(unseen.take(own, "a"), true)
	equal(unseen.take(own, "c"), true)
	unseen.undo({}, unseen.add({}, "a", "x"))
end)

-- Four stanzas more, the second and the last without an id.
local function send_mixed(own)
	for _ = 1, 2 do
		send(own, "a" .. own.sent)
		unseen.add(own, nil, "x")
		own.sent = own.sent + 1
	end
end

test("knows what comes back that had no id", function ()
	local own = session(3, 2)
	send_mixed(own)

	equal(returned(own, 9), { false, false, true, false, true })
end)

test("knows it after some were acknowledged", function ()
	local own = session(3, 2)
	send_mixed(own)
	unseen.settle(own, 6)
	own.acked = 6

	equal(returned(own, 9), { true })
end)

test("knows it when the queue has forgotten some", function ()
	local own = session()
	send_mixed(own)

	equal(forgotten(own, 3), { "a0" })
	equal(returned(own, 3), { true, false, true })
end)

test("keeps no number of what was acknowledged", function ()
	local own = session()
	send_mixed(own)
	unseen.settle(own, 4)

	equal(returned(own, 9), { false, false, false, false })
end)

test("begins anew with a new queue", function ()
	local own = session()
	send(own, "a")
	own.outgoing_stanza_queue = session().outgoing_stanza_queue
	send(own, "b")

	equal(unseen.take(own, "a"), false)
	equal(unseen.take(own, "b"), true)
end)

unit.run()
