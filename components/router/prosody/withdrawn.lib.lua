-- What a component is to remove: by user, the ids.  Beyond a number of them the
-- oldest goes.
--
-- Pure: no router is needed.

local withdrawn = {};
withdrawn.__index = withdrawn;

-- Ids in one message: far less than a stanza may have.
local most_ids = 100;

local function by_number(a, b)
	return a.number < b.number;
end

-- What was saved, as a list of { user =, value = }, oldest first.
local function entries_of(saved)
	local list = {};
	for user, ids in pairs(saved or {}) do
		for value, number in pairs(ids) do
			table.insert(list, { user = user, value = value,
				number = number });
		end
	end
	table.sort(list, by_number);
	return list;
end

-- saved is what another has saved, or nil.
function withdrawn.new(most, saved)
	local self = setmetatable({ most = most, count = 0, gone = 0;
		-- By user and id, its number; by user, how many these are.
		users = {}, sizes = {};
		-- By number, from first to last: nothing where it was removed.
		order = {}, first = 1, last = 0 }, withdrawn);
	for _, entry in ipairs(entries_of(saved)) do
		self:add(entry.user, entry.value);
	end
	return self;
end

function withdrawn:save()
	return self.users;
end

function withdrawn:has(user, value)
	local ids = self.users[user];
	return ids ~= nil and ids[value] ~= nil;
end

-- Returns whether there was such an id.
function withdrawn:remove(user, value)
	if not self:has(user, value) then
		return false;
	end
	local ids, size = self.users[user], self.sizes[user] - 1;
	self.order[ids[value]] = nil;
	ids[value] = nil;
	self.count = self.count - 1;
	self.sizes[user] = size > 0 and size or nil;
	if size == 0 then
		self.users[user] = nil;
	end
	if self.count == 0 then
		self.first = self.last + 1;
	end
	return true;
end

local function remove_oldest(self)
	while not self.order[self.first] do
		self.first = self.first + 1;
	end
	local entry = self.order[self.first];
	self:remove(entry.user, entry.value);
	self.gone = self.gone + 1;
	return entry.user, entry.value;
end

-- Returns the user and the id that went for it, or nil.
function withdrawn:add(user, value)
	self:remove(user, value);
	self.last = self.last + 1;
	self.order[self.last] = { user = user, value = value };
	self.users[user] = self.users[user] or {};
	self.users[user][value] = self.last;
	self.sizes[user] = (self.sizes[user] or 0) + 1;
	self.count = self.count + 1;
	if self.count > self.most then
		return remove_oldest(self);
	end
end

-- Returns how many went until half of them were removed, once they are.
function withdrawn:recovered()
	local gone = self.gone;
	if gone > 0 and self.count <= self.most // 2 then
		self.gone = 0;
		return gone;
	end
end

-- All of them, as a list of { user =, ids = }, oldest first of each user.
function withdrawn:lists()
	local lists = {};
	for user, ids in pairs(self.users) do
		local values = {};
		for value in pairs(ids) do
			table.insert(values, value);
		end
		table.sort(values, function (a, b)
			return ids[a] < ids[b];
		end);
		for i = 1, #values, most_ids do
			table.insert(lists, { user = user, ids = table.move(
				values, i, math.min(i + most_ids - 1, #values),
				1, {}) });
		end
	end
	return lists;
end

return withdrawn;
