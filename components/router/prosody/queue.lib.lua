-- What a component is to be sent in order, until it acknowledges it.
--
-- At most window texts are on their way, with numbers that grow by one; as
-- many wait in memory, the others on disk.  From window_bytes on of both, which
-- one text may exceed, what comes goes to disk as well.  What finds no room is
-- lost, and counted.
--
-- Pure: no router is needed.

local queue = {};
queue.__index = queue;

-- send(number, text) sends a text.  spool is where there is room on disk.
function queue.new(window, window_bytes, spool, send)
	return setmetatable({
		window = window, spool = spool, send = send;
		-- How much is in memory, and from where on nothing more is.
		bytes = 0, most_bytes = window_bytes;
		-- By number: what is in memory, and what to release it with
		-- where it was on disk.  On their way are those after acked
		-- up to last, those after it up to tail wait.
		texts = {}, tokens = {}, acked = 0, last = 0, tail = 0;
		-- Where it is a part of what was sent: where that begins, and
		-- its length.
		firsts = {}, sizes = {};
		-- Whether the component is there.
		open = false;
		-- How many were lost since one was added: of a file that is
		-- gone it is not known how many, and it counts as one.
		lost = 0;
		-- Why what is on disk could not be read.
		problem = spool.unlisted;
	}, queue);
end

local function has_room(self)
	return self.tail - self.last < self.window
		and self.bytes < self.most_bytes;
end

local function push(self, text, token)
	self.bytes = self.bytes + #text;
	self.tail = self.tail + 1;
	self.texts[self.tail] = text;
	self.tokens[self.tail] = token;
end

local function text_of(self, number)
	local text, first = self.texts[number], self.firsts[number];
	return first and text.text:sub(first, first + self.sizes[number] - 1)
		or text;
end

-- What waits in memory is older than what is on disk.
local function fill(self)
	while has_room(self) do
		local text, token, gone = self.spool:take();
		self.problem = not text and token or nil;
		if not text then
			self.lost = self.lost + (gone and 1 or 0);
			return;
		end
		push(self, text, token);
	end
end

local function pump(self)
	while self.open and self.last - self.acked < self.window do
		if self.last == self.tail then
			fill(self);
		end
		if self.last == self.tail then
			return;
		end
		self.last = self.last + 1;
		self.send(self.last, self.texts[self.last]);
	end
end

-- Adds a text.  Returns nil and why when it is lost.
function queue:add(text)
	if has_room(self) and self.spool:is_empty() then
		push(self, text);
	else
		local good, problem = self.spool:put(text);
		if not good then
			self.lost = self.lost + 1;
			return nil, problem;
		end
	end
	self.lost = 0;
	pump(self);
	return true;
end

local function drop(self, number)
	local size, token = self.sizes[number], self.tokens[number];
	self.bytes = self.bytes - (size or #self.texts[number]);
	self.texts[number] = nil;
	if size then
		self.firsts[number], self.sizes[number] = nil, nil;
	end
	if token then
		self.tokens[number] = nil;
		self.spool:release(token);
	end
end

-- Whether a text would be sent at once.
function queue:is_flowing()
	return self.open and self.last == self.tail
		and self.last - self.acked < self.window
		and has_room(self) and self.spool:is_empty();
end

-- Adds a text that was sent at once, with queue:next_number(): size bytes from
-- first on of whole.text, which is set before the component is gone.  To keep a
-- text of its own costs a router more than to keep the whole.  whole.queue:keep
-- is to be called when it is set.  Returns its number.
function queue:add_sent(whole, first, size)
	self.tail = self.tail + 1;
	if not whole.queue then
		whole.queue, whole.number, whole.bytes = self, self.tail, 0;
	end
	whole.bytes = whole.bytes + size;
	self.last = self.tail;
	self.texts[self.tail] = whole;
	self.firsts[self.tail], self.sizes[self.tail] = first, size;
	self.bytes = self.bytes + size;
	self.lost = 0;
	return self.tail;
end

-- A text of a whole that is not set yet gets longer by some bytes.  Returns
-- whether it could, as it is the last and not acknowledged.
function queue:grow(number, bytes)
	if number ~= self.tail or number <= self.acked then
		return false;
	end
	local whole = self.texts[number];
	whole.bytes = whole.bytes + bytes;
	self.sizes[number] = self.sizes[number] + bytes;
	self.bytes = self.bytes + bytes;
	return true;
end

-- Keeps no whole that is for the most part something else: it would take memory
-- that is not counted.
function queue:keep(whole)
	if 2 * whole.bytes >= #whole.text then
		return;
	end
	for number = math.max(whole.number, self.acked + 1), self.last do
		if self.texts[number] == whole then
			self.texts[number] = text_of(self, number);
			self.firsts[number], self.sizes[number] = nil, nil;
		end
	end
end

-- One that there is no text of is lost.
function queue:lose()
	self.lost = self.lost + 1;
end

-- The number of what is added next.
function queue:next_number()
	return self.tail + 1;
end

-- The component has all up to a number.
function queue:ack(number)
	while self.acked < number and self.acked < self.last do
		self.acked = self.acked + 1;
		drop(self, self.acked);
	end
	pump(self);
end

-- The component is there: all that it has not acknowledged comes again.
function queue:attach()
	self.open = true;
	for number = self.acked + 1, self.last do
		self.send(number, text_of(self, number));
	end
	pump(self);
end

-- To be called now and then while there is a problem.
function queue:retry()
	pump(self);
end

function queue:detach()
	self.open = false;
end

-- Ends it: all goes to disk.  Returns nil and why when that failed, and how
-- many are lost then.
function queue:close()
	local texts = {};
	for number = self.acked + 1, self.tail do
		table.insert(texts, text_of(self, number));
	end
	local good, problem = self.spool:close(texts);
	return good, problem, good and 0 or #texts;
end

return queue;
