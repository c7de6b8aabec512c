#!/usr/bin/env lua5.4
-- What is sent in order until it is acknowledged.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local spool, queue = unit.piece "spool", unit.piece "queue"
local equal = unit.equal

-- A test with a function that makes a queue, and what that has sent.
local function test(name, func)
	unit.test(name, function ()
		unit.with_folder(function (folder)
			local sent = {}
			func(function (window, limit, bytes)
				return queue.new(window, bytes or 100000,
					spool.open(folder .. "/q",
						limit or 100000, 100),
					function (number, text)
						table.insert(sent, number
							.. ":" .. text)
					end)
			end, sent, folder)
		end)
	end)
end

-- Adds a text, with how many were lost before it.
local function add(line, text)
	return line:add(line.lost > 0 and text .. "-" .. line.lost or text)
end

local function add_all(line, first, last)
	for number = first, last do
		add(line, "t" .. number)
	end
end

local function list(first, last, offset)
	local texts = {}
	for number = first, last do
		table.insert(texts, ("%d:t%d"):format(number,
			number + (offset or 0)))
	end
	return texts
end

test("sends at once, with numbers from 1", function (new, sent)
	local line = new(3)
	line:attach()
	add_all(line, 1, 2)

	equal(sent, list(1, 2))
end)

test("sends no more than the window without an ack", function (new, sent)
	local line = new(3)
	line:attach()
	add_all(line, 1, 20)
	equal(sent, list(1, 3))

	line:ack(2)
	equal(sent, list(1, 5))
	line:ack(1)
	line:ack(0)
	equal(sent, list(1, 5))
	for number = 5, 20 do
		line:ack(number)
	end
	equal(sent, list(1, 20))
end)

test("ignores an ack for what was not sent", function (new, sent)
	local line = new(3)
	line:attach()
	line:ack(1000)
	add_all(line, 1, 4)

	line:ack(1000)

	equal(sent, list(1, 4))
	add_all(line, 5, 5)
	equal(sent, list(1, 5))
end)

test("sends again what was not acknowledged, with its number",
	function (new, sent)
	local line = new(3)
	line:attach()
	add_all(line, 1, 5)
	line:ack(1)
	line:detach()
	add_all(line, 6, 8)
	for i = #sent, 1, -1 do
		sent[i] = nil
	end

	line:attach()

	equal(sent, list(2, 4))
	for number = 2, 8 do
		line:ack(number)
	end
	equal(sent, list(2, 8))
end)

test("keeps all while nobody is there", function (new, sent)
	local line = new(3)
	add_all(line, 1, 100)
	equal(sent, {})

	line:attach()
	for number = 1, 100 do
		line:ack(number)
	end

	equal(sent, list(1, 100))
end)

test("has no more bytes in memory, and one text", function (new, sent)
	local line = new(100, nil, 5)
	add_all(line, 1, 9)
	equal(line.bytes, 6)

	line:attach()
	equal(sent, list(1, 3))
	line:ack(1)
	equal(sent, list(1, 4))
	add_all(line, 10, 10)
	for number = 2, 10 do
		line:ack(number)
		assert(line.bytes <= 7, line.bytes)
	end

	equal(sent, list(1, 10))
	equal(line.bytes, 0)
end)

test("sends one that is larger than all", function (new, sent)
	local line = new(100, nil, 1)
	line:attach()
	add_all(line, 1, 3)
	equal(sent, list(1, 1))

	line:ack(1)
	line:ack(2)

	equal(sent, list(1, 3))
end)

