-- Lines of things that leave in the order in which they came, each when it has
-- been decided and all before it have.
--
-- Pure: no router is needed.

local line = {};
line.__index = line;

-- leave(entry) is called for each that leaves; it may add others.
function line.new(leave)
	return setmetatable({ leave = leave;
		-- By key: entries from first to last.
		lines = {} }, line);
end

-- Puts an entry, a table, at the end of the line of a key.
function line:join(key, entry)
	local own = self.lines[key] or { first = 1, last = 0, bytes = 0 };
	self.lines[key] = own;
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
		self.lines[key] = nil;
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
