-- Lines of things that leave in the order in which they came, each when it has
-- been decided and all before it have.
--
-- Pure: no router is needed.

local line = {};
line.__index = line;
-- Those that are kept to be used again: most have one entry, and a table for
-- each would be garbage at once.
local most_spare = 100;

-- leave(entry) is called for each that leaves; it may add others.
function line.new(leave)
	return setmetatable({ leave = leave;
		-- By key: entries from first to last.
		lines = {}, spare = {}, count_spare = 0 }, line);
end

local function begin(self, key)
	local own = self.spare[self.count_spare];
	if own then
		self.spare[self.count_spare] = nil;
		self.count_spare = self.count_spare - 1;
	else
		own = { first = 1, last = 0, bytes = 0 };
	end
	self.lines[key] = own;
	return own;
end

local function finish(self, key, own)
	self.lines[key] = nil;
	if self.count_spare < most_spare and own.last < most_spare then
		own.first, own.last, own.bytes = 1, 0, 0;
		self.count_spare = self.count_spare + 1;
		self.spare[self.count_spare] = own;
	end
end

-- Puts an entry, a table, at the end of the line of a key.
function line:join(key, entry)
	local own = self.lines[key] or begin(self, key);
	own.last = own.last + 1;
	own[own.last] = entry;
end

-- Says how much memory an entry in the line of a key takes.
function line:weigh(key, entry, bytes)
	local own = self.lines[key];
	entry.bytes = bytes;
	own.bytes = own.bytes + bytes;
end

-- How much all in the line of a key do.
function line:bytes(key)
	local own = self.lines[key];
	return own and own.bytes or 0;
end

-- How many there are in the line of a key.
function line:length(key)
	local own = self.lines[key];
	return own and own.last - own.first + 1 or 0;
end

local function take(self, key)
	local own = self.lines[key];
	local entry = own and own[own.first];
	if not entry or not entry.decided then
		return nil;
	end
	own[own.first] = nil;
	own.first = own.first + 1;
	own.bytes = own.bytes - (entry.bytes or 0);
	if own.first > own.last then
		finish(self, key, own);
	end
	return entry;
end

-- Nothing is waited for any more but those before it.
function line:decide(key, entry)
	entry.decided = true;
	local first = take(self, key);
	while first do
		self.leave(first);
		first = take(self, key);
	end
end

return line;
