-- A queue of texts on disk that outlives the process.
--
-- It is kept in files of some size with growing numbers, each a row of
-- records: the length of the text in a line, the text, and a line feed.  A
-- file goes when all that was taken from it has been released, so that what
-- was taken but not released comes again after a crash.  A record that could
-- not be written in whole is the last of its file, and is not read.  While it
-- is not known what files there are, nothing is taken, nor put behind them.
--
-- Pure: it needs lfs, but no router.

local lfs = require "lfs";

local spool = {};
spool.__index = spool;

-- There is room before it for what comes back.
local first_number = 1000000000;
-- ENOENT, ENOTDIR
local no_such_file, not_a_folder = 2, 20;

local function path_of(self, number)
	return ("%s.%010d"):format(self.path, number);
end

local function add_segment(self, number, size)
	local segment = { number = number, size = size, read = 0, out = 0 };
	table.insert(self.segments, segment);
	table.sort(self.segments, function (a, b)
		return a.number < b.number;
	end);
	self.bytes = self.bytes + size;
	return segment;
end

-- The numbers of the files and their sizes, or nil and why.
local function look(folder, prefix)
	local sizes = {};
	for name in lfs.dir(folder) do
		local number = name:sub(1, #prefix + 1) == prefix .. "."
			and name:match("^%d%d%d%d%d%d%d%d%d%d$", #prefix + 2);
		if number then
			local size, problem, code = lfs.attributes(
				folder .. "/" .. name, "size");
			if not size and code ~= no_such_file then
				error(problem, 0);
			end
			sizes[tonumber(number)] = size;
		end
	end
	return sizes;
end

-- Finds what files there are, unless that is known.  Returns nil and why when
-- it cannot be told now.  Without its folder there are none.
local function list(self)
	if not self.unlisted then
		return true;
	end
	local folder, prefix = self.path:match("^(.*)/([^/]*)$");
	local _, _, code = lfs.attributes(folder, "mode");
	local good, sizes = true, {};
	if code ~= no_such_file and code ~= not_a_folder then
		good, sizes = pcall(look, folder, prefix);
	end
	if not good then
		self.unlisted = sizes;
		return nil, sizes;
	end
	self.unlisted = nil;
	for number, size in pairs(sizes) do
		add_segment(self, number, size);
	end
	return true;
end

-- Opens what is at a path, which is the beginning of the files' names.  limit
-- and segment_bytes say how much there may be in all and in one file.  unlisted
-- then says why it is not known what files there are, nil when it is.
function spool.open(path, limit, segment_bytes)
	local self = setmetatable({ path = path, limit = limit, bytes = 0,
		segment_bytes = segment_bytes
			or math.min(1024 * 1024, limit // 8),
		segments = {}, unlisted = "not yet" }, spool);
	list(self);
	return self;
end

local function close_reader(segment)
	if segment.reader then
		segment.reader:close();
		segment.reader = nil;
	end
end

local function close_files(segment)
	close_reader(segment);
	if segment.writer then
		segment.writer:close();
		segment.writer = nil;
	end
end

local function drop(self, segment)
	for i, other in ipairs(self.segments) do
		if other == segment then
			table.remove(self.segments, i);
			break;
		end
	end
	close_files(segment);
	os.remove(path_of(self, segment.number));
	self.bytes = self.bytes - segment.size;
end

-- A file of which nothing is left to be read or released.
local function drop_if_done(self, segment)
	if segment.read >= segment.size and segment.out == 0 then
		drop(self, segment);
	end
end

local function open_segment(self, number)
	local writer, problem = io.open(path_of(self, number), "wb");
	if not writer then
		return nil, problem;
	end
	local segment = add_segment(self, number, 0);
	segment.writer = writer;
	return segment;
end

-- The file to write to.
local function last_segment(self)
	local last = self.segments[#self.segments];
	if last and last.writer and last.size < self.segment_bytes then
		return last;
	elseif last and last.writer then
		last.writer:close();
		last.writer = nil;
	end
	return open_segment(self, last and last.number + 1 or first_number);
end

local function write(self, segment, text)
	local record = ("%d\n%s\n"):format(#text, text);
	local good, problem = segment.writer:write(record);
	if good then
		good, problem = segment.writer:flush();
	end
	if not good then
		-- What follows a broken record could not be read.
		segment.writer:close();
		segment.writer = nil;
		drop_if_done(self, segment);
		return nil, problem;
	end
	segment.size = segment.size + #record;
	self.bytes = self.bytes + #record;
	return true;
end

-- Adds a text.  Returns nil and why when it could not be kept.
function spool:put(text)
	local listed, why = list(self);
	if not listed then
		return nil, why;
	elseif self.bytes + #text + 16 > self.limit then
		return nil, "the share of the disk is used up";
	end
	local segment, problem = last_segment(self);
	if not segment then
		return nil, problem;
	end
	return write(self, segment, text);
end

-- A file that is ready to be read from there.
local function open_reader(self, segment)
	local problem, code;
	if not segment.reader then
		segment.reader, problem, code = io.open(
			path_of(self, segment.number), "rb");
	end
	if not segment.reader then
		return nil, problem, code == no_such_file;
	end
	return segment.reader:seek("set", segment.read);
end

-- The next record of a file, nil when there is none that is whole, nil and why
-- when it cannot be told, and then whether there is no such file any more.
local function read(self, segment)
	local good, problem, gone = open_reader(self, segment);
	if not good then
		return nil, problem, gone;
	end
	local line, text;
	line, problem = segment.reader:read("l");
	local length = line and line:match("^%d+$") and tonumber(line);
	if length then
		text, problem = segment.reader:read(length + 1);
	end
	if not text or #text ~= length + 1 or text:sub(-1) ~= "\n" then
		return nil, problem;
	end
	segment.read = segment.read + #line + 1 + #text;
	return text:sub(1, -2);
end

-- The oldest text that was not taken, and what to release it with; nil when
-- there is none; nil and why when it cannot be read now, and then whether that
-- file was given up, and all that was in it is lost.
function spool:take()
	local listed, why = list(self);
	if not listed then
		return nil, why;
	elseif not self.segments[1] then
		return nil;
	end
	for _, segment in ipairs { table.unpack(self.segments) } do
		local text, problem, gone;
		if segment.read < segment.size then
			text, problem, gone = read(self, segment);
		end
		if text then
			segment.out = segment.out + 1;
			return text, segment;
		elseif problem and not gone then
			close_reader(segment);
			return nil, problem;
		end
		-- There is nothing more in it that could be read.
		segment.read = segment.size;
		drop_if_done(self, segment);
		if gone then
			return nil, problem, true;
		end
	end
end

-- A text that was taken is not needed any more.
function spool:release(segment)
	segment.out = segment.out - 1;
	drop_if_done(self, segment);
end

-- Whether there is nothing to take.
function spool:is_empty()
	if self.unlisted then
		return false;
	elseif not self.segments[1] then
		return true;
	end
	for _, segment in ipairs(self.segments) do
		if segment.read < segment.size then
			return false;
		end
	end
	return true;
end

-- Writes texts to a file before all others.
local function put_before(self, texts)
	if not texts[1] then
		return true;
	end
	local first = self.segments[1];
	local segment, problem = open_segment(self,
		first and first.number - 1 or first_number);
	if not segment then
		return nil, problem;
	end
	for _, text in ipairs(texts) do
		local good;
		good, problem = write(self, segment, text);
		if not good then
			return nil, problem;
		end
	end
	return true;
end

-- Adds to a list what is left in a file.  Returns whether it could be read.
local function read_rest(self, segment, texts)
	local text, problem;
	repeat
		table.insert(texts, text);
		text, problem = nil, nil;
		if segment.read < segment.size then
			text, problem = read(self, segment);
		end
	until not text;
	return not problem;
end

-- Ends it.  Texts come first the next time, before what was never taken: they
-- are to include all that was taken and not released.  Returns nil and why
-- when they could not be written; what is on disk stays then.  A file that
-- cannot be read now comes again in whole.
function spool:close(texts)
	local listed, why = list(self);
	if not listed then
		return not texts[1] or nil, why;
	end
	local old, all = {}, { table.unpack(texts) };
	for _, segment in ipairs(self.segments) do
		if segment.read > 0 and read_rest(self, segment, all) then
			table.insert(old, segment);
		end
	end
	local good, problem = put_before(self, all);
	for _, segment in ipairs(good and old or {}) do
		drop(self, segment);
	end
	for _, segment in ipairs(self.segments) do
		close_files(segment);
	end
	return good, problem;
end

return spool;
