#!/usr/bin/env lua5.4
-- A queue on disk.

local unit = dofile(arg[0]:match("^(.*)/") .. "/../lib/unit.lua")
local spool = unit.piece "spool"
local equal = unit.equal

-- A test with a folder, and a function that opens the spool in it.
local function test(name, func)
	unit.test(name, function ()
		unit.with_folder(function (folder)
			func(function (limit, segment)
				return spool.open(folder .. "/a%2eb.spool",
					limit or 1000000, segment)
			end, folder)
		end)
	end)
end

-- Takes all there is.
local function drain(queue)
	local texts = {}
	for text in queue.take, queue do
		table.insert(texts, text)
	end
	return texts
end

local function files(folder)
	local count = 0
	for name in require "lfs".dir(folder) do
		count = count + (name:sub(1, 1) == "." and 0 or 1)
	end
	return count
end

local function put(queue, ...)
	for _, text in ipairs { ... } do
		assert(queue:put(text))
	end
end

test("gives back texts in their order", function (open)
	local queue = open()
	put(queue, "one", "", "two\nlines\n", ("x"):rep(100000), "\0\255")

	equal(queue:is_empty(), false)
	equal(drain(queue), { "one", "", "two\nlines\n", ("x"):rep(100000),
		"\0\255" })
	equal(queue:is_empty(), true)
end)