test("keeps order when the disk fills and drains", function (new, sent)
	local line, next_number = new(3), 1
	line:attach()
	for round = 1, 60 do
		local count = round % 7
		add_all(line, next_number, next_number + count)
		next_number = next_number + count + 1
		line:ack(#sent - round % 3)
	end
	while #sent < next_number - 1 do
		line:ack(#sent)
	end

	equal(sent, list(1, next_number - 1))
end)

test("counts what it loses", function (new, sent)
	local line = new(1, 40)
	line:attach()
	add_all(line, 1, 2)
	local kept = {}
	for number = 3, 9 do
		table.insert(kept, add(line, "t" .. number) or false)
	end
	equal(kept, { true, true, true, true, true, false, false })

	for number = 1, 7 do
		line:ack(number)
	end
	add(line, "t10")

	local wanted = list(1, 7)
	table.insert(wanted, "8:t10-2")
	equal(sent, wanted)
end)

test("counts a file that is gone, and goes on", function (new, sent, folder)
	local line = new(1)
	line:attach()
	add_all(line, 1, 40)
	assert(os.remove(folder .. "/q.1000000000"))

	line:ack(1)
	line:ack(2)
	unit.mentions(line.problem, "No such file")
	line:retry()
	equal(line.problem, nil)
	add(line, "last")
	for number = 3, 40 do
		line:ack(number)
	end

	unit.mentions(sent[#sent], ":last-1")
	unit.mentions(sent[#sent - 1], ":t40")
end)

test("tries again what it could not read", function (new, sent, folder)
	local line, first = new(1), folder .. "/q.1000000000"
	line:attach()
	add_all(line, 1, 40)
	assert(os.rename(first, folder .. "/kept"))
	assert(os.execute("mkdir '" .. first .. "'"))
	line:ack(1)
	line:ack(2)
	unit.mentions(line.problem, "directory")
	add_all(line, 41, 41)
	equal(sent, list(1, 2))
	assert(os.remove(first))
	assert(os.rename(folder .. "/kept", first))

	line:retry()
	equal(line.problem, nil)
	for number = 2, 40 do
		line:ack(number)
	end

	equal(sent, list(1, 41))
end)

test("goes on with what was there when it was closed", function (new, sent)
	local line = new(3)
	line:attach()
	add_all(line, 1, 12)
	line:ack(2)
	equal(line:close(), true)
	for i = #sent, 1, -1 do
		sent[i] = nil
	end

	line = new(3)
	add_all(line, 13, 14)
	line:attach()
	for number = 1, 12 do
		line:ack(number)
	end

	equal(sent, list(1, 12, 2))
end)

test("comes back after a crash with what was on disk", function (new, sent)
	local line = new(2)
	add_all(line, 1, 10)

	new(2):attach()

	assert(#sent == 2 and sent[1]:match("^1:t[2-5]$"), sent[1])
end)

-- Adds a text as a part of a whole that is not known yet.
local function add_part(line, whole, text)
	local before = whole.before or ""
	whole.before = before .. text
	line:add_sent(whole, #before + 1, #text)
end

test("keeps no whole that is mostly something else", function (new, sent)
	local line, whole, other = new(9), {}, {}
	local kept = setmetatable({ whole, other }, { __mode = "v" })
	line:attach()
	add_part(line, whole, "t1")
	add_part(line, other, "t2")
	add_part(line, whole, "t3")
	line:ack(1)
	whole.text, other.text = whole.before .. "12345", other.before .. "12"
	whole.queue:keep(whole)
	other.queue:keep(other)
	whole, other = nil, nil
	collectgarbage()

	equal({ kept[1] == nil, kept[2] == nil }, { true, false })
	line:detach()
	line:attach()
	equal(sent, { "2:t2", "3:t3" })
	equal(line.bytes, 4)
	line:ack(3)
	equal(line.bytes, 0)
end)

test("sends parts of a whole again, and keeps them on disk",
	function (new, sent)
		local line, whole = new(3), {}
		line:attach()
		equal(line:next_number(), 1)
		add_part(line, whole, "t1")
		add_part(line, whole, "t2")
		whole.text = whole.before .. "..."
		add(line, "t3")
		equal(sent, { "3:t3" })

		line:ack(1)
		line:detach()
		line:attach()
		equal(sent, { "3:t3", "2:t2", "3:t3" })

		line:close()
		line = new(3)
		line:attach()
		equal({ table.unpack(sent, 4) }, { "1:t2", "2:t3" })
	end)

test("lets what it sent at once grow while it is the last", function (new, sent)
	local line, whole = new(3, nil, 7), {}
	line:attach()
	add_part(line, whole, "t1")
	local number = line:add_sent(whole, 3, 2)
	equal(number, 2)

	equal(line:grow(1, 1), false)
	equal(line:grow(2, 1), true)
	equal(line.bytes, 5)
	whole.text = "t1t2+"
	line:detach()
	line:attach()
	equal(sent, { "1:t1", "2:t2+" })

	line:ack(2)
	equal({ line:grow(2, 1), line.bytes }, { false, 0 })
end)

test("flows while it may send at once", function (new)
	local line = new(2)
	equal(line:is_flowing(), false)
	line:attach()
	equal(line:is_flowing(), true)

	add_part(line, { text = "t1" }, "t1")
	add_part(line, { text = "t2" }, "t2")
	equal(line:is_flowing(), false)
	line:ack(1)
	equal(line:is_flowing(), true)
	line:ack(2)
	equal(line.bytes, 0)
end)

test("does not flow past its bytes, nor past what is on disk",
	function (new)
		local line = new(2, nil, 4)
		line:attach()
		add_part(line, { text = "1234" }, "1234")
		equal(line:is_flowing(), false)

		add(line, "t2")
		equal(line.spool:is_empty(), false)
		line:detach()
		line:ack(1)
		equal(line:is_flowing(), false)
	end)

unit.run()