test("takes while it puts", function (open)
	local queue = open(nil, 50)
	for number = 1, 200 do
		put(queue, "a" .. number, "b" .. number)
		local text, token = queue:take()
		equal(text, number % 2 == 1 and "a" .. (number + 1) // 2
			or "b" .. number // 2)
		queue:release(token)
	end
end)

test("removes files when all in them was released",
	function (open, folder)
	local queue = open(nil, 30)
	put(queue, "0123456789", "0123456789", "0123456789", "0123456789")
	local tokens = {}
	for _ = 1, 4 do
		local _, token = queue:take()
		table.insert(tokens, token)
	end
	equal(queue:take(), nil)
	assert(files(folder) >= 2)

	for _, token in ipairs(tokens) do
		queue:release(token)
	end

	equal(files(folder), 0)
	equal(queue.bytes, 0)
end)

test("keeps for the next time what was not released", function (open)
	local queue = open(nil, 30)
	put(queue, "one", "two", "three", "four", "five", "six", "seven")
	local _, token = queue:take()
	queue:take()
	queue:release(token)

	equal(drain(open()), { "one", "two", "three", "four", "five", "six",
		"seven" })
end)

test("begins the next time with what it was closed with",
	function (open, folder)
	local queue = open(nil, 30)
	put(queue, "one", "two", "three", "four", "five")
	queue:take()
	local _, token = queue:take()
	queue:take()
	queue:release(token)

	equal(queue:close { "zero", "one", "three" }, true)

	equal(drain(open()), { "zero", "one", "three", "four", "five" })
	assert(files(folder) > 0)
end)

test("closes again and again", function (open)
	for number = 5, 1, -1 do
		local queue = open()
		assert(queue:close { tostring(number) })
	end

	equal(drain(open()), { "1", "2", "3", "4", "5" })
end)

test("leaves nothing behind when there is nothing",
	function (open, folder)
	local queue = open()
	put(queue, "one")
	local _, token = queue:take()
	queue:release(token)

	equal(queue:close {}, true)

	equal(files(folder), 0)
	equal(open():take(), nil)
end)

test("takes no more than its share", function (open)
	local queue = open(100)
	put(queue, ("x"):rep(40))

	local good, problem = queue:put(("y"):rep(60))

	equal(good, nil)
	unit.mentions(problem, "share")
	put(queue, "z")
	local _, token = queue:take()
	queue:take()
	equal(queue:put(("y"):rep(60)), nil)
	queue:release(token)
end)

test("has room again when it was read", function (open)
	local queue = open(100)
	put(queue, ("x"):rep(60))
	local _, token = queue:take()
	queue:release(token)

	put(queue, ("y"):rep(60))

	equal(drain(queue), { ("y"):rep(60) })
end)

test("does not read a record that was cut", function (open, folder)
	put(open(nil, 10), "first of one file", "second of one file")
	for name in require "lfs".dir(folder) do
		if name:match("1000000000$") then
			local file = io.open(folder .. "/" .. name, "rb")
			local text = file:read("a")
			file:close()
			file = io.open(folder .. "/" .. name, "wb")
			file:write(text, "20\ncut")
			file:close()
		end
	end

	equal(drain(open()), { "first of one file", "second of one file" })
end)

test("reads past a file that is no spool", function (open, folder)
	local file = io.open(folder .. "/a%2eb.spool.0000000001", "wb")
	file:write("what is this?\n")
	file:close()
	put(open(), "one")

	equal(drain(open()), { "one" })
end)

-- Calls a function while no file can be opened to be read.
local function with_all_taken(func)
	local open = io.open
	io.open = function (path, mode)
		if mode == "rb" then
			return nil, path .. ": Too many open files", 24
		end
		return open(path, mode)
	end
	local good, problem = pcall(func)
	io.open = open
	assert(good, problem)
end

test("keeps what it cannot open, and takes it later",
	function (open, folder)
	put(open(nil, 10), "first of one file", "second of one file")
	local queue = open()

	with_all_taken(function ()
		local text, problem, gone = queue:take()
		equal({ text or false, gone or false }, { false, false })
		unit.mentions(problem, "Too many open files")
	end)

	equal(queue:is_empty(), false)
	equal(files(folder), 2)
	equal(drain(queue), { "first of one file", "second of one file" })
end)

test("keeps what it cannot read", function (open, folder)
	local first = folder .. "/a%2eb.spool.1000000000"
	put(open(nil, 10), "first of one file", "second of one file")
	local queue = open()
	assert(os.rename(first, folder .. "/kept"))
	assert(os.execute("mkdir '" .. first .. "'"))

	local _, problem = queue:take()

	unit.mentions(problem, "directory")
	assert(os.remove(first))
	assert(os.rename(folder .. "/kept", first))
	equal(drain(queue), { "first of one file", "second of one file" })
end)

test("keeps what it cannot open when it is closed", function (open)
	put(open(), "one", "two")
	local queue = open()
	queue:take()
	queue.segments[1].reader:close()
	queue.segments[1].reader = nil

	with_all_taken(function ()
		equal(queue:close { "one" }, true)
	end)

	equal(drain(open()), { "one", "one", "two" })
end)

test("says that a file is gone, and goes on", function (open, folder)
	put(open(nil, 10), "first of one file", "second of one file")
	local queue = open()
	assert(os.remove(folder .. "/a%2eb.spool.1000000000"))

	local text, problem, gone = queue:take()

	equal({ text or false, gone }, { false, true })
	unit.mentions(problem, "No such file")
	equal(drain(queue), { "second of one file" })
end)

test("says that a disk is full, and goes on when it is not",
	function (open, folder)
	local queue = open()
	os.execute("ln -s /dev/full '" .. folder
		.. "/a%2eb.spool.1000000000'")

	local good, problem = queue:put("lost")

	equal(good, nil)
	unit.mentions(problem, "No space left")
	put(queue, "kept")
	equal(drain(queue), { "kept" })
end)

-- Calls a function while the folder cannot be looked into.
local function with_unlisted(folder, func)
	assert(os.rename(folder, folder .. "-kept"))
	assert(os.execute("ln -s '" .. folder .. "' '" .. folder .. "'"))
	local good, problem = pcall(func)
	assert(os.remove(folder))
	assert(os.rename(folder .. "-kept", folder))
	assert(good, problem)
end

test("puts nothing before what it cannot list", function (open, folder)
	put(open(), "one", "two")
	local queue

	with_unlisted(folder, function ()
		queue = open()
		unit.mentions(queue.unlisted, "symbolic links")
		equal(queue:is_empty(), false)
		local good, problem = queue:put("lost")
		equal(good, nil)
		unit.mentions(problem, "symbolic links")
		equal(open():close { "lost" }, nil)
		equal(open():close {}, true)
	end)

	put(queue, "three")
	equal(drain(queue), { "one", "two", "three" })
end)

test("takes later what it cannot list now", function (open, folder)
	put(open(), "one")
	local queue

	with_unlisted(folder, function ()
		queue = open()
		local text, problem, gone = queue:take()
		equal({ text or false, gone or false }, { false, false })
		unit.mentions(problem, "symbolic links")
	end)

	equal(drain(queue), { "one" })
	equal(queue.unlisted, nil)
end)

test("is empty without its folder", function (open, folder)
	assert(os.remove(folder))
	equal(open():is_empty(), true)
	assert(require "lfs".mkdir(folder))
end)

test("says that it cannot write at all", function (open, folder)
	local queue = open()
	os.execute("rm -rf '" .. folder .. "'")

	equal(queue:put("lost"), nil)
	equal(queue:close { "lost" }, nil)
end)

unit.run()
